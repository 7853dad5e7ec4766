// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "facesearch/core/limits.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// The name of the format that the first bytes are of, whatever the file is called: "JPEG", "PNG", "WebP",
/// "HEIC", "AVIF". Empty for any other.
std::string_view format_of(std::span<const std::uint8_t> bytes);

/// For help and error texts: "JPEG, PNG, WebP, HEIC, AVIF".
std::string format_names();

/// For help texts: ".jpg, .jpeg, .jpe, .jfif, .png, .webp, .heic, .heif, .hif, .avif".
std::string picture_extensions();

/// True for one of them, in any case of letters.
bool is_picture_extension(std::string_view extension);

/// Decodes a picture of one of these formats and turns it upright: by its EXIF orientation (1–8), HEIC and
/// AVIF by their own boxes. Checked in this order: bytes, format, sides and pixels (from the header),
/// decoding. An animated WebP or APNG gives its first frame, a HEIC or AVIF its primary picture. No thread
/// but a codec's own, no output, no state but the loaded module.
///
/// `modules` is the folder of facesearch-heif.so, which HEIC and AVIF need. It has no default: a caller that
/// forgot it would refuse these two alone.
///
/// Throws Error(kImageTooLarge) with reason IMAGE_TOO_MANY_BYTES, IMAGE_SIDE_TOO_LONG or
/// IMAGE_TOO_MANY_PIXELS; Error(kImageUnsupported) with reason IMAGE_EMPTY, IMAGE_FORMAT_UNKNOWN,
/// IMAGE_DECODER_MISSING or IMAGE_UNDECODABLE (truncated and damaged files too); std::bad_alloc where there
/// is not enough memory.
Image decode(std::span<const std::uint8_t> bytes, const ImageLimits& limits,
             const std::filesystem::path& modules);

/// A picture for the detector, upright.
struct Picture {
  Image image;
  Reduction reduction;  ///< the sides of the picture, upright, and what `image` is of it
};

/// As decode(). But where `limits` have no fewer pixels than ImageLimits' own, a JPEG with more is decoded
/// reduced, to 16,777,216 pixels at most: that limit is there for memory, one that was lowered is a rule. A
/// progressive JPEG, whose coefficients must all be in memory, is reduced if these take 400 MB at most.
Picture decode_reduced(std::span<const std::uint8_t> bytes, const ImageLimits& limits,
                       const std::filesystem::path& modules);

}  // namespace facesearch

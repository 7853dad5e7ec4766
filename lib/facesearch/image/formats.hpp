// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "facesearch/core/limits.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

/// A picture as its file stores it, and the EXIF orientation (1–8) that turns it upright.
struct StoredPicture {
  Image image;
  int orientation = 1;
  Reduction reduction{};  ///< as stored
};

/// What decode_jpeg does with more pixels than the limit: refuses, or decodes them reduced.
enum class Large : std::uint8_t { kRefuse, kReduce };

/// The decoders, for decode() only. Each calls check_sides with the header's sides before it allocates
/// pixels, and throws as decode(). Colour profiles and gamma are ignored.
StoredPicture decode_jpeg(std::span<const std::uint8_t> bytes, const ImageLimits& limits, Large large);
StoredPicture decode_png(std::span<const std::uint8_t> bytes, const ImageLimits& limits);
StoredPicture decode_webp(std::span<const std::uint8_t> bytes, const ImageLimits& limits);

/// Throws Error(kImageTooLarge, IMAGE_SIDE_TOO_LONG).
void check_longest(std::uint64_t width, std::uint64_t height, const ImageLimits& limits);

/// As check_longest, and Error(kImageTooLarge, IMAGE_TOO_MANY_PIXELS). `why` follows the detail.
void check_sides(std::uint64_t width, std::uint64_t height, const ImageLimits& limits,
                 std::string_view why = "");

/// Throws Error(kImageUnsupported, IMAGE_UNDECODABLE): "the <format> picture cannot be decoded: <why>".
[[noreturn]] void throw_undecodable(const char* format, const std::string& why);

/// A white picture. Both sides are at least 1 and have passed check_sides.
Image white_image(std::uint32_t width, std::uint32_t height);

/// `count` pixels of RGBA to as many of RGB.
void compose_on_white(const std::uint8_t* rgba, std::size_t count, std::uint8_t* rgb) noexcept;

}  // namespace facesearch

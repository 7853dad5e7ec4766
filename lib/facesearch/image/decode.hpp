// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "facesearch/core/limits.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

enum class ImageFormat : std::uint8_t { kJpeg, kPng, kWebp };

/// What the first bytes say, whatever the file was called.
std::optional<ImageFormat> format_of(std::span<const std::uint8_t> bytes) noexcept;

/// Decodes a JPEG, PNG or WebP picture and turns it upright by its EXIF orientation (1–8, in all
/// three formats). Checked in this order: bytes, format, sides and pixels (from the header), decoding.
/// An animated WebP or APNG gives its first frame. No thread, no global state, no output.
///
/// Throws Error(kImageTooLarge) with reason IMAGE_TOO_MANY_BYTES, IMAGE_SIDE_TOO_LONG or
/// IMAGE_TOO_MANY_PIXELS; Error(kImageUnsupported) with reason IMAGE_EMPTY, IMAGE_FORMAT_UNKNOWN or
/// IMAGE_UNDECODABLE (truncated and damaged files too); std::bad_alloc where there is not enough memory.
Image decode(std::span<const std::uint8_t> bytes, const ImageLimits& limits);

}  // namespace facesearch

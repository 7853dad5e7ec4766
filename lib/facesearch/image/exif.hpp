// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

#include "facesearch/image/image.hpp"

namespace facesearch {

/// The orientation (1–8) that EXIF data gives in its first directory; 1 where it is missing, damaged or out
/// of range. `exif` begins with the TIFF header ("II" or "MM"), or with "Exif\0\0" before it.
int exif_orientation(std::span<const std::uint8_t> exif) noexcept;

/// The upright picture of one stored with `orientation` (1–8).
Image upright(Image stored, int orientation);

}  // namespace facesearch

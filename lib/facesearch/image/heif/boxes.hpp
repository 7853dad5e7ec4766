// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

#include "facesearch/core/limits.hpp"

namespace facesearch {

/// How a picture is coded.
struct HeifCoding {
  std::uint64_t largest_part = 0;  ///< pixels of the largest part that is decoded alone, such as a tile
  bool av1 = true;                 ///< all of it; false: some or all is HEVC
};

/// Reads the boxes of a HEIF file and how large its pictures are coded; allocates no pixels. `format` is for
/// the error's words. Throws as check_sides by the primary picture's sides, before all else; and
/// Error(kImageUnsupported, IMAGE_UNDECODABLE) where boxes are damaged, data of the picture lies outside the
/// file, pictures are coded as neither HEVC nor AV1, or decoding would take many more pixels than the limit.
HeifCoding check_heif(std::span<const std::uint8_t> file, const ImageLimits& limits, const char* format);

}  // namespace facesearch

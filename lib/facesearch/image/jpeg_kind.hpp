// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

namespace facesearch {

/// Refuses the kinds of JPEG that are not decoded, by the marker of the frame: 12 bits, lossless,
/// hierarchical, arithmetic coding, JPEG-LS. Throws Error(kImageUnsupported, IMAGE_FORMAT_UNKNOWN). A file
/// that is cut off before its frame is left to the decoder.
void require_known_jpeg(std::span<const std::uint8_t> file);

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace facesearch::contract {

/// Reads the text of a picture: RFC 4648 base64, standard alphabet, padded, with or without a
/// `data:image/…;base64,` prefix (any case). Spaces and line ends between the digits are skipped
/// (`base64 photo.jpg` wraps its lines); everything else is refused, non-zero bits in the padding too. May be
/// empty. Throws Error(kImageInvalid, INVALID_BASE64) that says what is wrong and where, never what stands
/// there.
std::vector<std::uint8_t> decode_picture_text(std::string text);

}  // namespace facesearch::contract

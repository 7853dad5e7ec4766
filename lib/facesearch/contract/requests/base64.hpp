// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/core/error.hpp"

namespace facesearch::contract {

/// A member of a request that holds base64, and what it is refused as.
struct Base64Member {
  std::string_view name;
  Cause cause;
  std::string_view reason;
};

/// RFC 4648 base64, standard alphabet, padded, from the text's character `first` on. Line ends, and blanks
/// at either end of a line, are skipped (`base64 photo.jpg` wraps its lines); everything else is refused,
/// non-zero bits in the padding too. May be empty. Throws the member's Error, which says what is wrong and
/// where, never what stands there.
std::vector<std::uint8_t> decode_base64(std::string text, std::size_t first, const Base64Member& member);

/// The text of a picture: base64 with or without a `data:…;base64,` prefix (any case, any type).
/// Throws Error(kImageInvalid, INVALID_BASE64).
std::vector<std::uint8_t> decode_picture_text(std::string text);

/// On one line, padded.
std::string encode_base64(std::span<const std::uint8_t> bytes);

}  // namespace facesearch::contract

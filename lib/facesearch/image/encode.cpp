// SPDX-License-Identifier: MIT
#include "facesearch/image/encode.hpp"

namespace facesearch {

Encoder encoder_for(std::string_view extension) {
  std::string lower(extension);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  if (lower == ".jpg" || lower == ".jpeg") return encode_jpeg;
  return lower == ".png" ? encode_png : nullptr;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/core/utf8.hpp"

#include <utf8.h>

namespace facesearch {

bool is_utf8(std::string_view text) {
  return utf8::is_valid(text.begin(), text.end());
}

}  // namespace facesearch

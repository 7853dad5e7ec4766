// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace facesearch {

/// True if the text is UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing over U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace facesearch

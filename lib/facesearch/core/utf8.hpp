// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace facesearch {

/// True if the text is UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing over U+10FFFF.
bool is_utf8(std::string_view text);

/// The text in Unicode's normal form C: two texts that look the same everywhere are equal then. What is not
/// UTF-8 stays as it is.
std::string composed(std::string_view text);

/// The text without differences of case, accents and width, to be compared: "ÅSA" and "asa" are equal then,
/// and "Straße" and "STRASSE". What is not UTF-8 stays as it is.
std::string folded(std::string_view text);

/// The text without what acts on a terminal: control characters, marks that turn the direction of writing,
/// and bytes that are no UTF-8 become \n, \t, \xNN (a byte) or \u{NNNN}. Of what is printable nothing
/// changes.
std::string printable(std::string_view text);

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
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

/// The characters of a text; a byte that is no UTF-8 is U+FFFD.
std::u32string characters(std::string_view text);

/// True for what takes no place of its own: marks on other characters, and controls.
bool is_combining(char32_t character);

/// How many columns of a terminal a printable text takes: two for a wide character, as those of Chinese, none
/// for a combining one.
std::size_t display_width(std::string_view text);

/// A printable text that takes at most `columns`, which is at least 1; one that is cut ends with "…".
std::string cut_to_width(std::string_view text, std::size_t columns);

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace facesearch {

/// A character in black and white: 16 rows of 8 or 16 pixels, the leftmost in the highest bit.
struct Glyph {
  static constexpr int kHeight = 16;

  int width = 0;
  std::array<std::uint16_t, kHeight> rows{};
};

/// A font of GNU Unifont's hex format: a line a character, "0041:" and its pixels as hexadecimal digits,
/// ascending by characters.
class BitmapFont {
 public:
  /// `text`: the bytes of the file. It is not checked: what cannot be read has no glyph.
  explicit BitmapFont(std::string text) : text_(std::move(text)) {}

  std::optional<Glyph> glyph(char32_t character) const;

  /// A line of text as characters side by side: combining marks are merged into what they stand on, Hebrew
  /// and Arabic are put from right to left (letters are not joined), and what the font lacks is a replacement
  /// character. What is not UTF-8 is one, too.
  std::vector<Glyph> line(const std::string& text) const;

 private:
  std::string text_;
};

/// Pixels that glyphs side by side take.
int width_of(const std::vector<Glyph>& line);

}  // namespace facesearch

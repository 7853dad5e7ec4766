// SPDX-License-Identifier: MIT
#include "facesearch/image/bitmap_font.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "facesearch/core/utf8.hpp"

namespace facesearch {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// The number that hexadecimal digits are; none where there are others.
std::optional<std::uint32_t> hex_number(std::string_view digits) {
  std::uint32_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value, 16);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

std::optional<Glyph> glyph_of(std::string_view digits) {
  constexpr std::size_t kNarrow = std::size_t{2} * Glyph::kHeight;  // two digits a row
  if (digits.size() != kNarrow && digits.size() != 2 * kNarrow) return std::nullopt;
  const std::size_t a_row = digits.size() / Glyph::kHeight;
  Glyph glyph;
  glyph.width = static_cast<int>(4 * a_row);
  for (std::size_t y = 0; y < glyph.rows.size(); ++y) {
    const auto row = hex_number(digits.substr(y * a_row, a_row));
    if (!row) return std::nullopt;
    glyph.rows[y] = static_cast<std::uint16_t>(*row << static_cast<unsigned>(16 - glyph.width));
  }
  return glyph;
}

bool is_right_to_left(char32_t character) {
  return (character >= 0x590 && character <= 0x8FF) || (character >= 0xFB1D && character <= 0xFDFF) ||
         (character >= 0xFE70 && character <= 0xFEFF);
}

// Joins a mark and what it stands on. The font has marks of 8 columns for letters of 8, and such as begin in
// the middle of a wide one.
void merge(Glyph& base, const Glyph& mark) {
  for (std::size_t y = 0; y < base.rows.size(); ++y) {
    base.rows[y] = static_cast<std::uint16_t>(base.rows[y] | mark.rows[y]);
  }
  base.width = std::max(base.width, mark.width);
}

struct Placed {
  Glyph glyph;
  bool right_to_left = false;
};

// Turns around each run that is written from right to left; spaces between such words are part of it.
void order_for_display(std::vector<Placed>& line, const std::vector<bool>& is_space) {
  for (std::size_t begin = 0; begin < line.size(); ++begin) {
    if (!line[begin].right_to_left) continue;
    std::size_t end = begin + 1;
    for (std::size_t at = end; at < line.size() && (line[at].right_to_left || is_space[at]); ++at) {
      if (line[at].right_to_left) end = at + 1;
    }
    std::reverse(line.begin() + static_cast<std::ptrdiff_t>(begin),
                 line.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
}

}  // namespace

std::optional<Glyph> BitmapFont::glyph(char32_t character) const {
  std::string_view left = text_;
  while (!left.empty()) {
    // The line that the middle is in.
    const std::size_t before = left.substr(0, left.size() / 2).rfind('\n');
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t end = std::min(left.find('\n', begin), left.size());
    const std::string_view line = left.substr(begin, end - begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto found = hex_number(line.substr(0, colon));
    if (!found) return std::nullopt;
    if (*found == character) return glyph_of(line.substr(colon + 1));
    left = *found > character ? left.substr(0, begin) : left.substr(std::min(end + 1, left.size()));
  }
  return std::nullopt;
}

std::vector<Glyph> BitmapFont::line(const std::string& text) const {
  std::vector<Placed> placed;
  std::vector<bool> is_space;
  for (const char32_t character : characters(composed(text))) {
    auto found = glyph(character);
    if (is_combining(character)) {
      if (found && !placed.empty()) merge(placed.back().glyph, *found);
      continue;
    }
    if (!found) found = glyph(kReplacement);
    if (!found) continue;
    placed.push_back({*found, is_right_to_left(character)});
    is_space.push_back(character == U' ');
  }
  order_for_display(placed, is_space);
  std::vector<Glyph> line;
  line.reserve(placed.size());
  for (const Placed& each : placed) line.push_back(each.glyph);
  return line;
}

int width_of(const std::vector<Glyph>& line) {
  int width = 0;
  for (const Glyph& glyph : line) width += glyph.width;
  return width;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/image/draw.hpp"

#include <algorithm>
#include <set>

#include "catch.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/image/bitmap_font.hpp"

using namespace facesearch;

namespace {

// An A of one column, a wide character, a mark, letters of Hebrew, and what stands for all else; ascending.
std::string hex_font() {
  const auto line = [](const char* character, const std::string& row) {
    std::string text = character;
    text += ':';
    for (int y = 0; y < Glyph::kHeight; ++y) text += row;
    return text + '\n';
  };
  return line("0020", "00") + line("0041", "80") + line("0308", "01") + line("05D0", "10") +
         line("05D1", "20") + line("4E00", "8001") + line("FFFD", "FF");
}

Image grey(int width, int height) {
  return {
      width, height,
      std::vector<std::uint8_t>(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 128)};
}

std::set<std::array<int, 3>> colours_of(const Image& image) {
  std::set<std::array<int, 3>> all;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    all.insert({image.pixels[i], image.pixels[i + 1], image.pixels[i + 2]});
  }
  return all;
}

std::vector<unsigned> first_rows(const std::vector<Glyph>& line) {
  std::vector<unsigned> rows;
  for (const Glyph& glyph : line) rows.push_back(glyph.rows[0]);
  return rows;
}

}  // namespace

TEST_CASE("a font of hex lines", "[draw]") {
  const BitmapFont font(hex_font());
  CHECK(font.glyph(U'A')->width == 8);
  CHECK(font.glyph(U'A')->rows[15] == 0x8000);
  CHECK(font.glyph(0x4E00)->width == 16);
  CHECK(font.glyph(0x4E00)->rows[0] == 0x8001);
  for (const char32_t missing : {char32_t{0}, U'B', char32_t{0x4E01}, char32_t{0x10FFFF}})
    CHECK_FALSE(font.glyph(missing));
}

TEST_CASE("a damaged font has no glyph, and ends nothing", "[draw]") {
  for (const std::string text :
       {"", "\n", ":", "0041", "0041:\n", "0041:zz\n", "x:80\n", "\n\n\n", "0041:80"}) {
    CAPTURE(text);
    CHECK_FALSE(BitmapFont(text).glyph(U'A'));
    CHECK(BitmapFont(text).line("A").empty());
  }
  const std::string whole = hex_font();
  for (std::size_t size = 0; size < whole.size(); ++size)
    (void)BitmapFont(whole.substr(0, size)).line("A\u4E00\u05D0");
}

TEST_CASE("a line is in the order in which it is seen", "[draw]") {
  const BitmapFont font(hex_font());
  using Rows = std::vector<unsigned>;
  CHECK(first_rows(font.line("A\u4E00")) == Rows{0x8000, 0x8001});
  CHECK(first_rows(font.line("\u4E00\u0308")) == Rows{0x8101});
  CHECK(first_rows(font.line("\u0308")).empty());
  CHECK(first_rows(font.line("\u05D0\u05D1")) == Rows{0x2000, 0x1000});
  CHECK(first_rows(font.line("A \u05D0 \u05D1 A")) == Rows{0x8000, 0, 0x2000, 0, 0x1000, 0, 0x8000});
  CHECK(first_rows(font.line("Z\xFF\U0001F600")) == Rows{0xFF00, 0xFF00, 0xFF00});
  CHECK(width_of(font.line("A\u4E00")) == 24);
}

TEST_CASE("a box, points and a label are drawn, and nothing else is touched", "[draw]") {
  const BitmapFont font(hex_font());
  Image image = grey(200, 200);
  const std::vector<FaceMark> marks{{{50, 80, 60, 60}, {{80, 110}}, "A", {10, 200, 30}}};
  draw_marks(image, marks, font);
  const auto at = [&](int x, int y) {
    return std::array<int, 3>{image.at(x, y)[0], image.at(x, y)[1], image.at(x, y)[2]};
  };
  const std::array<int, 3> colour{10, 200, 30};
  const std::array<int, 3> background{128, 128, 128};
  CHECK(at(50, 100) == colour);
  CHECK(at(109, 100) == colour);
  CHECK(at(80, 80) == colour);
  CHECK(at(80, 139) == colour);
  CHECK(at(80, 110) == colour);
  CHECK(at(95, 125) == background);
  CHECK(at(20, 20) == background);
  CHECK(at(50, 60) == std::array<int, 3>{255, 255, 255});  // the letter, above the box
  CHECK(colours_of(image).size() == 4);                    // with the black of edges
}

TEST_CASE("whatever is drawn stays inside of the picture", "[draw]") {
  const BitmapFont font(hex_font());
  const std::string longest(500, 'A');
  for (const auto& [width, height] : {std::pair{1, 1}, {3, 200}, {200, 3}, {64, 64}, {2000, 20}}) {
    for (const Box& box :
         {Box{0, 0, 1, 1}, Box{-50, -50, 1000, 1000}, Box{1e9, -1e9, 1e12, 3}, Box{5, 5, -3, -3}}) {
      for (const std::string& label : {std::string(), std::string("A"), longest}) {
        Image image = grey(width, height);
        const std::size_t size = image.pixels.size();
        draw_marks(image, std::vector<FaceMark>{{box, {{-9, -9}, {1e9, 1e9}, {0, 0}}, label, {1, 2, 3}}},
                   font);
        CHECK(image.pixels.size() == size);
      }
    }
  }
}

TEST_CASE("labels of faces side by side do not cover each other", "[draw]") {
  const BitmapFont font(hex_font());
  const std::string wide(12, 'A');
  const auto letters = [&](std::vector<FaceMark> marks) {
    Image image = grey(300, 300);
    draw_marks(image, marks, font);
    std::size_t white = 0;
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) white += image.pixels[i] == 255 ? 1U : 0U;
    return white;
  };
  const FaceMark first{{100, 100, 40, 40}, {}, wide, {0, 0, 0}};
  const FaceMark second{{150, 100, 40, 40}, {}, wide, {0, 0, 0}};
  CHECK(letters({first, second}) == 2 * letters({first}));
}

TEST_CASE("two pictures side by side", "[draw]") {
  const SideBySide both = side_by_side(grey(10, 40), grey(30, 12));
  CHECK(both.scale_of_a == 1);
  CHECK(both.scale_of_b == 3);
  CHECK(both.offset_of_b == 14);
  CHECK(both.image.width == 14 + 90);
  CHECK(both.image.height == 40);
  CHECK(both.image.at(9, 39)[0] == 128);
  CHECK(both.image.at(12, 0)[0] == 255);
  CHECK(both.image.at(103, 35)[0] == 128);
  CHECK(both.image.at(103, 36)[0] == 255);
  CHECK(side_by_side(grey(16'000, 1), grey(1, 16)).scale_of_a == 1);
}

TEST_CASE("two pictures side by side are within the limits of a picture", "[draw]") {
  constexpr ImageLimits kLimits;
  const auto check = [&](const Image& a, const Image& b) {
    const SideBySide both = side_by_side(a, b);
    CAPTURE(a.width, a.height, b.width, b.height, both.image.width, both.image.height);
    CHECK(static_cast<unsigned>(std::max(both.image.width, both.image.height)) <= kLimits.max_side);
    CHECK(both.image.pixels.size() <= 3 * kLimits.max_pixels);
    CHECK(both.image.at(both.offset_of_b - 1, 0)[0] == 255);
    CHECK(both.image.at(both.offset_of_b, 0)[0] == 128);
    CHECK(both.image.at(both.image.width - 1, 0)[0] == 128);
    return std::pair(both.scale_of_a, both.scale_of_b);
  };
  using Scales = std::pair<double, double>;
  // The lower one could be enlarged 8 times: as high, and 327 megapixels.
  CHECK(check(grey(3000, 16'384), grey(2048, 2048)) == Scales{1 / 2.0, 2});
  CHECK(check(grey(5000, 7000), grey(400, 500)) == Scales{1, 5});  // not 8 times
  CHECK(check(grey(16'384, 300), grey(2048, 2048)) == Scales{1 / 2.0, 1});
  CHECK(check(grey(16'384, 100), grey(100, 100)) == Scales{1 / 2.0, 1});
  CHECK(check(grey(16'384, 100), grey(100, 16'384)) == Scales{1 / 3.0, 1 / 3.0});
  CHECK(check(grey(16'384, 1), grey(16'384, 1)) == Scales{1 / 3.0, 1 / 3.0});
}

TEST_CASE("of two wide pictures side by side a pixel is the mean of those it stands for", "[draw]") {
  Image stripes = grey(16'384, 2);
  for (std::size_t i = 0; i < stripes.pixels.size(); ++i) stripes.pixels[i] = i / 3 % 2 == 0 ? 0 : 255;
  const Image joined = side_by_side(stripes, stripes).image;
  CHECK(joined.at(0, 0)[0] == 85);
  CHECK(joined.at(1, 0)[1] == 170);
  CHECK(joined.at(5461, 0)[2] == 255);  // the last one: of a single column
}

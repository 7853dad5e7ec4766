// SPDX-License-Identifier: MIT
#include "facesearch/image/draw.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

namespace facesearch {
namespace {

constexpr Colour kEdge{0, 0, 0};
constexpr Colour kLetter{255, 255, 255};

// Columns and rows from the first to one after the last.
struct Rectangle {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  bool meets(const Rectangle& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

std::uint8_t* pixel(Image& image, int x, int y) {
  return image.pixels.data() + 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                                    static_cast<std::size_t>(x));
}

// What of it is inside the picture.
void fill(Image& image, Rectangle area, const Colour& colour) {
  area.left = std::max(area.left, 0);
  area.top = std::max(area.top, 0);
  area.right = std::min(area.right, image.width);
  area.bottom = std::min(area.bottom, image.height);
  for (int y = area.top; y < area.bottom; ++y) {
    for (int x = area.left; x < area.right; ++x) {
      std::uint8_t* to = pixel(image, x, y);
      to[0] = colour.red;
      to[1] = colour.green;
      to[2] = colour.blue;
    }
  }
}

// A frame along the edge of `area`, `width` pixels outwards and inwards.
void frame(Image& image, const Rectangle& area, int width, const Colour& colour) {
  const int left = area.left - width;
  const int right = area.right + width;
  fill(image, {left, area.top - width, right, area.top + width}, colour);
  fill(image, {left, area.bottom - width, right, area.bottom + width}, colour);
  fill(image, {left, area.top - width, area.left + width, area.bottom + width}, colour);
  fill(image, {area.right - width, area.top - width, right, area.bottom + width}, colour);
}

// A coordinate that is on the picture, or a little beside it. (A box may be anywhere.)
int on_grid(double coordinate, int side) {
  return static_cast<int>(std::lround(std::clamp(coordinate, -1.0, side + 1.0)));
}

Rectangle grid_of(const Image& image, const Box& box) {
  return {on_grid(box.x, image.width), on_grid(box.y, image.height), on_grid(box.x + box.width, image.width),
          on_grid(box.y + box.height, image.height)};
}

// Draws the marks of one picture, of which it knows the size of lines and letters.
class Pen {
 public:
  Pen(Image& image, const BitmapFont& font)
      : image_(image),
        font_(font),
        line_(std::max(1, std::max(image.width, image.height) / 700)),
        letter_(std::max(1, std::max(image.width, image.height) / 800)) {}

  void box(const FaceMark& mark) {
    const Rectangle area = grid_of(image_, mark.box);
    frame(image_, area, 2 * line_, kEdge);
    frame(image_, area, line_, mark.colour);
  }

  void points(const FaceMark& mark) {
    const int size = std::max(line_, static_cast<int>(mark.box.width / 60));
    for (const Point& point : mark.points) {
      const int x = on_grid(point.x, image_.width);
      const int y = on_grid(point.y, image_.height);
      fill(image_, {x - size - line_, y - size - line_, x + size + line_, y + size + line_}, kEdge);
      fill(image_, {x - size, y - size, x + size, y + size}, mark.colour);
    }
  }

  void label(const FaceMark& mark) {
    std::vector<Glyph> line = font_.line(mark.label);
    const int margin = 2 * letter_;
    if (line.empty()) return;
    while (line.size() > 1 && width_of(line) * letter_ + 2 * margin > image_.width) line.pop_back();
    const int width = width_of(line) * letter_ + 2 * margin;
    const int height = Glyph::kHeight * letter_ + 2 * margin;
    const Rectangle place = place_for(grid_of(image_, mark.box), width, height);
    taken_.push_back(place);
    fill(image_, place, kEdge);
    fill(image_, {place.left, place.bottom - letter_, place.right, place.bottom}, mark.colour);
    int x = place.left + margin;
    for (const Glyph& glyph : line) {
      letter(glyph, x, place.top + margin);
      x += glyph.width * letter_;
    }
  }

 private:
  // Above the box, below it, inside at its top or its bottom: the first that meets no other label.
  Rectangle place_for(const Rectangle& box, int width, int height) const {
    const int gap = 2 * line_;
    const auto at = [&](int top) -> Rectangle {
      const int left = std::max(0, std::min(box.left - gap, image_.width - width));
      const int inside = std::max(0, std::min(top, image_.height - height));
      return {left, inside, left + width, inside + height};
    };
    const std::array<int, 4> tops{box.top - gap - height, box.bottom + gap, box.top + gap,
                                  box.bottom - gap - height};
    for (const int top : tops) {
      const Rectangle place = at(top);
      const bool moved = place.top != top;
      if (!moved && std::ranges::none_of(taken_, [&](const Rectangle& other) { return place.meets(other); }))
        return place;
    }
    return at(tops.front());
  }

  void letter(const Glyph& glyph, int left, int top) {
    for (int y = 0; y < Glyph::kHeight; ++y) {
      for (int x = 0; x < glyph.width; ++x) {
        if ((glyph.rows[static_cast<std::size_t>(y)] >> static_cast<unsigned>(15 - x) & 1U) == 0) continue;
        const int column = left + x * letter_;
        const int row = top + y * letter_;
        fill(image_, {column, row, column + letter_, row + letter_}, kLetter);
      }
    }
  }

  Image& image_;
  const BitmapFont& font_;
  int line_;    // half a line's width, in pixels
  int letter_;  // pixels for one of a letter
  std::vector<Rectangle> taken_;
};

// How often it fits into the height. No side grows over what a picture may have.
int factor_to(const Image& image, int height) {
  constexpr int kMost = 8;
  constexpr int kLongestSide = 16'384;
  return std::clamp(std::min(height / image.height, kLongestSide / image.width), 1, kMost);
}

void place(const Image& image, int factor, int left, Image& onto) {
  for (int y = 0; y < image.height * factor; ++y) {
    for (int x = 0; x < image.width * factor; ++x) {
      std::memcpy(pixel(onto, left + x, y), image.at(x / factor, y / factor), 3);
    }
  }
}

}  // namespace

void draw_marks(Image& image, std::span<const FaceMark> marks, const BitmapFont& font) {
  Pen pen(image, font);
  for (const FaceMark& mark : marks) pen.box(mark);
  for (const FaceMark& mark : marks) pen.points(mark);
  for (const FaceMark& mark : marks) pen.label(mark);
}

SideBySide side_by_side(const Image& a, const Image& b) {
  SideBySide both;
  const int height = std::max(a.height, b.height);
  both.scale_of_a = factor_to(a, height);
  both.scale_of_b = factor_to(b, height);
  const int gap = std::max(4, height / 100);
  both.offset_of_b = a.width * both.scale_of_a + gap;
  both.image.width = both.offset_of_b + b.width * both.scale_of_b;
  both.image.height = height;
  both.image.pixels.assign(3 * static_cast<std::size_t>(both.image.width) * static_cast<std::size_t>(height),
                           255);
  place(a, both.scale_of_a, 0, both.image);
  place(b, both.scale_of_b, both.offset_of_b, both.image);
  return both;
}

}  // namespace facesearch

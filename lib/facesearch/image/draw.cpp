// SPDX-License-Identifier: MIT
#include "facesearch/image/draw.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "facesearch/core/limits.hpp"

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
        const unsigned bits = glyph.rows[static_cast<std::size_t>(y)];
        if ((bits >> static_cast<unsigned>(15 - x) & 1U) == 0) continue;
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

// A picture made larger or smaller by a whole factor; one of the two is 1.
struct Scaled {
  const Image& image;
  int enlarged = 1;  // pixels in a row, for one of the picture
  int reduced = 1;   // pixels of the picture in a row, for one

  int width() const { return (image.width * enlarged + reduced - 1) / reduced; }
  int height() const { return (image.height * enlarged + reduced - 1) / reduced; }
  double factor() const { return static_cast<double>(enlarged) / reduced; }
};

// How often a side of a picture has to be divided to be no longer than `longest`.
int parts_of(const Image& image, int longest) {
  return (std::max(image.width, image.height) + longest - 1) / longest;
}

// A picture that was not reduced, enlarged to the height, up to `most` times. It gets no wider than the
// longest side that a picture may have.
Scaled enlarged_to(int height, const Scaled& scaled, int most) {
  constexpr int kLongest = ImageLimits{}.max_side;
  const Image& image = scaled.image;
  const int times = std::min({height / image.height, kLongest / image.width, most});
  return {image, scaled.reduced > 1 ? 1 : std::max(times, 1), scaled.reduced};
}

struct Layout {
  Scaled a;
  Scaled b;

  int height() const { return std::max(a.height(), b.height()); }
  int offset_of_b() const { return a.width() + std::max(4, height() / 100); }
  int width() const { return offset_of_b() + b.width(); }

  bool is_within(const ImageLimits& limits) const {
    const auto across = static_cast<std::uint64_t>(width());
    const auto down = static_cast<std::uint64_t>(height());
    return std::max(across, down) <= limits.max_side && across * down <= limits.max_pixels;
  }
};

// The largest layout that is within the limits. First the lower picture is enlarged less, then sides that are
// too long are divided.
Layout layout_of(const Image& a, const Image& b) {
  constexpr int kMostEnlarged = 8;
  const int longest = std::max({a.width, a.height, b.width, b.height});
  for (int part = 1;; ++part) {
    const int side = (longest + part - 1) / part;
    const Layout reduced{{a, 1, parts_of(a, side)}, {b, 1, parts_of(b, side)}};
    for (int most = kMostEnlarged; most >= 1; --most) {
      const Layout layout{enlarged_to(reduced.height(), reduced.a, most),
                          enlarged_to(reduced.height(), reduced.b, most)};
      if (layout.is_within({})) return layout;
    }
  }
}

// The mean of the pixels of the picture that are one of the reduced one.
void average(const Scaled& scaled, int x, int y, std::uint8_t* to) {
  const int left = x * scaled.reduced;
  const int top = y * scaled.reduced;
  const int right = std::min(left + scaled.reduced, scaled.image.width);
  const int bottom = std::min(top + scaled.reduced, scaled.image.height);
  std::array<std::uint64_t, 3> sums{};
  for (int row = top; row < bottom; ++row) {
    for (int column = left; column < right; ++column) {
      const std::uint8_t* from = scaled.image.at(column, row);
      for (std::size_t i = 0; i < 3; ++i) sums[i] += from[i];
    }
  }
  const auto count = static_cast<std::uint64_t>(right - left) * static_cast<std::uint64_t>(bottom - top);
  for (std::size_t i = 0; i < 3; ++i) to[i] = static_cast<std::uint8_t>((sums[i] + count / 2) / count);
}

void place(const Scaled& scaled, int left, Image& onto) {
  for (int y = 0; y < scaled.height(); ++y) {
    for (int x = 0; x < scaled.width(); ++x) {
      std::uint8_t* to = pixel(onto, left + x, y);
      if (scaled.reduced > 1) {
        average(scaled, x, y, to);
      } else {
        std::memcpy(to, scaled.image.at(x / scaled.enlarged, y / scaled.enlarged), 3);
      }
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
  const Layout layout = layout_of(a, b);
  SideBySide both;
  both.scale_of_a = layout.a.factor();
  both.scale_of_b = layout.b.factor();
  both.offset_of_b = layout.offset_of_b();
  both.image.width = layout.width();
  both.image.height = layout.height();
  both.image.pixels.assign(
      3 * static_cast<std::size_t>(both.image.width) * static_cast<std::size_t>(both.image.height), 255);
  place(layout.a, 0, both.image);
  place(layout.b, both.offset_of_b, both.image);
  return both;
}

}  // namespace facesearch

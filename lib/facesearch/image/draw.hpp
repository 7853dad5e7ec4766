// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "facesearch/core/geometry.hpp"
#include "facesearch/image/bitmap_font.hpp"
#include "facesearch/image/image.hpp"

namespace facesearch {

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

/// What is drawn about a face.
struct FaceMark {
  Box box;
  std::vector<Point> points;
  std::string label;  ///< may be empty
  Colour colour;
};

/// Draws boxes, points and labels into a picture. Lines and letters grow with it and have dark edges, so that
/// they are seen on any background. A label stands above its box, below it or inside, wherever it covers no
/// other one, and always inside of the picture; one that is wider than the picture is cut.
void draw_marks(Image& image, std::span<const FaceMark> marks, const BitmapFont& font);

/// Two pictures side by side, as high as the higher one. A much lower one is enlarged by a whole factor. The
/// joined picture is within ImageLimits: where it would not be, the lower one is enlarged less, then one or
/// both are reduced by a whole factor. `scale_of_a`, `scale_of_b`: what coordinates are to be multiplied by,
/// `offset_of_b` what is added to x afterwards.
struct SideBySide {
  Image image;
  double scale_of_a = 1;
  double scale_of_b = 1;
  int offset_of_b = 0;
};
SideBySide side_by_side(const Image& a, const Image& b);

}  // namespace facesearch

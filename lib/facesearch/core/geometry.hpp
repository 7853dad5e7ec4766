// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>

namespace facesearch {

/// A point of a picture in pixels: x to the right, y down, from the outer corner of the first pixel.
struct Point {
  double x = 0;
  double y = 0;
};

/// An upright rectangle in pixels; may extend outside its picture.
struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;

  double area() const { return width * height; }
  Point centre() const { return {x + width / 2, y + height / 2}; }
};

/// Intersection over union of two boxes, 0–1.
inline double overlap(const Box& a, const Box& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (!(width > 0 && height > 0)) return 0;
  return width * height / (a.area() + b.area() - width * height);
}

/// Right eye, left eye, nose tip, right and left mouth corner; the subject's own right.
using Landmarks = std::array<Point, 5>;

}  // namespace facesearch

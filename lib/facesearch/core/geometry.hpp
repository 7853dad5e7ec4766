// SPDX-License-Identifier: MIT
#pragma once

#include <array>

namespace facesearch {

/// A place in a picture: pixels, x to the right and y down from the outer corner of the first pixel.
struct Point {
  double x = 0;
  double y = 0;
};

/// An upright rectangle in pixels; may reach outside its picture.
struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;

  double area() const { return width * height; }
  Point centre() const { return {x + width / 2, y + height / 2}; }
};

/// Right eye, left eye, nose tip, right and left mouth corner; the subject's own right.
using Landmarks = std::array<Point, 5>;

}  // namespace facesearch

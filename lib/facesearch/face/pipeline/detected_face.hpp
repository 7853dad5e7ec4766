// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "facesearch/core/geometry.hpp"

namespace facesearch {

/// One face a detector found, in pixels of the upright picture.
struct DetectedFace {
  Box box;
  double score = 0;  ///< the detector's own, 0–1
  Landmarks landmarks{};
  std::vector<Point> shape{};  ///< all points of the detector's shape predictor, in its order; may be empty
};

/// The same face where each pixel of the picture is `factor` pixels wide and high.
inline DetectedFace enlarged(DetectedFace face, double factor) {
  const auto enlarge = [&](Point& point) { point = {factor * point.x, factor * point.y}; };
  const Box& box = face.box;
  face.box = {factor * box.x, factor * box.y, factor * box.width, factor * box.height};
  for (Point& point : face.landmarks) enlarge(point);
  for (Point& point : face.shape) enlarge(point);
  return face;
}

/// All faces of a picture, largest box first, and the detection pass that found them.
struct FaceScene {
  std::vector<DetectedFace> faces;
  std::string found_by;   ///< `first`, `second`, `turned-90`, `turned-180`, `turned-270`; empty: none found
  int quarter_turns = 0;  ///< clockwise quarter turns that make the faces upright (0–3)
};

}  // namespace facesearch

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

/// All faces of a picture, largest box first, and the detection pass that found them.
struct FaceScene {
  std::vector<DetectedFace> faces;
  std::string found_by;   ///< `first`, `second`, `turned-90`, `turned-180`, `turned-270`; empty: none found
  int quarter_turns = 0;  ///< clockwise quarter turns that make the faces upright (0–3)
};

}  // namespace facesearch

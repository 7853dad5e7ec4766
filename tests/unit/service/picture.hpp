// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace facesearch::test {

/// A face as the fake networks see it: a square of one colour.
struct PaintedFace {
  int x = 0;
  int y = 0;
  int size = 0;
  std::uint8_t who = 1;      ///< 1–180: the template's angle in degrees
  std::uint8_t alive = 255;  ///< liveness score × 255
  std::uint8_t seen = 250;   ///< the detector's score × 250
};

/// A PNG of `width` × `height` black pixels with these faces. A picture that is not `upright` shows its
/// faces to the fake detector only after it was turned.
std::vector<std::uint8_t> picture(int width, int height, const std::vector<PaintedFace>& faces,
                                  bool upright = true);

/// One face of 60 pixels in the middle of 120 × 120.
std::vector<std::uint8_t> portrait(std::uint8_t who, std::uint8_t alive = 255);

}  // namespace facesearch::test

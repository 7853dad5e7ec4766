// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/core/geometry.hpp"

namespace facesearch {

/// A turn, a scaling and a shift of the plane, no mirroring: (x, y) → (a·x − b·y + dx, b·x + a·y + dy).
struct Similarity {
  double a = 1;
  double b = 0;
  double dx = 0;
  double dy = 0;

  Point operator()(Point p) const { return {a * p.x - b * p.y + dx, b * p.x + a * p.y + dy}; }
};

/// What undoes `s`. Requires that s.a or s.b is not 0.
Similarity inverse(const Similarity& s);

/// The similarity that takes `from` closest to `to`: the sum of the squared distances is the least there is
/// (Umeyama 1991; in the plane it has a closed form). Points that all coincide are only shifted.
Similarity best_similarity(const Landmarks& from, const Landmarks& to);

}  // namespace facesearch

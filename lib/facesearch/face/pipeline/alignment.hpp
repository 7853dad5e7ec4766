// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/core/geometry.hpp"

namespace facesearch {

/// Rotation, scaling and translation of the plane, no mirroring: (x, y) → (a·x − b·y + dx, b·x + a·y + dy).
struct Similarity {
  double a = 1;
  double b = 0;
  double dx = 0;
  double dy = 0;

  Point operator()(Point p) const { return {a * p.x - b * p.y + dx, b * p.x + a * p.y + dy}; }
};

/// The inverse of `s`. Requires that s.a or s.b is not 0.
Similarity inverse(const Similarity& s);

/// The similarity from `from` to `to` with the least sum of squared distances (Umeyama 1991; closed form in
/// the plane). Points that all coincide are only translated.
Similarity best_similarity(const Landmarks& from, const Landmarks& to);

}  // namespace facesearch

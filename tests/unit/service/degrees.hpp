// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

#include "facesearch/core/template.hpp"

namespace facesearch::test {

/// A template of the pack `fake`: two of them d degrees apart have the cosine of d degrees.
inline Template at(double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  return normalised(Template{static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)), 0, 0});
}

}  // namespace facesearch::test

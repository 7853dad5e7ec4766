// SPDX-License-Identifier: MIT
#include "facesearch/core/template.hpp"

#include <cmath>

#include "facesearch/core/error.hpp"

namespace facesearch {

Template normalised(Template values) {
  double square = 0;
  for (const float value : values) square += static_cast<double>(value) * static_cast<double>(value);
  const double length = std::sqrt(square);
  if (!std::isfinite(length) || length < 1e-12) {
    throw Error(Cause::kInternal, "INTERNAL",
                "the network answered a face with a template that has no length");
  }
  for (float& value : values) value = static_cast<float>(value / length);
  return values;
}

}  // namespace facesearch

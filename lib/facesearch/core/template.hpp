// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

namespace facesearch {

/// The vector that an embedder computes from a face: `dimension` finite floats of Euclidean norm 1 (to 1e-6).
/// The cosine of two templates is their dot product. Biometric: never logged, never in an error text.
using Template = std::vector<float>;

/// The values scaled to norm 1. Throws Error(kInternal) if they are not finite or their norm is 0.
Template normalised(Template values);

/// True if the values are finite and their norm is 1 to 1e-6. The one rule for what may be stored or
/// compared.
bool is_unit(std::span<const float> values);

/// Checks values that a caller sent. Throws Error(kInvalidValue, TEMPLATE_INVALID) unless they are
/// `dimension` floats for which is_unit holds.
void require_template(const Template& values, int dimension);

}  // namespace facesearch

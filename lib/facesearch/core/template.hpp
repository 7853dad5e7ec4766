// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

namespace facesearch {

/// What an embedder makes of a face: `dimension` finite floats of Euclidean norm 1 (to 1e-6). The
/// cosine of two templates is their dot product. Biometric: never logged, never in an error text.
using Template = std::vector<float>;

/// The values scaled to norm 1. Throws Error(kInternal) where they are not finite or have no length.
Template normalised(Template values);

/// Checks values that came from elsewhere. Throws Error(kInvalidValue, TEMPLATE_INVALID) unless they are
/// `dimension` finite floats of norm 1 (to 1e-6).
void require_template(const Template& values, int dimension);

}  // namespace facesearch

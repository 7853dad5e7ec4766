// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

namespace facesearch {

/// What an embedder makes of a face: `dimension` finite floats of Euclidean norm 1 (to 1e-5). The
/// cosine of two templates is their dot product. Biometric: never logged, never in an error text.
using Template = std::vector<float>;

}  // namespace facesearch

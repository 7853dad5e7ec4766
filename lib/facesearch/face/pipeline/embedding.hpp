// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "facesearch/core/template.hpp"
#include "facesearch/face/pack/pack.hpp"

namespace facesearch {

/// The template of a network's output for one picture; `answer` has the dimension. It is scaled to norm 1. If
/// the manifest has a sphere with centre c and radius R, it is then lifted onto it: the part of its
/// difference to c that is orthogonal to c is kept (at most R), and extended along c to the length R. Two
/// such templates with orthogonal parts x and y have the cosine 1 − (|x − y|² + (√(R² − |x|²) − √(R² −
/// |y|²))²) / 2R². Throws Error(kModelMissing, MODEL_UNUSABLE) where the answer is not finite or has no
/// length.
Template template_of(std::span<const float> answer, const EmbedderSpec& spec);

/// The mean of the templates of a face and of its mirror image, scaled to norm 1. Throws as normalised.
Template mean_of_sides(Template one, const Template& other);

}  // namespace facesearch

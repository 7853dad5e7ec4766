// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "facesearch/core/template.hpp"
#include "facesearch/face/pack/pack.hpp"

namespace facesearch {

/// The template that a network's answer to one picture stands for; `answer` has the dimension. It is brought
/// to norm 1, and then, where the manifest has a sphere with centre c and radius R, lifted onto it: of its
/// difference to c what is at right angles to c is kept (at most R of it), and along c what is missing to R
/// is added. Two such templates with kept parts x and y have a cosine that falls with their distance: 1 − (|x
/// − y|² + (√(R² − |x|²) − √(R² − |y|²))²) / 2R². Throws as normalised.
Template template_of(std::span<const float> answer, const EmbedderSpec& spec);

/// The template of a face from those of its two sides (the face and its mirror image). Throws as normalised.
Template mean_of_sides(Template one, const Template& other);

}  // namespace facesearch

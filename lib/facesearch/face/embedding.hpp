// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "facesearch/core/template.hpp"
#include "facesearch/face/pack.hpp"

namespace facesearch {

/// The template that a network's answer to one picture stands for: less the manifest's offset, of norm 1.
/// `answer` has the dimension. Throws as normalised.
Template template_of(std::span<const float> answer, const EmbedderSpec& spec);

/// The template of a face from those of its two sides (the face and its mirror image). Throws as normalised.
Template mean_of_sides(Template one, const Template& other);

}  // namespace facesearch

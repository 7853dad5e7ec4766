// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "facesearch/core/calibration.hpp"
#include "facesearch/core/template.hpp"

namespace facesearch {

/// What stands for a person when persons are compared: the mean of those of its faces that agree, and each
/// other face for itself.
struct PersonMean {
  std::optional<Template> values;  ///< none: every face stands for itself
  std::vector<bool> holds;         ///< a face each: it is in the mean
  std::size_t faces = 0;           ///< that are in the mean
};

/// The one rule for what a person's mean is. `faces`: its templates in the order of their slots, without
/// those that people have left out. A face agrees if its cosine to the mean of the others is that of one
/// stranger in a thousand or more. Those that agree have a mean if they are two at least and more than half,
/// and if two of them have such a cosine on average. Otherwise the faces may be of several people, and a mean
/// would hide each of them. docs/persons.md has what this does to true and to mixed persons.
PersonMean person_mean(const std::vector<std::vector<float>>& faces, const Calibration& calibration);

}  // namespace facesearch

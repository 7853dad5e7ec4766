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
/// those that people have left out. Two faces are alike if their cosine is that of one pair of strangers in a
/// thousand or more. A face agrees if it is alike to at least half of the others (of 128 of them, evenly
/// chosen, where there are more). Those that agree have a mean if they are two at least and more than half.
/// So two people of equally many photographs have none: of 2n faces each is alike to n − 1 of 2n − 1. A mean
/// would hide both. docs/persons.md has what this does to true and to mixed persons.
PersonMean person_mean(const std::vector<std::vector<float>>& faces, const Calibration& calibration);

}  // namespace facesearch

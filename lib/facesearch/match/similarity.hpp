// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "facesearch/core/calibration.hpp"

namespace facesearch {

/// The contract's scale: 0 at cosine −1; 50, 60, 70, 80, 90 at FMR 10⁻¹ … 10⁻⁵; 100 at cosine 1;
/// linear in the cosine between, strictly rising. `cosine` is clamped to [−1, 1].
double similarity_of_cosine(const Calibration& calibration, double cosine);

/// The inverse. `similarity` is clamped to [0, 100].
double cosine_of_similarity(const Calibration& calibration, double similarity);

/// The expected share of comparisons of different people at or above `cosine`: log-linear in the
/// cosine between the points and beyond them, at most 1.
double false_match_rate(const Calibration& calibration, double cosine);

/// The calibration of a template against the mean of two templates (`group` 0), of three (1), of four and
/// more (2). Where that was not measured, it is the one of two templates half a decade further. A mean is
/// more alike to strangers than a template is: by up to 0.3 decades at FMR 10⁻⁴, 0.6 at 10⁻⁵
/// (docs/models.md).
Calibration calibration_of_mean(const Calibration& calibration, std::size_t group);

/// True if the points are strictly rising and inside (−1, 1).
bool is_usable(const Calibration& calibration);

}  // namespace facesearch

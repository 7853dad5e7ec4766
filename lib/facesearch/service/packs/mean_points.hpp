// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "facesearch/core/calibration.hpp"
#include "facesearch/core/template.hpp"

namespace facesearch::service {

/// Calibration::of_means, as labelled templates show it.
struct MeanPoints {
  std::optional<std::array<Calibration::Points, 3>> of_means;  ///< none: too few persons have four templates
  std::array<std::uint64_t, 3> comparisons{};  ///< of a mean of two, three, four and more with a stranger
  std::array<std::size_t, 3> measured{};  ///< points; the others are those of faces, half a decade further
};

/// Measures them: the templates of each person in their order, in disjoint groups of two, of three, and of
/// four and more as person_mean() holds them, against every template of other persons. A template may be
/// empty and is skipped. No point is lower than that of fewer templates, so few comparisons err to the strict
/// side. `is_excluded`: two templates, by their places, that are not to be compared.
MeanPoints measure_means(std::span<const Template> templates, std::span<const std::string> persons,
                         const Calibration& of_faces,
                         const std::function<bool(std::size_t, std::size_t)>& is_excluded);

}  // namespace facesearch::service

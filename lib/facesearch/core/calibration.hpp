// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace facesearch {

/// The operating points that were measured for a pack: the cosine that one in 10, 100, … 100,000 comparisons
/// of different people exceeds. Strictly rising, between −1 and 1.
struct Calibration {
  using Points = std::array<double, 5>;

  Points cosine_at_fmr{};    ///< FMR 10⁻¹, 10⁻², 10⁻³, 10⁻⁴, 10⁻⁵
  double measured_to = 0;    ///< the smallest FMR that was measured; below it, extrapolated in log FMR
  std::string source;        ///< the data it was measured on, for people
  bool provisional = false;  ///< estimated from people who do not exist; see match/provisional_points.hpp
  /// The same for one template against the mean of two, of three, and of four or more templates of a person.
  /// None: it was not measured (match/similarity.hpp says what is taken).
  std::optional<std::array<Points, 3>> of_means{};

  bool operator==(const Calibration&) const = default;
};

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/match/kernels/probe_codes.hpp"
#include "facesearch/match/kernels/row_kernel.hpp"

/// What the codes say of a cosine, and how sure they are.
namespace facesearch {

inline constexpr double kSlack = 1e-11;  ///< what is computed in double is off by less
inline constexpr double kLongest =
    1 + 2e-6;  ///< a template's norm, with what is_unit's own rounding lets pass
inline constexpr std::size_t kMaxDimension = 16384;  ///< the bounds hold up to there

inline constexpr std::size_t kRefineSums = 16;  ///< in which ExactSearch adds a row's products up

/// What those are off by, for so many values.
constexpr double refine_slack(std::size_t dimension) {
  return 1e-7 * (static_cast<double>(dimension) / kRefineSums + 2 * kRefineSums);
}

/// The nearest float that is not above `value`, which is clamped to what is far outside of any cosine.
float rounded_down(double value);
float rounded_up(double value);

/// All but `reach`, for a probe that is_unit.
RowBounds bounds_of(const ProbeCodes& probe, double min_cosine);

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "facesearch/core/calibration.hpp"

namespace facesearch {

/// Counts cosines in 2²² bins of equal width over [−1, 1]: 32 MiB, however many there are.
class CosineCounts {
 public:
  static constexpr double kWidth = 0x1p-21;  ///< of a bin

  CosineCounts();

  /// `cosine` is clamped to [−1, 1]; what is no number counts as −1.
  void add(double cosine);

  std::uint64_t total() const { return total_; }

  /// A cosine that at most `count` of those counted are above, and, a bin's width lower, more than `count`
  /// are (−1 if there are no more than `count`).
  double exceeded_by(std::uint64_t count) const;

 private:
  std::vector<std::uint64_t> bins_;
  std::uint64_t total_ = 0;
};

/// The operating points of a model, and how many of them, from the first on, its pairs measured; the others
/// are extrapolated.
struct OperatingPoints {
  Calibration calibration;
  std::size_t measured = 0;
};

/// So many pairs of different people must lie above a point for it to be measured: the relative standard
/// error of its rate is then 1/√30 = 18 %, were the pairs independent (NIST's "rule of 30", Doddington 1998).
inline constexpr std::uint64_t kPairsAbove = 30;

/// Points at FMR 10⁻¹ … 10⁻⁵ from the cosines of pairs of different people. A point that too few pairs are
/// above is extrapolated: as far from the one before as that from its own, but never more than half of the
/// way to 1. Throws Error(kInvalidValue): TOO_FEW_PAIRS where fewer than two points can be measured (3,000
/// pairs), PAIRS_ALIKE where the points do not rise.
OperatingPoints operating_points(const CosineCounts& non_mates, std::string source);

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/match/provisional_points.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"

namespace facesearch {
namespace {

// The share of synthetic pairs above the cosine that one in 10, 100, 1,000, 10,000 comparisons of real people
// reach, as decades (−log₁₀), on the strict side: from scripts/fit-provisional. Beyond, packs differ too
// much.
constexpr std::array<double, 4> kDecades{1.0, 1.69, 2.37, 3.13};

// The first points must be measured; the others can be extrapolated.
constexpr std::size_t kFewestMeasured = 3;

}  // namespace

OperatingPoints provisional_points(const CosineCounts& synthetic, std::string source) {
  OperatingPoints points;
  points.calibration.source = std::move(source);
  points.calibration.provisional = true;
  auto& cosines = points.calibration.cosine_at_fmr;
  for (std::size_t i = 0; i < cosines.size(); ++i) {
    const double share = i < kDecades.size() ? std::pow(10.0, -kDecades.at(i)) : 0;
    const auto above = static_cast<std::uint64_t>(static_cast<double>(synthetic.total()) * share);
    if (above >= kPairsAbove && points.measured == i) {
      cosines.at(i) = synthetic.exceeded_by(above);
      points.measured = i + 1;
    } else if (i < kFewestMeasured) {
      throw Error(Cause::kInvalidValue, "TOO_FEW_PAIRS",
                  fmt::format("the pairs of synthetic people in whose pictures the pack finds a face are {}, "
                              "too few for an estimate",
                              synthetic.total()));
    } else {
      const double last = cosines.at(i - 1);
      cosines.at(i) = last + std::min(last - cosines.at(i - 2), (1 - last) / 2);
    }
  }
  points.calibration.measured_to = std::pow(10.0, -static_cast<double>(points.measured));
  if (!is_usable(points.calibration)) {
    throw Error(Cause::kInvalidValue, reason::kPairsAlike,
                "the cosines of different people do not rise from point to point: the pack's network gives "
                "many faces the same template");
  }
  return points;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/match/operating_points.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"

namespace facesearch {
namespace {

constexpr std::size_t kBins = std::size_t{1} << 22U;
constexpr std::uint64_t kFewestPairs = 100 * kPairsAbove;

}  // namespace

CosineCounts::CosineCounts() : bins_(kBins) {}

void CosineCounts::add(double cosine) {
  const double place = cosine > -1 ? (cosine + 1) / kWidth : 0;
  ++bins_[std::min(static_cast<std::size_t>(std::min(place, static_cast<double>(kBins))), kBins - 1)];
  ++total_;
}

double CosineCounts::exceeded_by(std::uint64_t count) const {
  std::uint64_t above = 0;
  for (std::size_t bin = kBins; bin > 0; --bin) {
    above += bins_[bin - 1];
    if (above > count) return -1 + static_cast<double>(bin) * kWidth;
  }
  return -1;
}

OperatingPoints operating_points(const CosineCounts& non_mates, std::string source) {
  if (non_mates.total() < kFewestPairs) {
    throw Error(
        Cause::kInvalidValue, "TOO_FEW_PAIRS",
        fmt::format("the pairs of different people are {}; one false match in 100 can be measured with {} "
                    "or more",
                    non_mates.total(), kFewestPairs));
  }
  OperatingPoints points;
  points.calibration.source = std::move(source);
  auto& cosines = points.calibration.cosine_at_fmr;
  std::uint64_t above = non_mates.total();
  for (std::size_t i = 0; i < cosines.size(); ++i) {
    above /= 10;
    if (above >= kPairsAbove) {
      cosines.at(i) = non_mates.exceeded_by(above);
      points.measured = i + 1;
    } else {
      const double last = cosines.at(i - 1);
      cosines.at(i) = last + std::min(last - cosines.at(i - 2), (1 - last) / 2);
    }
  }
  points.calibration.measured_to = std::pow(10.0, -static_cast<double>(points.measured));
  if (!is_usable(points.calibration)) {
    throw Error(
        Cause::kInvalidValue, reason::kPairsAlike,
        "the cosines of different people do not rise from point to point: many pictures are the same, or "
        "people are not labelled as who they are");
  }
  return points;
}

}  // namespace facesearch

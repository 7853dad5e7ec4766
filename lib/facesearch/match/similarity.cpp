// SPDX-License-Identifier: MIT
#include "facesearch/match/similarity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace facesearch {
namespace {

constexpr std::size_t kKnots = 7;
constexpr std::array<double, kKnots> kSimilarities{0, 50, 60, 70, 80, 90, 100};

std::array<double, kKnots> cosines(const Calibration& calibration) {
  std::array<double, kKnots> knots{};
  knots.front() = -1;
  std::copy(calibration.cosine_at_fmr.begin(), calibration.cosine_at_fmr.end(), knots.begin() + 1);
  knots.back() = 1;
  return knots;
}

// The value at `x` of the line through the knots. The fraction is exactly 0 and 1 at a segment's ends, so
// every knot is met to the last bit and no value steps over the next one's.
double interpolate(const std::array<double, kKnots>& xs, const std::array<double, kKnots>& ys, double x) {
  // Written so that what is not a number counts as the lowest.
  if (!(x > xs.front())) return ys.front();
  if (x >= xs.back()) return ys.back();
  std::size_t i = 1;
  while (x >= xs[i]) ++i;
  const double fraction = (x - xs[i - 1]) / (xs[i] - xs[i - 1]);
  return std::min(ys[i - 1] + fraction * (ys[i] - ys[i - 1]), ys[i]);
}

}  // namespace

double similarity_of_cosine(const Calibration& calibration, double cosine) {
  return interpolate(cosines(calibration), kSimilarities, cosine);
}

double cosine_of_similarity(const Calibration& calibration, double similarity) {
  return interpolate(kSimilarities, cosines(calibration), similarity);
}

double false_match_rate(const Calibration& calibration, double cosine) {
  const auto& points = calibration.cosine_at_fmr;
  // The segment the cosine lies in; the first and the last also serve what lies beyond them.
  std::size_t i = 1;
  while (i + 1 < points.size() && cosine >= points[i]) ++i;
  const double decades = static_cast<double>(i) + (cosine - points[i - 1]) / (points[i] - points[i - 1]);
  return std::min(1.0, std::pow(10.0, -decades));
}

Calibration calibration_of_mean(const Calibration& calibration, std::size_t group) {
  Calibration of_mean = calibration;
  of_mean.of_means.reset();
  if (calibration.of_means) {
    of_mean.cosine_at_fmr = calibration.of_means->at(group);
    return of_mean;
  }
  auto& points = of_mean.cosine_at_fmr;
  const double last_step = points[points.size() - 1] - points[points.size() - 2];
  for (std::size_t i = 0; i + 1 < points.size(); ++i) points[i] = std::midpoint(points[i], points[i + 1]);
  points.back() = std::min(points.back() + last_step / 2, std::midpoint(points.back(), 1.0));
  return of_mean;
}

bool is_usable(const Calibration& calibration) {
  const auto rise = [](const Calibration::Points& points) {
    double previous = -1;
    for (const double cosine : points) {
      if (!(cosine > previous)) return false;
      previous = cosine;
    }
    return previous < 1;
  };
  return rise(calibration.cosine_at_fmr) &&
         (!calibration.of_means || std::ranges::all_of(*calibration.of_means, rise));
}

}  // namespace facesearch

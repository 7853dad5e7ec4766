// SPDX-License-Identifier: MIT
#include "facesearch/match/operating_points.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "catch.hpp"
#include "extent.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"

namespace facesearch {
namespace {

using test::full_extent;

std::string refusal(const CosineCounts& counts) {
  try {
    operating_points(counts, "test");
    return "";
  } catch (const Error& error) {
    CHECK(error.cause() == Cause::kInvalidValue);
    return error.reason();
  }
}

CosineCounts normal(std::size_t count, unsigned seed, double mean = 0.1, double deviation = 0.1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> cosine(mean, deviation);
  CosineCounts counts;
  for (std::size_t i = 0; i < count; ++i) counts.add(cosine(random));
  return counts;
}

}  // namespace

TEST_CASE("counted cosines are exceeded as the sorted ones are, to a bin", "[operating-points]") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> anywhere(-1, 1);
  for (int round = 0; round < 5; ++round) {
    std::vector<double> cosines;
    CosineCounts counts;
    for (int i = 0; i < 500; ++i) {
      // Ties and ends among them.
      double cosine = anywhere(random);
      if (i % 5 == 0) cosine = std::round(4 * cosine) / 4;
      cosines.push_back(cosine);
      counts.add(cosine);
    }
    std::sort(cosines.begin(), cosines.end(), std::greater<>());
    for (std::size_t k = 0; k < cosines.size(); k += full_extent() ? 1U : 9U) {
      const double at = counts.exceeded_by(k);
      INFO(k << " of " << cosines.size() << ": " << at << " beside " << cosines[k]);
      CHECK(at >= cosines[k]);
      CHECK(at <= cosines[k] + CosineCounts::kWidth);
    }
    CHECK(counts.exceeded_by(cosines.size()) == -1);
  }
}

TEST_CASE("cosines beyond the ends and no numbers are counted at an end", "[operating-points]") {
  CosineCounts counts;
  for (const double cosine : {-2.0, std::numeric_limits<double>::quiet_NaN(), -1.0}) counts.add(cosine);
  for (const double cosine : {1.0, 1.0000001, std::numeric_limits<double>::infinity()}) counts.add(cosine);
  CHECK(counts.total() == 6);
  CHECK(counts.exceeded_by(2) == 1);
  CHECK(counts.exceeded_by(3) == -1 + CosineCounts::kWidth);
}

TEST_CASE("points are measured as far as thirty pairs reach, and extrapolated beyond", "[operating-points]") {
  const auto points = operating_points(normal(300'000, 1), "made");
  CHECK(points.measured == 4);
  CHECK(points.calibration.measured_to == Approx(1e-4));
  CHECK(points.calibration.source == "made");
  // The normal distribution's own quantiles.
  const auto& cosine = points.calibration.cosine_at_fmr;
  CHECK(cosine[0] == Approx(0.1 + 0.12816).margin(0.001));
  CHECK(cosine[1] == Approx(0.1 + 0.23263).margin(0.003));
  CHECK(cosine[2] == Approx(0.1 + 0.30902).margin(0.01));
  CHECK(cosine[3] == Approx(0.1 + 0.37190).margin(0.03));
  CHECK(cosine[4] == Approx(2 * cosine[3] - cosine[2]));
  CHECK(operating_points(normal(3'000'000, 2), "").measured == 5);
  CHECK(operating_points(normal(299'999, 3), "").measured == 3);
  CHECK(operating_points(normal(3'000, 4), "").measured == 2);
}

TEST_CASE("extrapolated points stay under 1", "[operating-points]") {
  const auto points = operating_points(normal(3'000, 5, 0.5, 0.2), "");
  CHECK(points.measured == 2);
  CHECK(is_usable(points.calibration));
  CHECK(points.calibration.cosine_at_fmr[4] < 1);
}

TEST_CASE("too few pairs, or pairs that are alike, give no points", "[operating-points]") {
  CHECK(refusal(CosineCounts{}) == "TOO_FEW_PAIRS");
  CHECK(refusal(normal(2'999, 6)) == "TOO_FEW_PAIRS");
  CosineCounts same;
  for (int i = 0; i < 10'000; ++i) same.add(0.5);
  CHECK(refusal(same) == "PAIRS_ALIKE");
  CosineCounts copies = normal(5'000, 8);
  for (int i = 0; i < 1'000; ++i) copies.add(1);
  CHECK(refusal(copies) == "PAIRS_ALIKE");
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/match/provisional_points.hpp"

#include <random>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"

namespace facesearch::test {
namespace {

CosineCounts normal(std::size_t count, double mean, double deviation) {
  CosineCounts cosines;
  std::mt19937_64 random(7);  // NOLINT(cert-msc51-cpp)
  std::normal_distribution<double> draw(mean, deviation);
  for (std::size_t i = 0; i < count; ++i) cosines.add(draw(random));
  return cosines;
}

std::string reason_of(const CosineCounts& cosines) {
  try {
    (void)provisional_points(cosines, "synthetic");
  } catch (const Error& error) {
    return error.reason();
  }
  return "";
}

}  // namespace

TEST_CASE("provisional points rise, lie at or above the synthetic pairs' own, and say what they are",
          "[provisional]") {
  const CosineCounts cosines = normal(500'000, 0.1, 0.12);
  const OperatingPoints points = provisional_points(cosines, "synthetic");
  CHECK(points.calibration.provisional);
  CHECK(points.calibration.source == "synthetic");
  CHECK(is_usable(points.calibration));
  CHECK(points.measured >= 3);
  CHECK(points.calibration.measured_to == Approx(std::pow(10.0, -static_cast<double>(points.measured))));
  CHECK_FALSE(operating_points(cosines, "real").calibration.provisional);
}

TEST_CASE("too few or equal pairs give no provisional points", "[provisional]") {
  CHECK(reason_of(CosineCounts()) == "TOO_FEW_PAIRS");
  CHECK(reason_of(normal(2'000, 0.1, 0.1)) == "TOO_FEW_PAIRS");
  CHECK(reason_of(normal(500'000, 0.5, 1e-9)) == "PAIRS_ALIKE");
  CHECK(reason_of(normal(500'000, 3, 0.1)) == "PAIRS_ALIKE");
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
#include "facesearch/match/similarity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "catch.hpp"

namespace facesearch {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Calibration some() {
  return {{0.21, 0.30, 0.38, 0.44, 0.49}, 1e-5, "test"};
}

// Any usable points, near and far apart.
Calibration random_calibration(std::mt19937& random) {
  std::uniform_real_distribution<double> anywhere(-0.99, 0.99);
  Calibration calibration;
  do {
    for (double& point : calibration.cosine_at_fmr) point = anywhere(random);
    std::sort(calibration.cosine_at_fmr.begin(), calibration.cosine_at_fmr.end());
  } while (!is_usable(calibration));
  return calibration;
}

}  // namespace

TEST_CASE("a mean that was not measured is judged half a decade more strictly than a template") {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const Calibration calibration = random_calibration(random);
    const Calibration of_mean = calibration_of_mean(calibration, 1);
    CHECK(is_usable(of_mean));
    for (std::size_t i = 0; i + 1 < of_mean.cosine_at_fmr.size(); ++i) {
      const double rate = std::pow(10.0, -1.5 - static_cast<double>(i));
      CHECK(false_match_rate(calibration, of_mean.cosine_at_fmr.at(i)) == Approx(rate).epsilon(1e-6));
    }
    CHECK(of_mean.cosine_at_fmr[4] > calibration.cosine_at_fmr[4]);
  }
}

TEST_CASE("a mean has the points that were measured for it") {
  Calibration calibration = some();
  calibration.of_means = {
      {{0.22, 0.31, 0.39, 0.45, 0.5}, {0.23, 0.32, 0.4, 0.46, 0.51}, {0.24, 0.33, 0.41, 0.47, 0.52}}};
  CHECK(is_usable(calibration));
  for (std::size_t group = 0; group < 3; ++group) {
    const Calibration of_mean = calibration_of_mean(calibration, group);
    CHECK(of_mean.cosine_at_fmr == calibration.of_means->at(group));
    CHECK(similarity_of_cosine(of_mean, of_mean.cosine_at_fmr[3]) == 80);
    CHECK_FALSE(of_mean.of_means);
  }
  calibration.of_means->at(2)[4] = 0.47;
  CHECK_FALSE(is_usable(calibration));
}

TEST_CASE("the scale meets its anchors to the last bit", "[similarity]") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const Calibration calibration = random_calibration(random);
    CHECK(similarity_of_cosine(calibration, -1) == 0);
    CHECK(similarity_of_cosine(calibration, 1) == 100);
    CHECK(cosine_of_similarity(calibration, 0) == -1);
    CHECK(cosine_of_similarity(calibration, 100) == 1);
    for (std::size_t i = 0; i < 5; ++i) {
      const double cosine = calibration.cosine_at_fmr.at(i);
      const double similarity = 50 + 10 * static_cast<double>(i);
      CHECK(similarity_of_cosine(calibration, cosine) == similarity);
      CHECK(cosine_of_similarity(calibration, similarity) == cosine);
      CHECK(false_match_rate(calibration, cosine) ==
            Approx(std::pow(10.0, -1 - static_cast<double>(i))).epsilon(1e-12));
    }
  }
}

TEST_CASE("the scale is linear in the cosine between the anchors", "[similarity]") {
  CHECK(similarity_of_cosine(some(), 0.41) == Approx(75));
  CHECK(similarity_of_cosine(some(), (0.49 + 1) / 2) == Approx(95));
  CHECK(similarity_of_cosine(some(), (-1 + 0.21) / 2) == Approx(25));
  CHECK(cosine_of_similarity(some(), 85) == Approx(0.465));
}

TEST_CASE("the scale rises strictly and its inverse takes it back", "[similarity]") {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> anywhere(-1, 1);
  for (int round = 0; round < 2000; ++round) {
    const Calibration calibration = random_calibration(random);
    const double a = anywhere(random);
    const double b = anywhere(random);
    const double at_a = similarity_of_cosine(calibration, a);
    CHECK((at_a >= 0 && at_a <= 100));
    if (a + 1e-9 < b) CHECK(at_a < similarity_of_cosine(calibration, b));
    CHECK(cosine_of_similarity(calibration, at_a) == Approx(a).margin(1e-12));
    const double similarity = 50 * (b + 1);
    CHECK(similarity_of_cosine(calibration, cosine_of_similarity(calibration, similarity)) ==
          Approx(similarity).margin(1e-9));
  }
}

TEST_CASE("neighbouring cosines never change places, at the anchors least of all", "[similarity]") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const Calibration calibration = random_calibration(random);
    for (const double anchor : calibration.cosine_at_fmr) {
      double below = anchor;
      double above = anchor;
      for (int step = 0; step < 20; ++step) {
        const double next_below = std::nextafter(below, -1);
        const double next_above = std::nextafter(above, 1);
        CHECK(similarity_of_cosine(calibration, next_below) <= similarity_of_cosine(calibration, below));
        CHECK(similarity_of_cosine(calibration, next_above) >= similarity_of_cosine(calibration, above));
        below = next_below;
        above = next_above;
      }
    }
  }
}

TEST_CASE("what lies outside the scale is clamped", "[similarity]") {
  CHECK(similarity_of_cosine(some(), 1.0000001) == 100);
  CHECK(similarity_of_cosine(some(), std::numeric_limits<double>::infinity()) == 100);
  CHECK(similarity_of_cosine(some(), -1.0000001) == 0);
  CHECK(similarity_of_cosine(some(), -std::numeric_limits<double>::infinity()) == 0);
  CHECK(similarity_of_cosine(some(), kNan) == 0);
  CHECK(cosine_of_similarity(some(), -1) == -1);
  CHECK(cosine_of_similarity(some(), 101) == 1);
}

TEST_CASE("ten points are ten times fewer false matches, beyond the points too", "[similarity]") {
  const Calibration calibration = some();
  for (int half = 100; half <= 160; ++half) {
    const double similarity = half / 2.0;
    const double here = false_match_rate(calibration, cosine_of_similarity(calibration, similarity));
    const double further = false_match_rate(calibration, cosine_of_similarity(calibration, similarity + 10));
    CHECK(here / further == Approx(10));
  }
  // The last segment's slope (0.05 a decade) goes on above, the first one's (0.09) below.
  CHECK(false_match_rate(calibration, 0.54) == Approx(1e-6));
  CHECK(false_match_rate(calibration, 0.21 - 0.045) == Approx(std::pow(10.0, -0.5)));
  CHECK(false_match_rate(calibration, 0.1) == 1);
  CHECK(false_match_rate(calibration, -1) == 1);
  double previous = 1;
  for (int step = -1000; step <= 1000; ++step) {
    const double cosine = step / 1000.0;
    const double rate = false_match_rate(calibration, cosine);
    CHECK((rate > 0 && rate <= previous));
    previous = rate;
  }
}

TEST_CASE("only strictly rising points inside the cosines are usable", "[similarity]") {
  CHECK(is_usable(some()));
  CHECK_FALSE(is_usable(Calibration{}));
  CHECK_FALSE(is_usable({{0.1, 0.2, 0.2, 0.3, 0.4}, 0, ""}));
  CHECK_FALSE(is_usable({{0.1, 0.3, 0.2, 0.4, 0.5}, 0, ""}));
  CHECK_FALSE(is_usable({{-1, 0.2, 0.3, 0.4, 0.5}, 0, ""}));
  CHECK_FALSE(is_usable({{0.1, 0.2, 0.3, 0.4, 1}, 0, ""}));
  CHECK_FALSE(is_usable({{0.1, 0.2, kNan, 0.4, 0.5}, 0, ""}));
  CHECK_FALSE(is_usable({{0.1, 0.2, 0.3, 0.4, kNan}, 0, ""}));
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
// Which of a person's faces are in its mean.
#include "facesearch/store/person_mean.hpp"

#include <algorithm>
#include <random>

#include "catch.hpp"

namespace facesearch::test {
namespace {

constexpr std::size_t kValues = 64;
// Two photographs of one person have a cosine of about 0.8 here, two of different people one of about 0.
const Calibration kCalibration{{0.2, 0.3, 0.5, 0.6, 0.7}, 1e-5, "made up"};

using Faces = std::vector<std::vector<float>>;

std::vector<float> drawn(std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> values(kValues);
  for (float& value : values) value = normal(random);
  return normalised(std::move(values));
}

Faces photographs(std::mt19937& random, std::size_t count) {
  const std::vector<float> person = drawn(random);
  Faces faces;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<float> values = drawn(random);
    for (std::size_t k = 0; k < kValues; ++k) values[k] = person[k] + 0.5F * values[k];
    faces.push_back(normalised(std::move(values)));
  }
  return faces;
}

// Faces of two people in any order, and which of them are of the first.
struct Mixture {
  Mixture(std::mt19937& random, std::size_t first_count, std::size_t other_count) {
    for (auto& face : photographs(random, first_count)) both.emplace_back(true, std::move(face));
    for (auto& face : photographs(random, other_count)) both.emplace_back(false, std::move(face));
    std::shuffle(both.begin(), both.end(), random);
    for (const auto& [is_first, face] : both) faces.push_back(face);
    mean = person_mean(faces, kCalibration);
  }

  std::size_t held(bool of_first) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < both.size(); ++i)
      count += both[i].first == of_first && mean.holds[i] ? 1U : 0U;
    return count;
  }

  std::vector<std::pair<bool, std::vector<float>>> both;
  Faces faces;
  PersonMean mean;
};

}  // namespace

TEST_CASE("all photographs of one person are in its mean", "[person_mean]") {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same each time
  for (const std::size_t count : {2U, 3U, 7U, 128U, 129U, 500U}) {
    const PersonMean mean = person_mean(photographs(random, count), kCalibration);
    CHECK(mean.faces == count);
    CHECK(std::ranges::count(mean.holds, true) == static_cast<std::ptrdiff_t>(count));
    REQUIRE(mean.values);
    CHECK(is_unit(*mean.values));
  }
  CHECK_FALSE(person_mean(photographs(random, 1), kCalibration).values);
  CHECK(person_mean({}, kCalibration).holds.empty());
}

TEST_CASE("two people of equally many photographs have no mean", "[person_mean]") {
  std::mt19937 random(2);  // NOLINT(cert-msc51-cpp)
  for (const std::size_t count : {1U, 2U, 3U, 4U, 5U, 10U, 50U}) {
    CAPTURE(count);
    const Mixture mixture(random, count, count);
    CHECK_FALSE(mixture.mean.values);
    CHECK(mixture.held(true) + mixture.held(false) == 0);
  }
}

TEST_CASE("the mean of two people is that of the one with more photographs", "[person_mean]") {
  std::mt19937 random(3);  // NOLINT(cert-msc51-cpp)
  for (const auto& [more, fewer] : {std::pair{2U, 1U}, {3U, 2U}, {5U, 2U}, {10U, 9U}, {300U, 100U}}) {
    CAPTURE(more, fewer);
    const Mixture mixture(random, more, fewer);
    CHECK(mixture.mean.values);
    CHECK(mixture.held(true) == more);
    CHECK(mixture.held(false) == 0);
  }
}

}  // namespace facesearch::test

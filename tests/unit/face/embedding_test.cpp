// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/embedding.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "catch.hpp"
#include "made_pack.hpp"

using namespace facesearch;

namespace {

double cosine(const Template& a, const Template& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

// Answers in a ball of about `size` about a place 10 away from the origin.
std::vector<std::vector<float>> answers(std::size_t count, double size) {
  std::mt19937 random(11);  // NOLINT: the same in every run
  std::normal_distribution<double> normal;
  std::vector<std::vector<float>> all(count);
  for (auto& answer : all) {
    for (int i = 0; i < 64; ++i) answer.push_back(static_cast<float>(10.0 / 8 + size / 8 * normal(random)));
  }
  return all;
}

EmbedderSpec on_sphere(double radius) {
  EmbedderSpec spec;
  spec.dimension = 64;
  spec.sphere = {std::vector<float>(64, 0.99F / 8), radius};
  return spec;
}

}  // namespace

TEST_CASE("an answer becomes a template of norm 1") {
  const std::vector<float> answer{3, 0, -4};
  CHECK(template_of(answer, {}) == Template{0.6F, 0, -0.8F});
  EmbedderSpec named;
  named.network.file = "e.onnx";
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  for (const auto& broken :
       {std::vector<float>{0, 0}, {kNone, 1}, {1, std::numeric_limits<float>::infinity()}}) {
    const Error error = made::thrown_by([&] { (void)template_of(broken, named); });
    CHECK(error.cause() == Cause::kModelMissing);
    CHECK(error.reason() == "MODEL_UNUSABLE");
    CHECK_THAT(error.detail(), Catch::Contains("e.onnx"));
  }
  CHECK(mean_of_sides({1, 0}, {0, 1})[0] == Approx(std::sqrt(0.5)));
}

TEST_CASE("on the sphere cosines follow the distances of the answers and are spread out") {
  const auto all = answers(60, 0.5);
  const EmbedderSpec spec = on_sphere(0.1);
  struct Pair {
    double distance, plain, lifted;
  };
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Template one = template_of(all[i], spec);
    CHECK(cosine(one, one) == Approx(1).margin(1e-6));
    for (std::size_t j = 0; j < i; ++j) {
      double square = 0;
      for (std::size_t k = 0; k < 64; ++k) square += std::pow(double{all[i][k]} - double{all[j][k]}, 2);
      pairs.push_back({std::sqrt(square), cosine(template_of(all[i], {}), template_of(all[j], {})),
                       cosine(one, template_of(all[j], spec))});
    }
  }
  const auto [least, most] =
      std::minmax_element(pairs.begin(), pairs.end(), [](auto& a, auto& b) { return a.lifted < b.lifted; });
  CHECK(most->lifted - least->lifted > 0.1);
  const auto [low, high] =
      std::minmax_element(pairs.begin(), pairs.end(), [](auto& a, auto& b) { return a.plain < b.plain; });
  CHECK(high->plain - low->plain < 0.003);
  // Clearly farther apart is less alike.
  for (const Pair& a : pairs) {
    for (const Pair& b : pairs) {
      if (a.distance > 1.15 * b.distance) CHECK(a.lifted < b.lifted);
    }
  }
}

TEST_CASE("an answer outside the sphere comes to lie on its rim") {
  const EmbedderSpec spec = on_sphere(0.01);
  for (const auto& answer : answers(20, 3)) {
    const Template values = template_of(answer, spec);
    CHECK(cosine(values, values) == Approx(1).margin(1e-6));
    const double along = cosine(values, Template(64, 1.0F / 8));
    CHECK(std::abs(along) < 1e-4);
  }
}

// SPDX-License-Identifier: MIT
#include "facesearch/core/template_codes.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"

using namespace facesearch;

namespace {

struct Coded {
  CodeScale scale;
  std::vector<std::uint8_t> codes;
};

Coded coded(const Template& values) {
  Coded result{{}, std::vector<std::uint8_t>(code_stride(values.size()), 7)};
  result.scale = encode_template(values, result.codes);
  return result;
}

long double distance(const Template& values, const Coded& coded) {
  long double square = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const long double off = static_cast<long double>(values[i]) -
                            static_cast<long double>(coded.scale.scale) * (coded.codes[i] - 128);
    square += off * off;
  }
  return std::sqrt(square);
}

}  // namespace

TEST_CASE("codes lie in rows of whole cache lines") {
  CHECK(code_stride(0) == 0);
  CHECK(code_stride(1) == 64);
  CHECK(code_stride(64) == 64);
  CHECK(code_stride(65) == 128);
  CHECK(code_stride(512) == 512);
}

TEST_CASE("a code is the value over the scale, rounded; what follows the values is code 0") {
  const Coded result = coded({127.0F / 128, -1.0F / 128, 0, 2.6F / 128});
  CHECK(result.scale.scale == 1.0F / 128);
  CHECK(std::vector<int>(result.codes.begin(), result.codes.begin() + 6) ==
        std::vector<int>{255, 127, 128, 131, 128, 128});
  CHECK(result.codes.back() == 128);
  CHECK(result.scale.error >= 0.4F / 128);
  CHECK(result.scale.error <= 0.41F / 128);
}

TEST_CASE("what codes hold exactly has no error, what they cannot hold is all error") {
  CHECK(coded({0, 0, 0}).scale.scale == 0);
  CHECK(coded({0, 0, 0}).scale.error == 0);
  const float tiny = std::numeric_limits<float>::denorm_min();
  const Coded result = coded({tiny, -tiny});
  CHECK(result.scale.scale == 0);
  CHECK(result.codes[0] == 128);
  CHECK(static_cast<long double>(result.scale.error) >= distance({tiny, -tiny}, result));
  CHECK(coded({1}).codes[0] == 255);
  CHECK(coded({-1}).codes[0] == 1);
}

TEST_CASE("the error is never below the distance, and hardly above it") {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> exponent(-30, 0);
  for (int round = 0; round < 2000; ++round) {
    Template values(1 + random() % 300);
    for (float& value : values) value = normal(random) * (round % 2 == 0 ? 1 : std::exp2(exponent(random)));
    values = normalised(values);
    const Coded result = coded(values);
    const long double off = distance(values, result);
    REQUIRE(static_cast<long double>(result.scale.error) >= off);
    REQUIRE(static_cast<long double>(result.scale.error) <= off * (1 + 1e-6L) + 1e-40L);
  }
}

TEST_CASE("codes need their own room") {
  std::vector<std::uint8_t> codes(65);
  CHECK_THROWS_AS(encode_template(Template{1}, codes), Error);
}

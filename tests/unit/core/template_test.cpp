// SPDX-License-Identifier: MIT
#include "facesearch/core/template.hpp"

#include <cmath>
#include <limits>

#include "catch.hpp"
#include "facesearch/core/error.hpp"

using namespace facesearch;

namespace {

std::string refusal(const Template& values, int dimension) {
  try {
    require_template(values, dimension);
    return "";
  } catch (const Error& error) {
    CHECK(error.cause() == Cause::kInvalidValue);
    CHECK(error.reason() == "TEMPLATE_INVALID");
    return error.detail();
  }
}

}  // namespace

TEST_CASE("values are scaled to the length 1, or have none") {
  CHECK(normalised({3, 4}) == Template{0.6F, 0.8F});
  const Template large = normalised({1e30F, 1e30F});
  CHECK(large[0] == Approx(std::sqrt(0.5)));
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Template& none :
       {Template{}, Template{0, 0}, Template{infinity, 1}, Template{std::nanf(""), 1}}) {
    CHECK_THROWS_AS(normalised(none), Error);
  }
}

TEST_CASE("a template from elsewhere has its model's length, finite values and the norm 1") {
  CHECK(refusal({0.6F, 0.8F}, 2).empty());
  CHECK(refusal({1, 0, 9e-4F}, 3).empty());
  CHECK_THAT(refusal({0.6F, 0.8F}, 3), Catch::Contains("has 2 numbers, those of its model have 3"));
  CHECK_THAT(refusal({}, 3), Catch::Contains("has 0 numbers"));
  CHECK_THAT(refusal({0.6F, std::nanf("")}, 2), Catch::Contains("no finite number"));
  CHECK_THAT(refusal({-std::numeric_limits<float>::infinity(), 0}, 2), Catch::Contains("no finite number"));
  CHECK_THAT(refusal({1.000002F, 0}, 2), Catch::Contains("the length 1.000002"));
  CHECK_THAT(refusal({0, 0}, 2), Catch::Contains("the length 0"));
  CHECK_THAT(refusal({3e38F, 3e38F}, 2), Catch::Contains("the length"));
}

TEST_CASE("one rule says what has the length 1") {
  CHECK(is_unit(Template{0.6F, 0.8F}));
  CHECK(is_unit(Template{1.0000005F}));
  CHECK_FALSE(is_unit(Template{1.000002F}));
  CHECK_FALSE(is_unit(Template{}));
  CHECK_FALSE(is_unit(Template{std::nanf("")}));
  CHECK_FALSE(is_unit(Template{std::numeric_limits<float>::infinity()}));
}

TEST_CASE("a mean of templates has norm 1 and lies between them", "[template]") {
  TemplateMean mean(2);
  CHECK_FALSE(mean.take());
  const Template x{1, 0};
  const Template y{0, 1};
  mean.add(x);
  CHECK(mean.take() == x);
  CHECK(mean.cosine_to_others(x) == -1);  // there are no others
  mean.add(y);
  CHECK(mean.count() == 2);
  const auto between = mean.take();
  REQUIRE(between);
  CHECK(is_unit(*between));
  CHECK(between->at(0) == between->at(1));
  CHECK(mean.cosine_to_others(x) == Approx(0).margin(1e-6));
  mean.add(x);
  CHECK(mean.cosine_to_others(y) == Approx(0).margin(1e-6));
  CHECK(mean.cosine_to_others(x) == Approx(std::sqrt(0.5)).epsilon(1e-6));
}

TEST_CASE("templates that cancel each other out have no mean", "[template]") {
  TemplateMean mean(3);
  mean.add(Template{0.6F, 0.8F, 0});
  mean.add(Template{-0.6F, -0.8F, 0});
  CHECK_FALSE(mean.take());
  TemplateMean many(2);
  for (int i = 0; i < 10'000; ++i) many.add(Template{i % 2 == 0 ? 1.0F : -1.0F, 0});
  CHECK_FALSE(many.take());
  many.add(Template{0, 1});
  CHECK(many.take() == Template{0, 1});
}

TEST_CASE("the mean of ten thousand equal templates is that template", "[template]") {
  const Template one = normalised({0.1F, -0.7F, 0.3F, 0.2F});
  TemplateMean mean(one.size());
  for (int i = 0; i < 10'000; ++i) mean.add(one);
  const auto values = mean.take();
  REQUIRE(values);
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(values->at(i) == Approx(one[i]).epsilon(1e-6));
  CHECK(mean.cosine_to_others(one) == Approx(1).epsilon(1e-6));
}

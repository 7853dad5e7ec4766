// SPDX-License-Identifier: MIT
#include "facesearch/core/geometry.hpp"

#include "catch.hpp"

using namespace facesearch;

TEST_CASE("two boxes overlap by what they share of what they cover") {
  const Box box{10, 20, 30, 40};
  CHECK(overlap(box, box) == 1);
  CHECK(overlap(box, {25, 20, 30, 40}) == Approx(1.0 / 3));
  CHECK(overlap({25, 20, 30, 40}, box) == Approx(1.0 / 3));
  CHECK(overlap(box, {15, 30, 10, 10}) == Approx(100.0 / 1200));
  CHECK(overlap(box, {40, 20, 30, 40}) == 0);
  CHECK(overlap(box, {-50, 20, 30, 40}) == 0);
  CHECK(overlap(box, {10, 60, 30, 40}) == 0);
  CHECK(overlap({}, {}) == 0);
}

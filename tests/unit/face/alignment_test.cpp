// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/alignment.hpp"

#include <cmath>
#include <random>

#include "catch.hpp"

using facesearch::best_similarity;
using facesearch::Landmarks;
using facesearch::Point;
using facesearch::Similarity;

namespace {

double squared_error(const Similarity& s, const Landmarks& from, const Landmarks& to) {
  double sum = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Point p = s(from.at(i));
    sum += (p.x - to.at(i).x) * (p.x - to.at(i).x) + (p.y - to.at(i).y) * (p.y - to.at(i).y);
  }
  return sum;
}

// Slow and obvious: from many starts, step along each parameter as long as that makes the error smaller.
double least_error_by_search(const Landmarks& from, const Landmarks& to) {
  double least = 1e300;
  for (int start = 0; start < 4; ++start) {
    const double angle = start * 1.5707963267948966;
    Similarity s{std::cos(angle), std::sin(angle), 0, 0};
    double error = squared_error(s, from, to);
    for (double step = 64; step > 1e-9;) {
      bool better = false;
      for (double Similarity::*parameter :
           {&Similarity::a, &Similarity::b, &Similarity::dx, &Similarity::dy}) {
        const bool shift = parameter == &Similarity::dx || parameter == &Similarity::dy;
        for (const double sign : {-1.0, 1.0}) {
          Similarity tried = s;
          tried.*parameter += sign * step * (shift ? 1 : 0.01);
          const double e = squared_error(tried, from, to);
          if (e < error) {
            error = e;
            s = tried;
            better = true;
          }
        }
      }
      if (!better) step /= 2;
    }
    least = std::min(least, error);
  }
  return least;
}

Landmarks random_points(std::mt19937& random, double size) {
  std::uniform_real_distribution<double> place(-size, size);
  Landmarks points;
  for (Point& p : points) p = {place(random), place(random)};
  return points;
}

}  // namespace

TEST_CASE("an exact similarity is recovered") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> angle(-3.14, 3.14);
  std::uniform_real_distribution<double> scale(0.01, 50);
  std::uniform_real_distribution<double> shift(-1000, 1000);
  for (int round = 0; round < 500; ++round) {
    const double turn = angle(random);
    const double size = scale(random);
    const Similarity made{size * std::cos(turn), size * std::sin(turn), shift(random), shift(random)};
    const Landmarks from = random_points(random, 100);
    Landmarks to;
    for (std::size_t i = 0; i < from.size(); ++i) to.at(i) = made(from.at(i));
    const Similarity found = best_similarity(from, to);
    CHECK(found.a == Approx(made.a).margin(1e-9));
    CHECK(found.b == Approx(made.b).margin(1e-9));
    CHECK(found.dx == Approx(made.dx).margin(1e-7));
    CHECK(found.dy == Approx(made.dy).margin(1e-7));
  }
}

TEST_CASE("the inverse leads back") {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const Landmarks from = random_points(random, 100);
    const Similarity s = best_similarity(from, random_points(random, 30));
    for (const Point& p : from) {
      const Point back = inverse(s)(s(p));
      CHECK(back.x == Approx(p.x).margin(1e-6));
      CHECK(back.y == Approx(p.y).margin(1e-6));
    }
  }
}

TEST_CASE("no other similarity comes closer") {
  std::mt19937 random(2);
  for (int round = 0; round < 40; ++round) {
    const Landmarks from = random_points(random, 10);
    const Landmarks to = random_points(random, 10);
    const double error = squared_error(best_similarity(from, to), from, to);
    const double searched = least_error_by_search(from, to);
    CHECK(error <= searched * (1 + 1e-9));
    CHECK(searched <= error * 1.001);
  }
}

TEST_CASE("a mirrored face is not mirrored back") {
  const Landmarks from{{{0, 0}, {10, 0}, {5, 5}, {1, 10}, {9, 10}}};
  Landmarks mirrored = from;
  for (Point& p : mirrored) p.x = -p.x;
  const Similarity s = best_similarity(from, mirrored);
  CHECK(squared_error(s, from, mirrored) > 100);
}

TEST_CASE("points that coincide are only shifted") {
  const Landmarks from{{{3, 4}, {3, 4}, {3, 4}, {3, 4}, {3, 4}}};
  const Landmarks to{{{0, 0}, {10, 0}, {5, 5}, {1, 10}, {9, 10}}};
  const Similarity s = best_similarity(from, to);
  CHECK(s.a == 1);
  CHECK(s.b == 0);
  CHECK(s({3, 4}).x == Approx(5));
  CHECK(s({3, 4}).y == Approx(5));
}

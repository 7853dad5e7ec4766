// SPDX-License-Identifier: MIT
#include "facesearch/match/top_candidates.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include "catch.hpp"
#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

Uuid id_of(unsigned number) {
  Uuid id;
  id.bytes[0] = static_cast<std::uint8_t>(number >> 8U);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

// Everything at or above the cosine, fully sorted, then cut.
std::vector<Candidate> by_full_sort(std::vector<Candidate> all, double min_cosine, std::size_t limit) {
  std::erase_if(all, [&](const Candidate& candidate) { return candidate.cosine < min_cosine; });
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    if (a.cosine > b.cosine) return true;
    if (a.cosine < b.cosine) return false;
    return a.face < b.face;
  });
  if (all.size() > limit) all.resize(limit);
  return all;
}

bool same(const std::vector<Candidate>& a, const std::vector<Candidate>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Candidate& x, const Candidate& y) {
    return x.face == y.face && x.cosine == y.cosine;
  });
}

}  // namespace

TEST_CASE("the best candidates are those of a full sort, ties by face id", "[top]") {
  std::mt19937 random(4);
  for (int round = 0; round < 400; ++round) {
    const std::size_t count = std::uniform_int_distribution<std::size_t>(0, 60)(random);
    const std::size_t limit = std::uniform_int_distribution<std::size_t>(0, 20)(random);
    // Few different cosines, so that ties fall across the limit as well.
    std::uniform_int_distribution<int> eighths(-8, 8);
    const double min_cosine = eighths(random) / 8.0;
    std::vector<Candidate> all;
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back({id_of(static_cast<unsigned>(i * 7919 % 1000)), eighths(random) / 8.0});
    }
    std::shuffle(all.begin(), all.end(), random);
    TopCandidates top(min_cosine, limit);
    for (const Candidate& candidate : all) top.offer(candidate.face, candidate.cosine);
    CHECK(top.matches() == by_full_sort(all, min_cosine, count).size());
    CHECK(same(top.take(), by_full_sort(all, min_cosine, limit)));
    CHECK(top.take().empty());
  }
}

TEST_CASE("a limit of none counts all the same, and what is not a number is no match", "[top]") {
  TopCandidates none(0.5, 0);
  none.offer(id_of(1), 0.5);
  none.offer(id_of(2), 0.4999);
  none.offer(id_of(3), std::numeric_limits<double>::quiet_NaN());
  CHECK(none.matches() == 1);
  CHECK(none.take().empty());
  CHECK(none.matches() == 1);
}

TEST_CASE("the cosine is the plain sum of products", "[top]") {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  for (std::size_t size = 0; size < 70; ++size) {
    std::vector<float> a(size);
    std::vector<float> b(size);
    for (float& value : a) value = normal(random);
    for (float& value : b) value = normal(random);
    long double sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
      sum += static_cast<long double>(a[i]) * static_cast<long double>(b[i]);
    }
    CHECK(exact_cosine(a, b) == Approx(static_cast<double>(sum)).margin(1e-12));
    CHECK(exact_cosine(a, b) == exact_cosine(b, a));
  }
}

TEST_CASE("the order of the sum is fixed, so the digits are", "[top]") {
  // Eight lanes: what a lane gathers meets the others at the end only. 2^60 in lane 0 swallows what is
  // added after it there, and cancels with lane 4 before the others come in.
  std::vector<float> a(16, 1.0F);
  const std::vector<float> b(16, 1.0F);
  a[0] = 0x1p60F;
  a[4] = -0x1p60F;
  CHECK(exact_cosine(a, b) == 12.0);
}

TEST_CASE("templates of different length are refused, not read past their end", "[top]") {
  const std::vector<float> a(8);
  const std::vector<float> b(9);
  CHECK_THROWS_AS(exact_cosine(a, b), Error);
  CHECK_THROWS_AS(exact_cosine(b, a), Error);
}

}  // namespace facesearch

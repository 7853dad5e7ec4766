// SPDX-License-Identifier: MIT
#include "facesearch/match/exact_search.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "catch.hpp"
#include "code_gallery.hpp"
#include "extent.hpp"
#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

using test::full_extent;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::array<std::size_t, 8> kDimensions{1, 2, 8, 63, 64, 65, 128, 512};

double some_threshold(const CodeGallery& gallery, std::span<const float> probe, std::mt19937& random) {
  const auto row = gallery.row(CodeGallery::kFirstSlot + random() % gallery.size());
  const double met = exact_cosine(probe, row);
  switch (random() % 7) {
    case 0:
      return -kInfinity;
    case 1:
      return -1;
    case 2:
      return met;
    case 3:
      return std::nextafter(met, 2);
    case 4:
      return std::nextafter(met, -2);
    case 5:
      return 2;
    default:
      return std::uniform_real_distribution<double>(-1, 1)(random);
  }
}

std::size_t some_limit(const CodeGallery& gallery, std::mt19937& random) {
  const std::array<std::size_t, 8> limits{
      0, 1, 2, 5, 10, gallery.size(), gallery.size() + 7, std::numeric_limits<std::size_t>::max()};
  return limits.at(random() % limits.size());
}

// `left_out`: where the query's slots are kept.
ExactSearch::Query some_query(const CodeGallery& gallery, std::span<const float> probe, std::mt19937& random,
                              std::vector<std::uint64_t>& left_out) {
  ExactSearch::Query query;
  query.probe = probe;
  query.min_cosine = some_threshold(gallery, probe, random);
  query.limit = some_limit(gallery, random);
  query.now = static_cast<std::uint32_t>(random() % 5);
  if (random() % 3 == 0) {
    for (std::size_t slot = CodeGallery::kFirstSlot - 3; slot < CodeGallery::kFirstSlot + gallery.size() + 3;
         slot += 1 + random() % 50) {
      left_out.push_back(slot);
    }
    query.left_out = left_out;
  }
  return query;
}

CodeGallery some_gallery(int kind, std::size_t dimension, std::mt19937& random) {
  const std::size_t most = dimension > 128 ? 60 : 240;
  const std::size_t count = 1 + random() % most;
  const std::array<std::size_t, 4> block_rows{1 + random() % 40, 64, 128, 1000};
  const std::size_t rows = block_rows.at(random() % 4);
  return {templates_of_kind(kind, count, dimension, random), rows, random() % 2 == 0, random() % 2 == 0,
          random};
}

// A row of the gallery, something of its kind, or anything.
Template some_probe(const CodeGallery& gallery, int kind, std::size_t dimension, std::mt19937& random) {
  if (random() % 3 != 0) {
    const auto row = gallery.row(CodeGallery::kFirstSlot + random() % gallery.size());
    return {row.begin(), row.end()};
  }
  return templates_of_kind(random() % 2 == 0 ? kind : kKinds - 1, 1, dimension, random).front();
}

}  // namespace

TEST_CASE("every kernel answers what the plain scan answers, to the last bit") {
  std::mt19937 random(17);
  std::size_t queries = 0;
  const int rounds = full_extent() ? 20 : 4;
  for (int round = 0; round < rounds; ++round) {
    for (const std::size_t dimension : kDimensions) {
      for (int kind = 0; kind < kKinds; ++kind) {
        const CodeGallery gallery = some_gallery(kind, dimension, random);
        for (int i = 0; i < 14; ++i) {
          const Template probe = some_probe(gallery, kind, dimension, random);
          std::vector<std::uint64_t> left_out;
          const auto query = some_query(gallery, probe, random, left_out);
          const auto plain = gallery.plain(query);
          for (const Kernel kernel : available_kernels()) {
            const auto exact = gallery.exact(query, kernel, random() % 2 == 0);
            INFO(name_of(kernel) << " dimension " << dimension << " kind " << kind << " rows "
                                 << gallery.size() << " limit " << query.limit << " min "
                                 << query.min_cosine);
            if (!same(exact, plain)) {
              CHECK(exact.matches == plain.matches);
              FAIL("another list");
            }
            REQUIRE(exact.scored <= plain.scored);
            ++queries;
          }
        }
      }
    }
  }
  CHECK(queries >= static_cast<std::size_t>(rounds) * 1000 * available_kernels().size());
}

// With one row and nothing to list, the count alone says whether a bound was ever on the wrong side.
TEST_CASE("no bound is ever on the wrong side of the cosine") {
  std::mt19937 random(23);
  for (const std::size_t dimension : std::array<std::size_t, 6>{1, 2, 64, 128, 1000, 16384}) {
    const int rounds = dimension < 1000 ? 60 : 3;
    for (int kind = 0; kind < kKinds; ++kind) {
      for (int round = 0; round < rounds; ++round) {
        const auto row = templates_of_kind(kind, 1, dimension, random);
        const std::array<int, 3> kinds{0, 5, kind};
        const Template probe =
            templates_of_kind(kinds.at(static_cast<std::size_t>(round % 3)), 1, dimension, random).front();
        const CodeGallery gallery(row, 1, false, false, random);
        const double cosine = exact_cosine(probe, row.front());
        for (const Kernel kernel : available_kernels()) {
          for (const double away : {0.0, 1e-16, 1e-12, 1e-8, 1e-6, 1e-4, 1e-2}) {
            REQUIRE(gallery.exact({probe, cosine - away, 0, 0, {}}, kernel).matches == 1);
            REQUIRE(gallery.exact({probe, std::nextafter(cosine + away, 9), 0, 0, {}}, kernel).matches == 0);
          }
        }
      }
    }
  }
}

TEST_CASE("few rows are scored where few can be listed, however many match") {
  std::mt19937 random(3);
  const CodeGallery gallery(templates_of_kind(0, 20'000, 128, random), 1024, false, false, random);
  const Template probe = templates_of_kind(0, 1, 128, random).front();
  for (const Kernel kernel : available_kernels()) {
    for (const double min_cosine : {-kInfinity, -1.0, -0.9}) {
      const auto exact = gallery.exact({probe, min_cosine, 10, 0, {}}, kernel);
      CHECK(exact.matches == 20'000);
      CHECK(exact.list.size() == 10);
      CHECK(exact.scored < 40);
    }
    CHECK(gallery.exact({probe, 0.9, 10, 0, {}}, kernel).scored == 0);
  }
}

TEST_CASE("a threshold that is no number matches nothing") {
  std::mt19937 random(4);
  const CodeGallery gallery(templates_of_kind(1, 100, 64, random), 64, false, false, random);
  const Template probe = templates_of_kind(1, 1, 64, random).front();
  const auto exact = gallery.exact({probe, std::nan(""), 10, 0, {}}, best_kernel());
  CHECK(exact.matches == 0);
  CHECK(exact.list.empty());
}

TEST_CASE("what is no template is not searched for, nor compared with rows of another length") {
  CHECK_THROWS_AS(ExactSearch({Template{0.5F}, 0, 1, 0, {}}, Kernel::kScalar), Error);
  CHECK_THROWS_AS(ExactSearch({Template{}, 0, 1, 0, {}}, Kernel::kScalar), Error);
  Template long_one(16385);
  long_one[0] = 1;
  CHECK_THROWS_AS(ExactSearch({long_one, 0, 1, 0, {}}, Kernel::kScalar), Error);
  std::mt19937 random(4);
  const CodeGallery gallery(templates_of_kind(1, 3, 65, random), 64, false, false, random);
  const Template probe = templates_of_kind(1, 1, 64, random).front();
  CHECK_THROWS_AS(gallery.exact({probe, 0, 1, 0, {}}, Kernel::kScalar), Error);
}

}  // namespace facesearch

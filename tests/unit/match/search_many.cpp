// SPDX-License-Identifier: MIT
#include "facesearch/match/search_many.hpp"

#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "catch.hpp"
#include "code_gallery.hpp"

namespace facesearch {
namespace {

std::function<BlockReader()> reader_of(const CodeGallery& gallery) {
  return [&gallery]() -> BlockReader {
    return [&gallery](std::uint64_t block) { return gallery.block(block); };
  };
}

// Met by a row to the last bit, missed by one, all there are, or anything.
double some_threshold(const CodeGallery& gallery, const Template& probe, std::mt19937& random) {
  const double met = exact_cosine(probe, gallery.row(CodeGallery::kFirstSlot + random() % gallery.size()));
  const std::array<double, 6> thresholds{met,
                                         std::nextafter(met, 2),
                                         std::nextafter(met, -2),
                                         -std::numeric_limits<double>::infinity(),
                                         -1,
                                         std::uniform_real_distribution<double>(-1, 1)(random)};
  return thresholds.at(random() % thresholds.size());
}

}  // namespace

TEST_CASE("many probes with many threads find what each finds alone") {
  std::mt19937 random(31);
  for (int round = 0; round < 40; ++round) {
    const int kind = round % kKinds;
    const std::array<std::size_t, 6> dimensions{1, 63, 64, 100, 128, 512};
    const std::size_t dimension = dimensions.at(random() % dimensions.size());
    const std::size_t block_rows = round % 3 == 0 ? 1024 : 1 + random() % 90;
    const CodeGallery gallery(templates_of_kind(kind, 1 + random() % 700, dimension, random), block_rows,
                              round % 4 != 0, true, random);
    // Some are rows, so that cosines are at the bound; the first and last of a panel are among them.
    auto probes = templates_of_kind(kind, 1 + random() % 100, dimension, random);
    for (std::size_t i = 0; i < probes.size(); i += 31) {
      const auto row = gallery.row(CodeGallery::kFirstSlot + random() % gallery.size());
      probes[i].assign(row.begin(), row.end());
    }
    const std::array<std::uint64_t, 1> left_out{CodeGallery::kFirstSlot + 5};
    std::vector<ExactSearch::Query> queries;
    queries.reserve(probes.size());
    for (const Template& probe : probes) {
      queries.push_back(
          {probe, some_threshold(gallery, probe, random), random() % 30,
           static_cast<std::uint32_t>(random() % 5),
           random() % 2 == 0 ? std::span<const std::uint64_t>(left_out) : std::span<const std::uint64_t>{}});
    }
    std::vector<CodeGallery::Answer> expected;
    expected.reserve(queries.size());
    for (const auto& query : queries) expected.push_back(gallery.plain(query));
    for (const Kernel kernel : available_kernels()) {
      for (const std::size_t threads : std::array<std::size_t, 4>{0, 1, 2, 5}) {
        auto searches = search_many(queries, kernel, threads, gallery.blocks(), reader_of(gallery));
        REQUIRE(searches.size() == queries.size());
        for (std::size_t i = 0; i < queries.size(); ++i) {
          INFO(name_of(kernel) << " dimension " << dimension << " kind " << kind << " threads " << threads
                               << " limit " << queries[i].limit << " min " << queries[i].min_cosine);
          REQUIRE(same(gallery.answer(searches[i]), expected[i]));
          if (threads == 1) REQUIRE(same(gallery.exact(queries[i], kernel), expected[i]));
        }
      }
    }
  }
}

TEST_CASE("no blocks, or no probes, are searched as well") {
  std::mt19937 random(1);
  const CodeGallery gallery(templates_of_kind(0, 10, 8, random), 4, false, false, random);
  CHECK(search_many({}, Kernel::kScalar, 3, gallery.blocks(), reader_of(gallery)).empty());
  const Template probe = templates_of_kind(0, 1, 8, random).front();
  auto searches = search_many({{probe, -1, 3, 0, {}}}, Kernel::kScalar, 3, 0, reader_of(gallery));
  CHECK(searches.at(0).survivors().empty());
  CHECK(searches.at(0).matches() == 0);
}

TEST_CASE("each thread opens a reader of its own, and what one throws comes back") {
  std::mt19937 random(2);
  const CodeGallery gallery(templates_of_kind(0, 400, 8, random), 4, false, false, random);
  const Template probe = templates_of_kind(0, 1, 8, random).front();
  const std::vector<ExactSearch::Query> queries{{probe, -1, 3, 0, {}}};
  std::atomic<int> opened = 0;
  search_many(queries, Kernel::kScalar, 4, gallery.blocks(), [&] {
    ++opened;
    return reader_of(gallery)();
  });
  CHECK(opened == 4);
  const auto search = [&](std::uint64_t bad, std::size_t threads) {
    return search_many(queries, Kernel::kScalar, threads, gallery.blocks(), [&, bad]() -> BlockReader {
      return [&, bad](std::uint64_t block) {
        if (block == bad) throw std::runtime_error("unreadable");
        return gallery.block(block);
      };
    });
  };
  for (const std::size_t threads : std::array<std::size_t, 3>{1, 2, 4}) {
    CHECK_THROWS_WITH(search(0, threads), "unreadable");
    CHECK_THROWS_WITH(search(gallery.blocks() - 1, threads), "unreadable");
    CHECK(search(gallery.blocks(), threads).size() == 1);
  }
  CHECK_THROWS_WITH(search_many(queries, Kernel::kScalar, 2, gallery.blocks(),
                                []() -> BlockReader { throw std::runtime_error("no reader"); }),
                    "no reader");
}

}  // namespace facesearch

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

ManyScan scan_of(const CodeGallery& gallery, std::size_t threads) {
  ManyScan scan;
  scan.block_count = gallery.blocks();
  scan.open_reader = [&gallery]() -> BlockReader {
    return [&gallery](std::uint64_t block) { return gallery.block(block); };
  };
  scan.score = [&gallery](std::span<ExactSearch> searches) {
    for (ExactSearch& search : searches) gallery.score(search);
  };
  scan.threads = threads;
  return scan;
}

CodeGallery::Answer answer_of(ExactSearch& search) {
  CodeGallery::Answer answer;
  answer.matches = search.matches();
  answer.list = search.take();
  return answer;
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
        auto searches = search_many(queries, kernel, scan_of(gallery, threads));
        REQUIRE(searches.size() == queries.size());
        for (std::size_t i = 0; i < queries.size(); ++i) {
          INFO(name_of(kernel) << " dimension " << dimension << " kind " << kind << " threads " << threads
                               << " limit " << queries[i].limit << " min " << queries[i].min_cosine);
          REQUIRE(same(answer_of(searches[i]), expected[i]));
          if (threads == 1) REQUIRE(same(gallery.exact(queries[i], kernel), expected[i]));
        }
      }
    }
  }
}

TEST_CASE("what is open is scored on the way where it takes too much memory") {
  std::mt19937 random(37);
  constexpr std::size_t kDimension = 8;
  // Very many rows match, and most searches list very many of them.
  const CodeGallery gallery(templates_of_kind(0, 60'000, kDimension, random), 1024, true, false, random);
  const auto probes = templates_of_kind(0, 60, kDimension, random);
  std::vector<ExactSearch::Query> queries;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const double met = exact_cosine(probes[i], gallery.row(CodeGallery::kFirstSlot + random() % 60'000));
    queries.push_back({probes[i], std::min(met, 0.0), i % 3 == 0 ? 10U : 50'000U, 0, {}});
  }
  std::vector<CodeGallery::Answer> expected;
  expected.reserve(queries.size());
  for (const auto& query : queries) expected.push_back(gallery.plain(query));
  for (const std::size_t threads : std::array<std::size_t, 2>{1, 3}) {
    ManyScan scan = scan_of(gallery, threads);
    scan.most_open_bytes = 0;  // kLeastOpenBytes in each thread
    int times = 0;
    std::size_t most = 0;
    const auto score = scan.score;
    scan.score = [&](std::span<ExactSearch> searches) {
      std::size_t bytes = 0;
      for (const ExactSearch& search : searches) bytes += search.open_bytes();
      most = std::max(most, bytes);
      ++times;
      score(searches);
      for (const ExactSearch& search : searches) CHECK(search.open_bytes() == 0);
    };
    auto searches = search_many(queries, best_kernel(), scan);
    CHECK(times > 1);
    // And what one block and the growth of vectors add to it.
    CHECK(most <= 3 * threads * kLeastOpenBytes);
    for (std::size_t i = 0; i < queries.size(); ++i) {
      CAPTURE(i, threads, queries[i].min_cosine);
      REQUIRE(same(answer_of(searches[i]), expected[i]));
    }
  }
}

TEST_CASE("a scan of many ends between two blocks once it is stopped") {
  std::mt19937 random(38);
  const CodeGallery gallery(templates_of_kind(0, 400, 8, random), 4, false, false, random);
  const Template probe = templates_of_kind(0, 1, 8, random).front();
  for (const std::size_t threads : std::array<std::size_t, 2>{1, 3}) {
    ManyScan scan = scan_of(gallery, threads);
    std::atomic<std::size_t> read = 0;
    scan.open_reader = [&]() -> BlockReader {
      return [&](std::uint64_t block) {
        ++read;
        return gallery.block(block);
      };
    };
    scan.stopped = [&] { return read >= 5; };
    bool scored = false;
    scan.score = [&](auto) { scored = true; };
    CHECK_THROWS_AS(search_many({{probe, -1, 3, 0, {}}}, Kernel::kScalar, scan), SearchStopped);
    CHECK(read >= 5);
    CHECK(read <= 5 + threads);
    CHECK_FALSE(scored);
  }
}

TEST_CASE("no blocks, or no probes, are searched as well") {
  std::mt19937 random(1);
  const CodeGallery gallery(templates_of_kind(0, 10, 8, random), 4, false, false, random);
  CHECK(search_many({}, Kernel::kScalar, scan_of(gallery, 3)).empty());
  const Template probe = templates_of_kind(0, 1, 8, random).front();
  ManyScan scan = scan_of(gallery, 3);
  scan.block_count = 0;
  auto searches = search_many({{probe, -1, 3, 0, {}}}, Kernel::kScalar, scan);
  CHECK(searches.at(0).take().empty());
  CHECK(searches.at(0).matches() == 0);
}

TEST_CASE("each thread opens a reader of its own, and what one throws comes back") {
  std::mt19937 random(2);
  const CodeGallery gallery(templates_of_kind(0, 400, 8, random), 4, false, false, random);
  const Template probe = templates_of_kind(0, 1, 8, random).front();
  const std::vector<ExactSearch::Query> queries{{probe, -1, 3, 0, {}}};
  std::atomic<int> opened = 0;
  ManyScan counted = scan_of(gallery, 4);
  counted.open_reader = [&, open = counted.open_reader] {
    ++opened;
    return open();
  };
  search_many(queries, Kernel::kScalar, counted);
  CHECK(opened == 4);
  const auto search = [&](std::uint64_t bad, std::size_t threads) {
    ManyScan scan = scan_of(gallery, threads);
    scan.open_reader = [&, bad]() -> BlockReader {
      return [&, bad](std::uint64_t block) {
        if (block == bad) throw std::runtime_error("unreadable");
        return gallery.block(block);
      };
    };
    return search_many(queries, Kernel::kScalar, scan);
  };
  for (const std::size_t threads : std::array<std::size_t, 3>{1, 2, 4}) {
    CHECK_THROWS_WITH(search(0, threads), "unreadable");
    CHECK_THROWS_WITH(search(gallery.blocks() - 1, threads), "unreadable");
    CHECK(search(gallery.blocks(), threads).size() == 1);
  }
  ManyScan unreadable = scan_of(gallery, 2);
  unreadable.open_reader = []() -> BlockReader { throw std::runtime_error("no reader"); };
  CHECK_THROWS_WITH(search_many(queries, Kernel::kScalar, unreadable), "no reader");
}

}  // namespace facesearch

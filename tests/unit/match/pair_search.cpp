// SPDX-License-Identifier: MIT
#include "facesearch/match/pair_search.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>

#include "catch.hpp"
#include "code_gallery.hpp"
#include "extent.hpp"
#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

using test::full_extent;

const auto kQuiet = [](std::uint64_t, std::uint64_t) {};

// Faces of persons, in slots with holes.
struct People {
  People(std::vector<Template> values, std::size_t persons, std::mt19937& random)
      : templates(std::move(values)), rows(templates.empty() ? 8 : templates.front().size()) {
    for (std::size_t i = 0; i < templates.size(); ++i) {
      slots.push_back((slots.empty() ? 3 : slots.back() + 1) + random() % 3);
      faces.push_back(CodeGallery::id_of(slots.back()));
      person.push_back(CodeGallery::id_of(1'000'000 + random() % persons));
      rows.add(slots[i], faces[i], person[i], templates[i]);
    }
    rows.arrange();
  }

  TemplateSource source() const {
    return [this](std::span<const std::uint64_t> wanted, const auto& visit) {
      REQUIRE(std::ranges::is_sorted(wanted));
      for (const std::uint64_t slot : wanted) {
        visit(slot,
              templates.at(static_cast<std::size_t>(std::ranges::lower_bound(slots, slot) - slots.begin())));
      }
    };
  }

  // Every pair, compared in double.
  PairsFound plain(const PairQuery& query) const {
    PairsFound found;
    for (std::size_t i = 0; i < templates.size(); ++i) {
      for (std::size_t j = i + 1; j < templates.size(); ++j) {
        if (!query.same_person && person[i] == person[j]) continue;
        ++found.compared;
        const double cosine = exact_cosine(templates[i], templates[j]);
        if (!(cosine >= query.min_cosine)) continue;
        found.best.push_back({std::min(faces[i], faces[j]), std::max(faces[i], faces[j]), cosine});
      }
    }
    found.total = found.best.size();
    std::ranges::sort(found.best, [](const FacePair& x, const FacePair& y) {
      if (x.cosine != y.cosine) return x.cosine > y.cosine;
      return std::pair(x.a, x.b) < std::pair(y.a, y.b);
    });
    return found;
  }

  std::set<std::pair<Uuid, Uuid>> ids_of(const std::vector<RowPair>& edges) const {
    std::set<std::pair<Uuid, Uuid>> ids;
    for (const RowPair& edge : edges) ids.insert(std::minmax(rows.face(edge.a), rows.face(edge.b)));
    REQUIRE(ids.size() == edges.size());
    return ids;
  }

  std::vector<Template> templates;
  PairRows rows;
  std::vector<std::uint64_t> slots;
  std::vector<Uuid> faces;
  std::vector<Uuid> person;
};

// One that a pair has, or one that none has.
double threshold(const PairsFound& all, std::mt19937& random) {
  if (all.best.empty() || random() % 4 == 0) return std::uniform_real_distribution<double>(-1, 1)(random);
  return all.best[random() % all.best.size()].cosine;
}

void require_same(const PairsFound& found, const PairsFound& all, std::size_t limit) {
  REQUIRE(found.total == all.total);
  REQUIRE(found.compared == all.compared);
  REQUIRE(found.best.size() == std::min<std::size_t>(limit, all.best.size()));
  for (std::size_t i = 0; i < found.best.size(); ++i) {
    REQUIRE(found.best[i].a == all.best[i].a);
    REQUIRE(found.best[i].b == all.best[i].b);
    REQUIRE(found.best[i].cosine == all.best[i].cosine);
  }
}

}  // namespace

TEST_CASE("all pairs are those of the double loop, for every kernel and number of threads") {
  std::mt19937 random(71);
  constexpr std::array<std::size_t, 6> kDimensions{1, 8, 64, 100, 128, 200};
  for (int round = 0; round < 3 * kKinds; ++round) {
    const int kind = round % kKinds;
    const std::size_t dimension = kDimensions.at(random() % kDimensions.size());
    const std::size_t count =
        round < kKinds ? 1 + random() % 70 : 100 + random() % (full_extent() ? 500 : 120);
    const People people(templates_of_kind(kind, count, dimension, random), 1 + random() % (2 * count),
                        random);
    for (const bool same_person : {false, true}) {
      PairQuery query;
      query.same_person = same_person;
      const PairsFound all = people.plain(query);
      for (int turn = 0; turn < 3; ++turn) {
        query.min_cosine = turn == 0 ? (round % 2 == 0 ? -1 : 1) : threshold(all, random);
        query.limit = random() % 3 == 0 ? random() % 5000 : random() % 30;
        query.most_open = random() % 2 == 0 ? 1U << 20U : 1 + random() % 500;
        const PairsFound expected = people.plain(query);
        for (const Kernel kernel : available_kernels()) {
          const std::size_t threads = 1 + random() % 4;
          require_same(search_pairs(people.rows, query, kernel, threads, people.source(), kQuiet), expected,
                       query.limit);
        }
      }
    }
  }
}

TEST_CASE("edges are all pairs that match, listed or not, and more than are allowed are refused") {
  std::mt19937 random(72);
  for (int kind = 0; kind < kKinds; ++kind) {
    const std::size_t faces = full_extent() ? 600 : 160;
    const People people(templates_of_kind(kind, faces, 64, random), faces / 2, random);
    PairQuery query;
    query.same_person = kind % 2 == 0;
    query.min_cosine = threshold(people.plain(query), random);
    query.limit = kind % 3 == 0 ? 10 : 0;
    const PairsFound expected = people.plain(query);
    std::set<std::pair<Uuid, Uuid>> ids;
    for (const FacePair& pair : expected.best) ids.emplace(pair.a, pair.b);
    for (const Kernel kernel : available_kernels()) {
      for (const std::size_t threads : std::array<std::size_t, 3>{0, 1, 3}) {
        query.most_edges = std::max<std::uint64_t>(expected.total, 1);
        query.most_open = threads == 1 ? 7 : 1U << 20U;
        const auto found = search_pairs(people.rows, query, kernel, threads, people.source(), kQuiet);
        require_same(found, expected, query.limit);
        REQUIRE(people.ids_of(found.edges) == ids);
        if (expected.total < 2) continue;
        query.most_edges = expected.total - 1;
        REQUIRE_THROWS_AS(search_pairs(people.rows, query, kernel, threads, people.source(), kQuiet), Error);
      }
    }
  }
}

TEST_CASE("threads read and score what the codes leave open at the same time") {
  // Each reading waits for another thread's: were pairs scored under one lock, none would come.
  std::mt19937 random(75);
  const People people(templates_of_kind(0, 1100, 8, random), 1000, random);
  PairQuery query{0.5, 50};
  query.most_open = 1;
  std::mutex mutex;
  std::condition_variable entered;
  std::set<std::thread::id> readers;
  bool alone = false;
  const TemplateSource plain = people.source();
  const TemplateSource together = [&](std::span<const std::uint64_t> slots, const auto& visit) {
    {
      std::unique_lock lock(mutex);
      readers.insert(std::this_thread::get_id());
      entered.notify_all();
      alone = alone ||
              !entered.wait_for(lock, std::chrono::seconds(60), [&] { return alone || readers.size() > 1; });
    }
    plain(slots, visit);
  };
  const auto found = search_pairs(people.rows, query, best_kernel(), 3, together, kQuiet);
  CHECK_FALSE(alone);
  require_same(found, people.plain(query), query.limit);
}

TEST_CASE("nobody, one face, and a gallery of one person have no pairs") {
  std::mt19937 random(73);
  for (const std::size_t count : std::array<std::size_t, 3>{0, 1, 200}) {
    const People people(templates_of_kind(0, count, 8, random), 1, random);
    const auto found = search_pairs(people.rows, {-1, 10}, best_kernel(), 2, people.source(), kQuiet);
    CHECK(found.total == 0);
    CHECK(found.compared == 0);
    CHECK(found.best.empty());
  }
}

TEST_CASE("all pairs are told of to the end, and what a caller throws comes back") {
  std::mt19937 random(74);
  const People people(templates_of_kind(0, 1500, 8, random), 1400, random);
  const PairQuery query{-1, 5};
  std::uint64_t before = 0;
  std::uint64_t whole = 0;
  search_pairs(people.rows, query, best_kernel(), 3, people.source(),
               [&](std::uint64_t done, std::uint64_t all) {
                 CHECK(done >= before);
                 before = done;
                 whole = all;
               });
  CHECK(before == whole);
  CHECK(whole == people.plain(query).compared);
  for (const std::size_t threads : std::array<std::size_t, 2>{1, 3}) {
    CHECK_THROWS_WITH(search_pairs(people.rows, query, best_kernel(), threads, people.source(),
                                   [](std::uint64_t, std::uint64_t) { throw std::runtime_error("enough"); }),
                      "enough");
    CHECK_THROWS_WITH(
        search_pairs(
            people.rows, query, best_kernel(), threads,
            [](std::span<const std::uint64_t>, const auto&) { throw std::runtime_error("unreadable"); },
            kQuiet),
        "unreadable");
  }
}

TEST_CASE("what is no template has no pairs") {
  PairRows rows(4);
  CHECK_THROWS_AS(rows.add(0, {}, {}, Template{1, 1, 0, 0}), Error);
  CHECK_THROWS_AS(rows.add(0, {}, {}, Template{1, 0, 0}), Error);
}

}  // namespace facesearch

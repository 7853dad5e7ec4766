// SPDX-License-Identifier: MIT
#include <array>
#include <random>
#include <set>

#include <dlib/clustering.h>

#include "catch.hpp"
#include "facesearch/match/chinese_whispers.hpp"

namespace facesearch {
namespace {

using Labels = std::vector<std::uint32_t>;

// Those of dlib, which knows no node behind the last with an edge: each is alone.
Labels labels_of_dlib(std::size_t nodes, const std::vector<RowPair>& edges) {
  std::vector<dlib::sample_pair> pairs;
  for (const RowPair& edge : edges) pairs.emplace_back(edge.a, edge.b, 1);
  std::vector<unsigned long> labels;
  const unsigned long groups = dlib::chinese_whispers(pairs, labels);
  Labels result(labels.begin(), labels.end());
  auto next = static_cast<std::uint32_t>(groups);
  while (result.size() < nodes) result.push_back(next++);
  return result;
}

// `groups` of nodes among which edges are frequent, with some between them.
std::vector<RowPair> random_edges(std::size_t nodes, std::size_t groups, double inside, double between,
                                  std::mt19937& random) {
  std::uniform_real_distribution<double> draw;
  std::vector<RowPair> edges;
  for (std::uint32_t b = 1; b < nodes; ++b) {
    for (std::uint32_t a = 0; a < b; ++a) {
      if (draw(random) < (a % groups == b % groups ? inside : between)) edges.push_back({a, b});
    }
  }
  if (edges.empty() || edges.back().b + 1 < nodes)
    edges.push_back({0, static_cast<std::uint32_t>(nodes - 1)});
  std::shuffle(edges.begin(), edges.end(), random);
  return edges;
}

}  // namespace

TEST_CASE("groups are those of dlib") {
  std::mt19937 random(81);
  for (int round = 0; round < 60; ++round) {
    const std::size_t nodes = 2 + random() % 150;
    const std::size_t groups = 1 + random() % 20;
    constexpr std::array<double, 4> kShares{0, 0.02, 0.1, 0.9};
    const auto edges =
        random_edges(nodes, groups, kShares.at(random() % 4), kShares.at(random() % 3), random);
    REQUIRE(chinese_whispers(nodes, edges) == labels_of_dlib(nodes, edges));
  }
}

TEST_CASE("who has no edge is alone, and a chain needs no more than an edge") {
  CHECK(chinese_whispers(0, {}).empty());
  CHECK(chinese_whispers(3, {}) == Labels{0, 1, 2});
  const std::vector<RowPair> edges{{1, 3}};
  CHECK(chinese_whispers(5, edges) == Labels{0, 1, 2, 1, 3});
}

TEST_CASE("groups without edges between them stay apart, whole groups together") {
  std::mt19937 random(82);
  const auto edges = random_edges(60, 6, 1, 0, random);
  const Labels labels = chinese_whispers(60, edges);
  for (std::size_t node = 0; node < 60; ++node) CHECK(labels[node] == node % 6);
}

}  // namespace facesearch

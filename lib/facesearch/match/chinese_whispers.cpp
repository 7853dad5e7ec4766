// SPDX-License-Identifier: MIT
#include "facesearch/match/chinese_whispers.hpp"

#include <limits>
#include <numeric>
#include <random>

namespace facesearch {
namespace {

class Graph {
 public:
  Graph(std::size_t nodes, std::span<const RowPair> edges) : ends_(nodes + 1), neighbours_(2 * edges.size()) {
    for (const RowPair& edge : edges) {
      ++ends_[edge.a];
      ++ends_[edge.b];
    }
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
    // From the end of each node's neighbours to their beginning, so that the end becomes the beginning.
    for (const RowPair& edge : edges) {
      neighbours_[--ends_[edge.a]] = edge.b;
      neighbours_[--ends_[edge.b]] = edge.a;
    }
  }

  std::span<const std::uint32_t> neighbours(std::size_t node) const {
    return std::span(neighbours_).subspan(ends_[node], ends_[node + 1] - ends_[node]);
  }

 private:
  std::vector<std::uint64_t> ends_;
  std::vector<std::uint32_t> neighbours_;
};

// dlib::rand as it is when nobody seeds it.
class Random {
 public:
  Random() { twister_.discard(10'000); }  // NOLINT(cert-msc51-cpp): the same groups each time

  std::uint64_t next() {
    const std::uint64_t high = twister_();
    return high << 32U | twister_();
  }

 private:
  std::mt19937 twister_;
};

class Whispers {
 public:
  Whispers(std::size_t nodes, std::span<const RowPair> edges)
      : graph_(nodes, edges), labels_(nodes), counts_(nodes) {
    std::iota(labels_.begin(), labels_.end(), 0U);
  }

  void run() {
    constexpr int kRounds = 100;
    Random random;
    for (int round = 0; round < kRounds; ++round) {
      bool changed = false;
      for (std::size_t i = 0; i < labels_.size(); ++i) {
        const std::size_t node = random.next() % labels_.size();
        const std::uint32_t label = most_heard(node);
        changed = changed || label != labels_[node];
        labels_[node] = label;
      }
      if (!changed && is_settled()) break;
    }
  }

  std::vector<std::uint32_t> numbered() const {
    constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> numbers(labels_.size(), kNone);
    std::vector<std::uint32_t> result;
    std::uint32_t next = 0;
    for (const std::uint32_t label : labels_) {
      if (numbers[label] == kNone) numbers[label] = next++;
      result.push_back(numbers[label]);
    }
    return result;
  }

 private:
  // The label that most of a node's neighbours have; of several the lowest, of none its own.
  std::uint32_t most_heard(std::size_t node) {
    const auto neighbours = graph_.neighbours(node);
    std::uint32_t best = labels_[node];
    std::uint32_t most = 0;
    for (const std::uint32_t neighbour : neighbours) {
      const std::uint32_t label = labels_[neighbour];
      const std::uint32_t count = ++counts_[label];
      if (count < most || (count == most && label > best)) continue;
      most = count;
      best = label;
    }
    for (const std::uint32_t neighbour : neighbours) counts_[labels_[neighbour]] = 0;
    return best;
  }

  bool is_settled() {
    for (std::size_t node = 0; node < labels_.size(); ++node) {
      if (most_heard(node) != labels_[node]) return false;
    }
    return true;
  }

  Graph graph_;
  std::vector<std::uint32_t> labels_;
  std::vector<std::uint32_t> counts_;  // by label; 0 between two nodes
};

}  // namespace

std::vector<std::uint32_t> chinese_whispers(std::size_t nodes, std::span<const RowPair> edges) {
  Whispers whispers(nodes, edges);
  whispers.run();
  return whispers.numbered();
}

}  // namespace facesearch

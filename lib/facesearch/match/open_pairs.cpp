// SPDX-License-Identifier: MIT
#include "facesearch/match/open_pairs.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "facesearch/match/top_candidates.hpp"

namespace facesearch {
namespace {

bool better(const FacePair& x, const FacePair& y) {
  if (x.cosine != y.cosine) return x.cosine > y.cosine;
  return x.a != y.a ? x.a < y.a : x.b < y.b;
}

// The templates of the first faces of some pairs.
class FirstTemplates {
 public:
  FirstTemplates(const PairRows& rows, std::span<const OpenPair> by_first, const TemplateSource& templates)
      : dimension_(rows.dimension()) {
    for (const OpenPair& pair : by_first) slots_.push_back(rows.slot(pair.rows.a));
    std::ranges::sort(slots_);
    slots_.erase(std::unique(slots_.begin(), slots_.end()), slots_.end());
    values_.reserve(slots_.size() * dimension_);
    templates(slots_, [&](std::uint64_t, std::span<const float> values) {
      values_.insert(values_.end(), values.begin(), values.end());
    });
  }

  std::span<const float> of(std::uint64_t slot) const {
    const auto place = std::lower_bound(slots_.begin(), slots_.end(), slot) - slots_.begin();
    return std::span(values_).subspan(static_cast<std::size_t>(place) * dimension_, dimension_);
  }

 private:
  std::size_t dimension_;
  std::vector<std::uint64_t> slots_;
  std::vector<float> values_;
};

void score_run(const PairRows& rows, std::span<OpenPair> pairs, const TemplateSource& templates,
               const std::function<void(const OpenPair&, double)>& scored) {
  const FirstTemplates firsts(rows, pairs, templates);
  const auto second = [&rows](const OpenPair& pair) { return rows.slot(pair.rows.b); };
  std::ranges::sort(pairs, {}, second);
  std::vector<std::uint64_t> slots;
  for (const OpenPair& pair : pairs) {
    if (slots.empty() || slots.back() != second(pair)) slots.push_back(second(pair));
  }
  auto pair = pairs.begin();
  templates(slots, [&](std::uint64_t slot, std::span<const float> values) {
    for (; pair != pairs.end() && second(*pair) == slot; ++pair) {
      scored(*pair, exact_cosine(firsts.of(rows.slot(pair->rows.a)), values));
    }
  });
}

}  // namespace

void TopPairs::offer(const Uuid& one, const Uuid& other, double cosine) {
  const FacePair pair{std::min(one, other), std::max(one, other), cosine};
  if (heap_.size() < limit_) {
    heap_.push_back(pair);
  } else if (!heap_.empty() && better(pair, heap_.front())) {
    std::ranges::pop_heap(heap_, better);
    heap_.back() = pair;
  } else {
    return;
  }
  std::ranges::push_heap(heap_, better);
}

double TopPairs::floor() const {
  return heap_.empty() || heap_.size() < limit_ ? -std::numeric_limits<double>::infinity()
                                                : heap_.front().cosine;
}

std::vector<FacePair> TopPairs::take() {
  std::ranges::sort_heap(heap_, better);
  return std::exchange(heap_, {});
}

void score_pairs(const PairRows& rows, std::vector<OpenPair>& pairs, const TemplateSource& templates,
                 const std::function<void(const OpenPair&, double cosine)>& scored) {
  constexpr std::size_t kMostBytes = 32U << 20U;
  const std::size_t most = std::max<std::size_t>(kMostBytes / (rows.dimension() * sizeof(float)), 1);
  std::ranges::sort(pairs, {}, [](const OpenPair& pair) { return pair.rows.a; });
  for (auto begin = pairs.begin(); begin != pairs.end();) {
    auto end = begin;
    for (std::size_t firsts = 0; end != pairs.end(); ++end) {
      if (end == begin || end->rows.a != std::prev(end)->rows.a) ++firsts;
      if (firsts > most) break;
    }
    score_run(rows, {begin, end}, templates, scored);
    begin = end;
  }
}

}  // namespace facesearch

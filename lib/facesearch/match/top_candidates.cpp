// SPDX-License-Identifier: MIT
#include "facesearch/match/top_candidates.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

bool ranks_before(const Candidate& a, const Candidate& b) {
  return a.cosine != b.cosine ? a.cosine > b.cosine : a.face.bytes < b.face.bytes;
}

}  // namespace

TopCandidates::TopCandidates(double min_cosine, std::size_t limit) : min_cosine_(min_cosine), limit_(limit) {}

void TopCandidates::offer(const Uuid& face, double cosine) {
  if (!(cosine >= min_cosine_)) return;
  ++matches_;
  const Candidate candidate{face, cosine};
  if (heap_.size() < limit_) {
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), ranks_before);
  } else if (!heap_.empty() && ranks_before(candidate, heap_.front())) {
    std::pop_heap(heap_.begin(), heap_.end(), ranks_before);
    heap_.back() = candidate;
    std::push_heap(heap_.begin(), heap_.end(), ranks_before);
  }
}

std::vector<Candidate> TopCandidates::take() {
  std::sort_heap(heap_.begin(), heap_.end(), ranks_before);
  return std::exchange(heap_, {});
}

}  // namespace facesearch

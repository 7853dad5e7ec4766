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

double exact_cosine(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) {
    throw Error(Cause::kInternal, "INTERNAL", "two templates of different length were compared");
  }
  // The product of two floats is exact in double, so a fused multiply-add changes nothing; eight sums in a
  // fixed order leave the compiler free to use vectors without changing a digit.
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  const std::size_t whole = a.size() - a.size() % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
    }
  }
  for (std::size_t i = whole; i < a.size(); ++i) {
    sums[i - whole] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

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

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/core/uuid.hpp"

namespace facesearch {

/// A gallery face and how alike it is.
struct Candidate {
  Uuid face;
  double cosine = 0;
};

/// Gathers the best `limit` candidates at or above a cosine: best first, ties by face id.
class TopCandidates {
 public:
  TopCandidates(double min_cosine, std::size_t limit);

  void offer(const Uuid& face, double cosine);

  /// How many were at or above the cosine, kept or not.
  std::uint64_t matches() const { return matches_; }

  /// Those that take() would give, in no order but that the first is the last of them.
  const std::vector<Candidate>& kept() const { return heap_; }

  /// Best first. Leaves the gatherer without candidates; matches() stays.
  std::vector<Candidate> take();

 private:
  double min_cosine_;
  std::size_t limit_;
  std::uint64_t matches_ = 0;
  std::vector<Candidate> heap_;  // worst on top
};

}  // namespace facesearch

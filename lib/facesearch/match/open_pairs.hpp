// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "facesearch/match/pair_search.hpp"

namespace facesearch {

/// A pair of which only the floats can say whether, or where, it is in the answer.
struct OpenPair {
  RowPair rows;
  double lower = 0;  ///< cosine, from below
  double upper = 0;  ///< and from above
};

/// Gathers the best `limit` pairs: best first, ties by the ids.
class TopPairs {
 public:
  explicit TopPairs(std::size_t limit) : limit_(limit) {}

  void offer(const Uuid& one, const Uuid& other, double cosine);

  /// What a pair needs to get in; −∞ while there is room.
  double floor() const;

  /// Best first.
  std::vector<FacePair> take();

 private:
  std::size_t limit_;
  std::vector<FacePair> heap_;  // worst on top
};

/// Calls `scored` with the exact_cosine of each pair. Reads templates in runs, those of at most 32 MiB of
/// first faces at a time; changes the order of `pairs`.
void score_pairs(const PairRows& rows, std::vector<OpenPair>& pairs, const TemplateSource& templates,
                 const std::function<void(const OpenPair&, double cosine)>& scored);

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/match/similarity.hpp"

/// Where a similarity threshold becomes what templates are compared with. Search, duplicates, verify and
/// dedupe all take it from here; ExactSearch, TopCandidates and search_pairs then keep what reaches `cosine`.
namespace facesearch {

/// A threshold on both scales, and how often strangers reach it.
struct Threshold {
  double similarity = 0;        ///< 0–100, as a policy or a request says it
  double cosine = -1;           ///< the least cosine at which two templates match
  double false_match_rate = 0;  ///< the share of comparisons of different people that reach it

  bool is_reached_by(double other) const { return other >= cosine; }
};

/// The threshold of a model with this calibration. `similarity` is clamped to [0, 100].
inline Threshold threshold_at(const Calibration& calibration, double similarity) {
  const double cosine = cosine_of_similarity(calibration, similarity);
  return {similarity, cosine, false_match_rate(calibration, cosine)};
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/core/limits.hpp"
#include "facesearch/service/access.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/probe.hpp"

namespace facesearch::service {

struct SearchRequest {
  std::string collection_id;
  std::string request_name;
  std::optional<std::string> user_name;  ///< answered as it came
  ProbeInput probe;
  std::size_t limit = kDefaultCandidates;  ///< 1 … kMaxCandidates
};

struct SearchMatch {
  Uuid face;
  Uuid person;
  std::string name;
  double similarity = 0;  ///< 0–100, unrounded
};

struct SearchResult {
  Uuid search_id;
  std::string request_name;
  std::optional<std::string> user_name;
  LivenessOption liveness;
  double policy_similarity = 0;
  std::vector<SearchMatch> matches;  ///< best first, ties by face id
  std::uint64_t matches_total = 0;
  double expected_false_candidates = 0;
  std::optional<Sighting> seen;  ///< none where a template was given
  std::vector<Warning> warnings;
};

/// Searches a collection. Throws Error(kAccessDenied), (kCollectionNotFound), (kCollectionDeleted),
/// (kModelMismatch), then as probe_of.
SearchResult search(Context& context, const Caller& caller, const SearchRequest& request);

}  // namespace facesearch::service

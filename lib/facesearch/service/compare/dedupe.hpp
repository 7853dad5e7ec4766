// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"

namespace facesearch::service {

inline constexpr std::size_t kDefaultPairs = 1000;
inline constexpr std::size_t kMostPairs = 100'000;       ///< that are listed
inline constexpr std::uint64_t kMostEdges = 50'000'000;  ///< of clusters: about 1.5 GB

struct DedupeRequest {
  std::string collection_id;
  std::optional<double> similarity{};  ///< 0–100; none: the collection's policy
  std::size_t limit = kDefaultPairs;   ///< pairs that are listed: 1 … kMostPairs
  bool same_person = false;            ///< pairs of a person's own faces too
  bool clusters = false;               ///< groups in place of pairs
  std::size_t threads = 0;             ///< 0: as many as the processor runs
  /// Called with the pairs done so far and in all, by one thread at a time. May be empty.
  std::function<void(std::uint64_t, std::uint64_t)> progress{};
};

struct DedupeFace {
  Uuid face;
  Uuid person;
  std::string name;
};

struct AlikeFaces {
  DedupeFace a;  ///< its id is the lower one
  DedupeFace b;
  double similarity = 0;  ///< 0–100, unrounded
};

struct DedupeResult {
  std::string collection_id;
  double similarity = 0;  ///< the threshold
  bool same_person = false;
  std::uint64_t faces = 0;
  std::uint64_t compared = 0;        ///< pairs
  std::uint64_t pairs_total = 0;     ///< at or above the threshold
  std::uint64_t pairs_rejected = 0;  ///< not counted there: it was decided that they are none (decisions.hpp)
  std::vector<AlikeFaces> pairs;     ///< best first, ties by the face ids
  /// Where they were asked for: faces by id, groups of two and more, largest first, ties by their first face.
  std::optional<std::vector<std::vector<Uuid>>> clusters;
  bool provisional = false;         ///< the scores rest on a provisional calibration
  double expected_false_pairs = 0;  ///< if all that was compared were of different people
  std::vector<Warning> warnings;
};

/// Compares all faces of a collection with all others, exactly. Throws as search() for key and collection;
/// Error(kInvalidValue) with SIMILARITY_INVALID, LIMIT_INVALID, TOO_MANY_PAIRS; what `progress` throws.
DedupeResult dedupe(Context& context, const Caller& caller, const DedupeRequest& request);

}  // namespace facesearch::service

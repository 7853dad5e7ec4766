// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "facesearch/invocation.hpp"
#include "facesearch/outcome.hpp"

namespace facesearch::app {

/// How the outputs of shards are merged.
struct ShardMerge {
  std::vector<std::string> files;  ///< of `search --mergeable`, one a shard
  bool mergeable = false;          ///< the result can be merged again
  bool fail_if_none = false;       ///< of a single search
  GlobalOptions options;
};

/// Merges the answers of several shards: each to a single search, or to a batch, whose lines may be in
/// different orders. Needs no store. Keeps in memory only lines that are out of order, and those after a line
/// that a shard lacks. Throws UsageError; as LineReader; for single searches Error(kInvalidValue)
/// SHARD_INVALID, SHARDS_DIFFER, SHARD_INCOMPLETE.
Outcome merge_shards(const ShardMerge& merge);

}  // namespace facesearch::app

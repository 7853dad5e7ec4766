// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "facesearch/outcome.hpp"

namespace facesearch::app {

/// How the outputs of shards are merged.
struct ShardMerge {
  std::vector<std::string> files;  ///< of `search --mergeable`, one a shard
  bool mergeable = false;          ///< what comes out can be merged again
  bool fail_if_none = false;       ///< of a single search
  bool quiet = false;
};

/// Puts together what several shards answered: of a single search each, or of a batch each, whose lines need
/// not be in one order. Needs no store; keeps of a batch only lines that are out of order, and all that come
/// after one that a shard lacks. Throws UsageError; as
/// LineReader; and of single searches Error(kInvalidValue) SHARD_INVALID, SHARDS_DIFFER, SHARD_INCOMPLETE.
Outcome merge_shards(const ShardMerge& merge);

}  // namespace facesearch::app

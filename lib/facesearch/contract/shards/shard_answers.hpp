// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Merges the answers of several shards of a gallery to one search (`search --mergeable`).
namespace facesearch::contract {

/// A document that was read.
struct ShardDocument;

/// A line of a shard's output.
struct ShardLine {
  std::shared_ptr<const ShardDocument> document;
  std::optional<std::string> input;  ///< of a batch
  bool is_summary = false;
  bool ended_early = false;  ///< a summary that says so
};

/// Throws Error(kInvalidValue, SHARD_INVALID) for what a search does not write.
ShardLine read_shard_line(std::string_view line);

/// What one shard answered, and the name of its file.
struct ShardAnswer {
  std::string_view file;
  std::shared_ptr<const ShardDocument> document;
};

/// The merged answer.
struct MergedAnswer {
  std::string document;  ///< without `input`
  bool failed = false;   ///< it is an error
  bool nobody = false;
};

/// The answer of one gallery that holds the faces of all shards: candidates by their unrounded cosines, ties
/// by face id, then in the order of the shards; at most as many as the lowest limit says. It has a searchId
/// of its own. Where a shard answered an error, the first one is the answer. `mergeable`: it can be merged
/// again.
///
/// Throws Error(kInvalidValue): SHARD_INVALID for what was not written with --mergeable; SHARDS_DIFFER where
/// they do not answer the same request, by one model, calibration and policy, or two are one answer.
MergedAnswer merge_answers(std::span<const ShardAnswer> answers, bool mergeable);

}  // namespace facesearch::contract

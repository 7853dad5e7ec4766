// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "facesearch/match/exact_search.hpp"
#include "facesearch/match/tiles/blocked_kernel.hpp"

namespace facesearch {

/// Many searches, each exactly as ExactSearch alone: rows are compared with all their probes by
/// BlockedKernel. One thread at a time.
class ProbeBatch {
 public:
  /// The probes have one length. Throws as ExactSearch.
  ProbeBatch(const std::vector<ExactSearch::Query>& queries, Kernel kernel);

  /// As ExactSearch::scan.
  void scan(const CodeBlock& block);

  /// Takes over what `other`, for the same queries, found in other blocks.
  void absorb(ProbeBatch&& other);

  /// The searches, in the order of the queries, scanned to the end.
  std::vector<ExactSearch> take() { return std::move(searches_); }

 private:
  std::vector<ExactSearch> searches_;
  std::optional<BlockedKernel> kernel_;  // none where there are too few to gain from it
};

/// Gives block 0 ≤ i < block_count; what it lends lasts until its next call. Used by one thread.
using BlockReader = std::function<CodeBlock(std::uint64_t block)>;

/// Scans all blocks for every query with `threads` threads (at least one; the caller's is one of them), each
/// of which calls open_reader once. Gives one search a query, in their order, scanned to the end: the caller
/// scores the survivors of each. The probes have one length. What a thread throws, the caller gets, once all
/// threads have ended.
std::vector<ExactSearch> search_many(const std::vector<ExactSearch::Query>& queries, Kernel kernel,
                                     std::size_t threads, std::uint64_t block_count,
                                     const std::function<BlockReader()>& open_reader);

}  // namespace facesearch

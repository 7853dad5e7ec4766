// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
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

  /// The memory that open rows are kept in, and what can be freed of it.
  std::size_t open_bytes() const { return open_bytes_; }
  void close_decided();

  /// Gives what was found to the searches for the same queries, and goes on from what both know.
  void give(std::span<ExactSearch> searches);

 private:
  void scan_rows(const CodeBlock& block, std::size_t begin, std::size_t end);

  std::vector<ExactSearch> searches_;
  std::optional<BlockedKernel> kernel_;  // none where there are too few to gain from it
  std::size_t open_bytes_ = 0;
};

/// Gives block 0 ≤ i < block_count; what it lends lasts until its next call. Used by one thread.
using BlockReader = std::function<CodeBlock(std::uint64_t block)>;

/// A gallery as search_many reads it, and how.
struct ManyScan {
  std::uint64_t block_count = 0;
  /// Called by each thread that scans; readers are gone before `score` is called.
  std::function<BlockReader()> open_reader;
  /// Scores all survivors() of every search. Called by the caller's thread: at the end, and on the way where
  /// the open rows have grown to what may be kept of them.
  std::function<void(std::span<ExactSearch>)> score;
  std::size_t threads = 1;          ///< the caller's is one of them
  std::function<bool()> stopped{};  ///< asked between two blocks, by any thread; none: never
  /// Of open rows, in all threads together; but a thread may keep kLeastOpenBytes.
  std::size_t most_open_bytes = std::size_t{16} << 20U;
};
inline constexpr std::size_t kLeastOpenBytes = std::size_t{4} << 20U;

/// Thrown where ManyScan::stopped ended a scan.
struct SearchStopped {};

/// Scans all blocks for every query and scores what has to be scored. Gives one search a query, in their
/// order: matches() and take() are its answer. The probes have one length. What a thread throws, the caller
/// gets, once all threads have ended.
std::vector<ExactSearch> search_many(const std::vector<ExactSearch::Query>& queries, Kernel kernel,
                                     const ManyScan& gallery);

}  // namespace facesearch

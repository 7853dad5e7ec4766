// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "facesearch/match/exact_search.hpp"

namespace facesearch {

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

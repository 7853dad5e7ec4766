// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "facesearch/core/uuid.hpp"
#include "facesearch/match/kernels/kernel.hpp"
#include "facesearch/match/pair_rows.hpp"

namespace facesearch {

/// Two faces, a before b by their bytes, and how alike they are.
struct FacePair {
  Uuid a;
  Uuid b;
  double cosine = 0;
};

/// Two rows of PairRows, a < b.
struct RowPair {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

/// Gives the float templates of these slots, rising, in their order. Threads call it at the same time; it
/// locks what only one of them may read. `visit` copies and returns.
using TemplateSource =
    std::function<void(std::span<const std::uint64_t> slots,
                       const std::function<void(std::uint64_t slot, std::span<const float>)>& visit)>;

struct PairQuery {
  double min_cosine = -1;
  std::size_t limit = 0;              ///< how many pairs to list
  bool same_person = false;           ///< pairs of a person's own faces too
  std::uint64_t most_edges = 0;       ///< not 0: all pairs are gathered; more than so many are an error
  std::size_t most_open = 1U << 20U;  ///< pairs a thread keeps until they are scored together
};

struct PairsFound {
  std::vector<FacePair> best;  ///< best first, ties by the ids
  std::uint64_t total = 0;     ///< at or above min_cosine, listed or not
  std::uint64_t compared = 0;
  std::vector<RowPair> edges;  ///< in no order
};

/// Compares all faces with all others, exactly: codes first, by a kernel, and only pairs whose place in the
/// answer the codes leave open are scored from their floats. Threads share the work (at least one; the
/// caller's is one of them); one at a time calls `progress` (pairs done, pairs in all). The answer is the
/// same for any number of threads and any kernel. Beside the rows it keeps 8 bytes an edge and, for itself
/// and for each thread, at most `limit` pairs; a thread also has 24 bytes an open pair, of which there are at
/// most most_open and those of one group more, and 20 MiB of templates. Throws Error(kInvalidValue,
/// TOO_MANY_PAIRS) beyond most_edges, and what `templates` and `progress` throw.
PairsFound search_pairs(const PairRows& rows, const PairQuery& query, Kernel kernel, std::size_t threads,
                        const TemplateSource& templates,
                        const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace facesearch

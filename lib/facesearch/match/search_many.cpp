// SPDX-License-Identifier: MIT
// One scan of all blocks for many queries. Threads take runs of blocks; each has a copy of every search, and
// the copies are merged at the end. Scores nothing: that is the caller's, who has the templates.
#include "facesearch/match/search_many.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>

#include "facesearch/core/parallel.hpp"

namespace facesearch {
namespace {

// Few enough that the threads end together, many enough that a reader goes through its file in runs.
std::uint64_t blocks_at_a_time(std::uint64_t block_count, std::size_t threads) {
  constexpr std::uint64_t kMost = 16;
  constexpr std::uint64_t kRunsPerThread = 8;
  return std::clamp<std::uint64_t>(block_count / (threads * kRunsPerThread), 1, kMost);
}

}  // namespace

std::vector<ExactSearch> search_many(const std::vector<ExactSearch::Query>& queries, Kernel kernel,
                                     std::size_t threads, std::uint64_t block_count,
                                     const std::function<BlockReader()>& open_reader) {
  threads = std::max<std::size_t>(threads, 1);
  std::vector<ExactSearch> found;
  found.reserve(queries.size());
  for (const auto& query : queries) found.emplace_back(query, kernel);
  const std::uint64_t step = blocks_at_a_time(block_count, threads);
  std::mutex mutex;  // guards what follows
  std::deque<std::vector<ExactSearch>> parts;
  const auto new_part = [&]() -> std::vector<ExactSearch>& {
    const std::lock_guard lock(mutex);
    return parts.emplace_back(found);
  };
  parallel_for((block_count + step - 1) / step, threads, [&] {
    return [&searches = new_part(), read = open_reader(), step, block_count](std::size_t run) {
      const std::uint64_t begin = run * step;
      const std::uint64_t end = std::min(begin + step, block_count);
      for (std::uint64_t block = begin; block < end; ++block) ExactSearch::scan(searches, read(block));
    };
  });
  for (std::vector<ExactSearch>& part : parts) {
    for (std::size_t i = 0; i < part.size(); ++i) found[i].absorb(std::move(part[i]));
  }
  return found;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
// One scan of all blocks for many queries. Threads take runs of blocks; each has a batch of its own, and the
// batches are merged at the end. Scores nothing: that is the caller's, who has the templates.
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

ProbeBatch::ProbeBatch(const std::vector<ExactSearch::Query>& queries, Kernel kernel) {
  searches_.reserve(queries.size());
  for (const auto& query : queries) searches_.emplace_back(query, kernel);
  if (searches_.size() < BlockedKernel::kFewestProbes) return;
  std::vector<ProbeCodes> probes;
  probes.reserve(searches_.size());
  for (const ExactSearch& search : searches_) probes.push_back(search.probe_codes());
  kernel_.emplace(probes, kernel);
  for (std::size_t i = 0; i < searches_.size(); ++i) kernel_->set_bounds(i, searches_[i].bounds());
}

void ProbeBatch::scan(const CodeBlock& block) {
  if (block.rows == 0) return;
  if (!kernel_) {
    for (ExactSearch& search : searches_) search.scan(block);
    return;
  }
  const std::size_t live = live_rows(block);
  for (ExactSearch& search : searches_) search.count_rows(block, live);
  RowGroup rows;
  rows.stride = block.stride;
  // What is live lies together, but for what was erased.
  const auto is_live = [&block](std::size_t row) { return block.live[row / kGroupRows] != 0; };
  for (std::size_t begin = 0, end = 0; begin < block.rows; begin = end) {
    end = begin + kGroupRows;
    if (!is_live(begin)) continue;
    while (end < block.rows && is_live(end)) end += kGroupRows;
    rows.codes = block.codes + begin * block.stride;
    rows.count = std::min(end, block.rows) - begin;
    rows.scales = block.scales + begin;
    rows.errors = block.errors + begin;
    kernel_->mark(rows, searches_.size(), [&](std::size_t i, std::size_t first, const RowMarks& marks) {
      const float reach = searches_[i].bounds().reach;
      searches_[i].take_marks(block, begin + first, marks);
      if (searches_[i].bounds().reach != reach) kernel_->set_bounds(i, searches_[i].bounds());
    });
  }
}

void ProbeBatch::absorb(ProbeBatch&& other) {
  for (std::size_t i = 0; i < searches_.size(); ++i) searches_[i].absorb(std::move(other.searches_[i]));
}

std::vector<ExactSearch> search_many(const std::vector<ExactSearch::Query>& queries, Kernel kernel,
                                     std::size_t threads, std::uint64_t block_count,
                                     const std::function<BlockReader()>& open_reader) {
  threads = std::max<std::size_t>(threads, 1);
  ProbeBatch found(queries, kernel);
  const std::uint64_t step = blocks_at_a_time(block_count, threads);
  std::mutex mutex;  // guards what follows
  std::deque<ProbeBatch> parts;
  const auto new_part = [&]() -> ProbeBatch& {
    const std::lock_guard lock(mutex);
    return parts.emplace_back(queries, kernel);
  };
  parallel_for((block_count + step - 1) / step, threads, [&] {
    return [&batch = new_part(), read = open_reader(), step, block_count](std::size_t run) {
      const std::uint64_t begin = run * step;
      const std::uint64_t end = std::min(begin + step, block_count);
      for (std::uint64_t block = begin; block < end; ++block) batch.scan(read(block));
    };
  });
  for (ProbeBatch& part : parts) found.absorb(std::move(part));
  return found.take();
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
// 1. Threads take runs of blocks; each has a batch of its own.
// 2. Where the blocks are done, or the open rows of a thread have become too many, all threads end, the
//    batches are merged, and the caller, who has the templates, scores what is open.
// 3. What is left of the blocks is scanned in the same way, by batches that know what was found.
#include "facesearch/match/search_many.hpp"

#include <algorithm>
#include <atomic>
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

// What the threads share.
class ScanOfMany {
 public:
  ScanOfMany(const std::vector<ExactSearch::Query>& queries, Kernel kernel, const ManyScan& gallery)
      : queries_(queries),
        kernel_(kernel),
        gallery_(gallery),
        step_(blocks_at_a_time(gallery.block_count, std::max<std::size_t>(gallery.threads, 1))) {
    const std::uint64_t runs = (gallery.block_count + step_ - 1) / step_;
    parts_.resize(std::min<std::uint64_t>(std::max<std::size_t>(gallery.threads, 1), runs));
    most_open_bytes_ =
        std::max(gallery.most_open_bytes / std::max<std::size_t>(parts_.size(), 1), kLeastOpenBytes);
    found_.reserve(queries.size());
    for (const auto& query : queries) found_.emplace_back(query, kernel);
  }

  std::vector<ExactSearch> run() {
    do {
      is_full_ = false;
      parallel_for(parts_.size(), parts_.size(),
                   [this] { return [this](std::size_t i) { scan(parts_[i]); }; });
      merge();
      gallery_.score(found_);
      if (is_full_) merge();  // so that the parts know what was scored
    } while (is_full_);
    return std::move(found_);
  }

 private:
  // Of one thread: its batch, and what is left of its run.
  struct Part {
    std::optional<ProbeBatch> batch;
    std::uint64_t next = 0;
    std::uint64_t end = 0;
  };

  void scan(Part& part) {
    if (!part.batch) part.batch.emplace(queries_, kernel_);
    const BlockReader read = gallery_.open_reader();
    while (!is_full_ && (part.next < part.end || take_run(part))) {
      if (gallery_.stopped && gallery_.stopped()) throw SearchStopped();
      part.batch->scan(read(part.next++));
      if (part.batch->open_bytes() <= most_open_bytes_) continue;
      part.batch->close_decided();
      // With half of them left to fill, decided rows are seldom looked for.
      if (part.batch->open_bytes() > most_open_bytes_ / 2) is_full_ = true;
    }
  }

  void merge() {
    for (Part& part : parts_) {
      if (part.batch) part.batch->give(found_);
    }
  }

  bool take_run(Part& part) {
    const std::uint64_t begin = next_run_++ * step_;
    if (begin >= gallery_.block_count) return false;
    part.next = begin;
    part.end = std::min(begin + step_, gallery_.block_count);
    return true;
  }

  const std::vector<ExactSearch::Query>& queries_;
  const Kernel kernel_;
  const ManyScan& gallery_;
  const std::uint64_t step_;
  std::size_t most_open_bytes_ = 0;  // of a part
  std::vector<Part> parts_;
  std::vector<ExactSearch> found_;
  std::atomic<std::uint64_t> next_run_ = 0;
  std::atomic<bool> is_full_ = false;
};

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
    open_bytes_ = 0;
    for (ExactSearch& search : searches_) {
      search.scan(block);
      open_bytes_ += search.open_bytes();
    }
    return;
  }
  // What is live lies together, but for what was erased.
  const auto is_live = [&block](std::size_t row) { return block.live[row / kGroupRows] != 0; };
  for (std::size_t begin = 0, end = 0; begin < block.rows; begin = end) {
    end = begin + kGroupRows;
    if (!is_live(begin)) continue;
    while (end < block.rows && is_live(end)) end += kGroupRows;
    scan_rows(block, begin, std::min(end, block.rows));
  }
}

void ProbeBatch::scan_rows(const CodeBlock& block, std::size_t begin, std::size_t end) {
  RowGroup rows;
  rows.codes = block.codes + begin * block.stride;
  rows.stride = block.stride;
  rows.count = end - begin;
  rows.scales = block.scales + begin;
  rows.errors = block.errors + begin;
  kernel_->mark(rows, searches_.size(), [&](std::size_t i, std::size_t first, const RowMarks& marks) {
    ExactSearch& search = searches_[i];
    const float reach = search.bounds().reach;
    const std::size_t bytes = search.open_bytes();
    search.take_marks(block, begin + first, marks);
    open_bytes_ += search.open_bytes() - bytes;
    if (search.bounds().reach != reach) kernel_->set_bounds(i, search.bounds());
  });
}

void ProbeBatch::close_decided() {
  open_bytes_ = 0;
  for (ExactSearch& search : searches_) {
    search.close_decided();
    open_bytes_ += search.open_bytes();
  }
}

void ProbeBatch::give(std::span<ExactSearch> searches) {
  for (std::size_t i = 0; i < searches_.size(); ++i) {
    searches[i].absorb(searches_[i]);
    if (kernel_) kernel_->set_bounds(i, searches_[i].bounds());
  }
  open_bytes_ = 0;
}

std::vector<ExactSearch> search_many(const std::vector<ExactSearch::Query>& queries, Kernel kernel,
                                     const ManyScan& gallery) {
  return ScanOfMany(queries, kernel, gallery).run();
}

}  // namespace facesearch

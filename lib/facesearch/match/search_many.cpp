// SPDX-License-Identifier: MIT
#include "facesearch/match/search_many.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace facesearch {
namespace {

// Few enough that the threads end together, many enough that a reader goes through its file in runs.
std::uint64_t blocks_at_a_time(std::uint64_t block_count, std::size_t threads) {
  constexpr std::uint64_t kMost = 16;
  constexpr std::uint64_t kTurns = 8;
  return std::clamp<std::uint64_t>(block_count / (threads * kTurns), 1, kMost);
}

// What the threads share.
class Scan {
 public:
  Scan(const std::vector<ExactSearch::Query>& queries, Kernel kernel, std::uint64_t block_count,
       std::uint64_t step)
      : block_count_(block_count), step_(step) {
    found_.reserve(queries.size());
    for (const auto& query : queries) found_.emplace_back(query, kernel);
    fresh_ = found_;
  }

  // The work of one thread. Ends early once another has failed.
  void take_part(const std::function<BlockReader()>& open_reader) noexcept {
    try {
      std::vector<ExactSearch> searches = fresh_;
      const BlockReader read = open_reader();
      while (!failed_) {
        const std::uint64_t begin = next_.fetch_add(step_);
        if (begin >= block_count_) break;
        const std::uint64_t end = std::min(begin + step_, block_count_);
        for (std::uint64_t block = begin; block < end; ++block) ExactSearch::scan(searches, read(block));
      }
      const std::lock_guard lock(mutex_);
      for (std::size_t i = 0; i < searches.size(); ++i) found_[i].absorb(std::move(searches[i]));
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
  }

  // Once all threads have ended.
  std::vector<ExactSearch> take() {
    if (failure_) std::rethrow_exception(failure_);
    return std::move(found_);
  }

 private:
  std::uint64_t block_count_;
  std::uint64_t step_;
  std::vector<ExactSearch> fresh_;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;  // of what follows
  std::vector<ExactSearch> found_;
  std::exception_ptr failure_;
};

}  // namespace

std::vector<ExactSearch> search_many(const std::vector<ExactSearch::Query>& queries, Kernel kernel,
                                     std::size_t threads, std::uint64_t block_count,
                                     const std::function<BlockReader()>& open_reader) {
  threads = std::max<std::size_t>(threads, 1);
  Scan scan(queries, kernel, block_count, blocks_at_a_time(block_count, threads));
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t i = 1; i < std::min<std::uint64_t>(threads, block_count); ++i) {
        others.emplace_back([&] { scan.take_part(open_reader); });
      }
    } catch (const std::system_error&) {
      // The system gives no more threads: those that there are do all of it.
    }
    scan.take_part(open_reader);
  }
  return scan.take();
}

}  // namespace facesearch

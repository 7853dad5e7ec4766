// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "facesearch/core/parallel.hpp"

/// Worker threads prepare inputs one by one; the calling thread takes the results in groups. A source is
/// asked for an input only when there is a free worker and room for its result.
///
/// When a group is taken. The first result opens it. It is taken at the first of these moments:
///
///     time ──▶
///     workers    r1     r2          r3   r4
///     group      ├──────┴───────────┴────┴─▶ full: full_group results
///                ├── max_wait ─────────────▶ deadline …
///     last take ─┼── duty_ratio × its duration ──▶ … or this one, if it is later
///                       ├─ idle_wait ─▶     idle: all that was begun is done, and nothing is begun meanwhile
///
/// Up to max_group of the results that are ready then are taken together. A high max_wait or duty_ratio lets
/// many results share a step that costs the same for one and for many (a commit, a reading of the gallery).
/// The idle rule keeps a client that sends one input at a time, and waits for its answer, from waiting for
/// others.
namespace facesearch::service {

/// The limits of a Pipeline.
struct PipelineLimits {
  unsigned threads = 1;
  std::size_t max_pending = 1024;  ///< inputs that are begun and not taken yet: bounds the memory
  std::size_t max_group = 1;       ///< results that are taken at once
  std::size_t full_group =
      std::numeric_limits<std::size_t>::max();  ///< so many, or max_group, wait for no more
  std::chrono::milliseconds max_wait{0};
  unsigned duty_ratio = 0;  ///< 4: taking uses at most a fifth of the time while results keep coming
  std::chrono::milliseconds idle_wait{2};
  bool ordered = true;  ///< results are taken in the order of the inputs, else as they are done
};

template <class In, class Out>
class Pipeline {
 public:
  struct Done {
    In in;
    Out out;
  };
  using Next = std::function<std::optional<In>()>;            ///< by one thread at a time; none: the end
  using Work = std::function<Out(In&)>;                       ///< of one thread
  using Take = std::function<void(std::vector<Done> group)>;  ///< by the thread of run()

  /// `cancel` is called at the end, by any thread, and maybe more than once: a source that waits can return.
  Pipeline(const PipelineLimits& limits, Next next, std::function<void()> cancel)
      : limits_(limits), next_(std::move(next)), cancel_(std::move(cancel)) {}

  /// Returns when the source has ended and all results are taken. `open_work` is called once in each thread.
  /// What a thread or the source throws ends the pipeline: it is thrown here, once what was done before it is
  /// taken. What `take` throws is thrown at once.
  void run(const std::function<Work()>& open_work, const Take& take) {
    std::vector<std::jthread> threads;
    const EndAtExit end_before_join(*this);
    {
      const std::lock_guard lock(mutex_);  // no thread ends before it is counted
      threads = start_threads(std::max(1U, limits_.threads), [this, &open_work] { work(open_work); });
      working_ = threads.size();
    }
    if (threads.empty())
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    for (std::vector<Done> group = next_group(); !group.empty(); group = next_group()) {
      const std::size_t count = group.size();
      const Clock::time_point begin = Clock::now();
      take(std::move(group));
      const Clock::time_point end = Clock::now();
      duty_deadline_ = end + limits_.duty_ratio * (end - begin);
      const std::lock_guard lock(mutex_);
      taken_ += count;
      room_.notify_all();
    }
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  // Lets the threads end before they are joined.
  class EndAtExit {
   public:
    explicit EndAtExit(Pipeline& pipeline) : pipeline_(pipeline) {}
    EndAtExit(const EndAtExit&) = delete;
    EndAtExit& operator=(const EndAtExit&) = delete;
    ~EndAtExit() { pipeline_.end(); }

   private:
    Pipeline& pipeline_;
  };

  void end() {
    if (cancel_) cancel_();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    room_.notify_all();
  }

  // One worker thread.
  void work(const std::function<Work()>& open_work) {
    try {
      const Work prepare = open_work();
      std::uint64_t number = 0;
      while (std::optional<In> in = begin_next(number)) {
        Out out = prepare(*in);
        const std::lock_guard lock(mutex_);
        done_.emplace(number, Done{*std::move(in), std::move(out)});
        count_ready();
        // To wake a thread costs as much as many an input: only for what it waits for.
        if (ready_ >= wakes_at_ || (wakes_if_idle_ && is_idle())) done_one_.notify_one();
      }
    } catch (...) {
      {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        ended_ = true;
      }
      // Another thread may be waiting for the source, which knows nothing of the failure.
      if (cancel_) cancel_();
    }
    const std::lock_guard lock(mutex_);
    --working_;
    room_.notify_all();
    done_one_.notify_one();
  }

  // The next input and its number, once there is room for it.
  std::optional<In> begin_next(std::uint64_t& number) {
    const std::lock_guard in_order(source_mutex_);
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [this] { return ended_ || begun_ - taken_ < limits_.max_pending; });
      if (ended_) return std::nullopt;
    }
    std::optional<In> in = next_();
    const std::lock_guard lock(mutex_);
    if (in) {
      number = begun_++;
    } else {
      ended_ = true;
      room_.notify_all();
    }
    return in;
  }

  // Counts the results that can be taken now. With the lock.
  void count_ready() {
    if (!limits_.ordered) {
      ready_ = done_.size();
      return;
    }
    for (auto at = done_.find(next_ready_); at != done_.end() && at->first == next_ready_; ++at) {
      ++next_ready_;
      ++ready_;
    }
  }

  // True if all that was begun is done. With the lock.
  bool is_idle() const { return begun_ - taken_ == done_.size(); }

  // The rules at the top of this file, from the first result of a group on.
  void wait_for_others(std::unique_lock<std::mutex>& lock) {
    wakes_at_ = std::min(limits_.max_group, limits_.full_group);
    const auto is_full = [this] { return ready_ >= wakes_at_ || working_ == 0; };
    const Clock::time_point deadline = std::max(Clock::now() + limits_.max_wait, duty_deadline_);
    wakes_if_idle_ = true;
    while (done_one_.wait_until(lock, deadline, [&] { return is_full() || is_idle(); }) && !is_full()) {
      // A thread that is done may be about to begin the next input, or the source to have it.
      wakes_if_idle_ = false;
      const std::uint64_t begun = begun_;
      const Clock::time_point idle_end = std::min(deadline, Clock::now() + limits_.idle_wait);
      if (done_one_.wait_until(lock, idle_end, is_full) || begun_ == begun) break;
      wakes_if_idle_ = true;
    }
    wakes_if_idle_ = false;
  }

  // Empty at the end only. Results behind a gap that a failure left are dropped.
  std::vector<Done> next_group() {
    std::unique_lock lock(mutex_);
    wakes_at_ = 1;
    done_one_.wait(lock, [this] { return ready_ > 0 || working_ == 0; });
    wait_for_others(lock);
    const std::size_t count = std::min(ready_, limits_.max_group);
    std::vector<Done> group;
    group.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      group.push_back(std::move(done_.extract(done_.begin()).mapped()));
    }
    ready_ -= count;
    return group;
  }

  const PipelineLimits limits_;
  const Next next_;
  const std::function<void()> cancel_;
  Clock::time_point duty_deadline_{};  // used by the thread of run() alone
  std::mutex source_mutex_;            // lets one thread ask the source; locked before mutex_
  std::mutex mutex_;                   // guards what follows
  std::condition_variable room_;
  std::condition_variable done_one_;
  std::map<std::uint64_t, Done> done_;  // by the number of the input
  std::size_t ready_ = 0;               // of them can be taken
  std::uint64_t next_ready_ = 0;        // the number of the next, where they are ordered
  std::size_t wakes_at_ = 1;            // results that are ready: then the thread of run() is woken
  bool wakes_if_idle_ = false;
  std::uint64_t begun_ = 0;
  std::uint64_t taken_ = 0;
  std::size_t working_ = 0;  // threads
  bool ended_ = false;
  std::exception_ptr failure_;
};

}  // namespace facesearch::service

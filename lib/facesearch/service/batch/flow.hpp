// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace facesearch::service {

/// How many things are under way at once, and how they are handed over.
struct FlowLimits {
  unsigned threads = 1;
  std::size_t window = 1024;  ///< begun and not yet handed over; the memory's bound
  std::size_t group = 1;      ///< handed over at once, at most
  /// While something is under way a group waits for others: so long, and till so many times what it took to
  /// hand over the one before have passed since. Where handing over has a price of its own many share it, and
  /// who sends one after the other and waits for each answer is not made to wait.
  std::chrono::milliseconds linger{0};
  unsigned rest = 0;
  std::chrono::milliseconds pause{2};  ///< with nothing under way, after which no others are waited for
  bool ordered = true;                 ///< handed over in the order in which they came, else as they are done
};

/// Many things through one work that several threads do, from a source that is asked as late as possible.
/// What is done is handed to the thread that calls run(), in groups.
template <class In, class Out>
class Flow {
 public:
  struct Done {
    In in;
    Out out;
  };
  using Next = std::function<std::optional<In>()>;            ///< by one thread at a time; none: the end
  using Work = std::function<Out(In&)>;                       ///< of one thread
  using Take = std::function<void(std::vector<Done> group)>;  ///< by the thread of run()

  /// `cancel` is called at the end, by any thread, and not only once: a source that waits need not go on.
  Flow(const FlowLimits& limits, Next next, std::function<void()> cancel)
      : limits_(limits), next_(std::move(next)), cancel_(std::move(cancel)) {}

  /// Ends when the source has ended and all is handed over. `open_work` is called once in each thread. What
  /// any of them throws ends it all and is thrown here, after what was done before it has been handed over;
  /// what `take` throws, at once.
  void run(const std::function<Work()>& open_work, const Take& take) {
    std::vector<std::jthread> threads;
    const Ending ending(*this);
    try {
      for (unsigned i = 0; i < std::max(1U, limits_.threads); ++i) {
        const std::lock_guard lock(mutex_);
        threads.emplace_back([this, &open_work] { work(open_work); });
        ++working_;
      }
    } catch (const std::system_error&) {
      if (threads.empty()) throw;  // else as many as the system lets us have
    }
    for (;;) {
      std::vector<Done> group = next_group();
      if (group.empty()) break;
      const std::size_t count = group.size();
      const Clock::time_point begin = Clock::now();
      take(std::move(group));
      const Clock::time_point end = Clock::now();
      next_take_ = end + limits_.rest * (end - begin);
      const std::lock_guard lock(mutex_);
      handed_ += count;
      room_.notify_all();
    }
    if (fault_) std::rethrow_exception(fault_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  // Lets the threads end before they are waited for.
  class Ending {
   public:
    explicit Ending(Flow& flow) : flow_(flow) {}
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    ~Ending() { flow_.end(); }

   private:
    Flow& flow_;
  };

  void end() {
    if (cancel_) cancel_();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    room_.notify_all();
  }

  void work(const std::function<Work()>& open_work) {
    try {
      const Work each = open_work();
      std::uint64_t number = 0;
      while (std::optional<In> in = begin(number)) {
        Out out = each(*in);
        const std::lock_guard lock(mutex_);
        done_.emplace(number, Done{*std::move(in), std::move(out)});
        done_one_.notify_one();
      }
    } catch (...) {
      {
        const std::lock_guard lock(mutex_);
        if (!fault_) fault_ = std::current_exception();
        ended_ = true;
      }
      // Another one may be waiting for the source, which knows nothing of it.
      if (cancel_) cancel_();
    }
    const std::lock_guard lock(mutex_);
    --working_;
    room_.notify_all();
    done_one_.notify_one();
  }

  // The next one and its number, once there is room for it.
  std::optional<In> begin(std::uint64_t& number) {
    const std::lock_guard in_order(source_);
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [this] { return ended_ || begun_ - handed_ < limits_.window; });
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

  // How many of done_ may be handed over now. With the lock.
  std::size_t ready() const {
    if (!limits_.ordered) return std::min(done_.size(), limits_.group);
    std::size_t count = 0;
    for (auto at = done_.begin(); at != done_.end() && at->first == handed_ + count; ++at) {
      if (++count == limits_.group) break;
    }
    return count;
  }

  // As long as the limits say, but only while there is something under way.
  void wait_for_others(std::unique_lock<std::mutex>& lock) {
    const auto is_whole = [this] { return ready() == limits_.group || working_ == 0; };
    const auto is_idle = [this] { return begun_ - handed_ == done_.size(); };
    const Clock::time_point until = std::max(Clock::now() + limits_.linger, next_take_);
    while (done_one_.wait_until(lock, until, [&] { return is_whole() || is_idle(); }) && !is_whole()) {
      // A thread that is done with one may be about to begin the next, or the source to have it.
      const std::uint64_t begun = begun_;
      if (done_one_.wait_until(lock, std::min(until, Clock::now() + limits_.pause), is_whole) ||
          begun_ == begun) {
        break;
      }
    }
  }

  // Never empty but at the end. What a fault has left a gap before is given up.
  std::vector<Done> next_group() {
    std::unique_lock lock(mutex_);
    done_one_.wait(lock, [this] { return ready() > 0 || working_ == 0; });
    wait_for_others(lock);
    std::vector<Done> group;
    for (std::size_t left = ready(); left > 0; --left) {
      group.push_back(std::move(done_.extract(done_.begin()).mapped()));
    }
    return group;
  }

  const FlowLimits limits_;
  const Next next_;
  const std::function<void()> cancel_;
  Clock::time_point next_take_{};  // of the thread of run()
  std::mutex source_;              // taken before mutex_
  std::mutex mutex_;               // of what follows
  std::condition_variable room_;
  std::condition_variable done_one_;
  std::map<std::uint64_t, Done> done_;
  std::uint64_t begun_ = 0;
  std::uint64_t handed_ = 0;
  unsigned working_ = 0;
  bool ended_ = false;
  std::exception_ptr fault_;
};

}  // namespace facesearch::service

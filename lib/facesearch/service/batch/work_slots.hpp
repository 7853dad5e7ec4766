// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <mutex>

namespace facesearch::service {

/// A semaphore with two priorities: a limited number of threads work at once, and a thread that answers
/// inputs gets the next free slot before one that prepares them.
class WorkSlots {
 public:
  enum class Priority { kAnswer, kPrepare };

  explicit WorkSlots(unsigned slots) : free_(slots == 0 ? 1 : slots) {}

  /// Holds a slot as long as it lives.
  class Slot {
   public:
    Slot(WorkSlots& slots, Priority priority) : slots_(slots) { slots_.acquire(priority); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() { slots_.release(); }

   private:
    WorkSlots& slots_;
  };

 private:
  void acquire(Priority priority) {
    std::unique_lock lock(mutex_);
    if (priority == Priority::kAnswer) {
      ++answers_waiting_;
      freed_.wait(lock, [this] { return free_ > 0; });
      --answers_waiting_;
    } else {
      freed_.wait(lock, [this] { return free_ > answers_waiting_; });
    }
    --free_;
  }

  void release() {
    const std::lock_guard lock(mutex_);
    ++free_;
    freed_.notify_all();
  }

  std::mutex mutex_;  // guards what follows
  std::condition_variable freed_;
  unsigned free_;
  unsigned answers_waiting_ = 0;
};

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <mutex>

namespace facesearch::service {

/// Lets so many threads work at once, however many there are, and those first that answer what others made.
class Turns {
 public:
  explicit Turns(unsigned at_once) : free_(at_once == 0 ? 1 : at_once) {}

  /// A turn, as long as it lives.
  class Turn {
   public:
    Turn(Turns& turns, bool first) : turns_(turns) { turns_.begin(first); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { turns_.end(); }

   private:
    Turns& turns_;
  };

 private:
  void begin(bool first) {
    std::unique_lock lock(mutex_);
    if (first) {
      ++first_waiting_;
      freed_.wait(lock, [this] { return free_ > 0; });
      --first_waiting_;
    } else {
      freed_.wait(lock, [this] { return free_ > first_waiting_; });
    }
    --free_;
  }

  void end() {
    const std::lock_guard lock(mutex_);
    ++free_;
    freed_.notify_all();
  }

  std::mutex mutex_;  // of what follows
  std::condition_variable freed_;
  unsigned free_;
  unsigned first_waiting_ = 0;
};

}  // namespace facesearch::service

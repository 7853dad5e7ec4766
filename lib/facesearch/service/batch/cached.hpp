// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

namespace facesearch::service {

/// A value read from the store that several threads reuse for a while. Thread-safe.
template <class Value>
class Cached {
 public:
  explicit Cached(std::chrono::milliseconds max_age) : max_age_(max_age) {}

  /// The value, if it was read at most max_age ago and since the last forget(); else null.
  std::shared_ptr<const Value> fresh() const {
    const std::lock_guard lock(mutex_);
    return Clock::now() < expires_ ? value_ : nullptr;
  }

  /// What `read` returns now. It is kept unless forget() was called since `read` began, or a later value is
  /// there.
  template <class Read>
  std::shared_ptr<const Value> read_again(const Read& read) {
    const std::uint64_t epoch = this->epoch();
    const Clock::time_point begin = Clock::now();
    auto value = std::make_shared<const Value>(read());
    const std::lock_guard lock(mutex_);
    if (epoch != epoch_ || begin + max_age_ < expires_) return value;
    expires_ = begin + max_age_;
    return value_ = std::move(value);
  }

  /// What was read so far is not fresh any more.
  void forget() {
    const std::lock_guard lock(mutex_);
    ++epoch_;
    expires_ = {};
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::uint64_t epoch() const {
    const std::lock_guard lock(mutex_);
    return epoch_;
  }

  const std::chrono::milliseconds max_age_;
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const Value> value_;
  Clock::time_point expires_{};
  std::uint64_t epoch_ = 0;  // counts calls of forget()
};

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#include "facesearch/core/parallel.hpp"

#include <system_error>
#include <utility>

namespace facesearch {

std::vector<std::jthread> start_threads(std::size_t count, const std::function<void()>& work) {
  std::vector<std::jthread> threads;
  threads.reserve(count);
  try {
    while (threads.size() < count) threads.emplace_back(work);
  } catch (const std::system_error&) {
    // The system gives no more threads: those that there are share the work.
  }
  return threads;
}

bool IndexQueue::next(std::size_t& index) {
  const std::lock_guard lock(mutex_);
  if (failure_ || next_ == count_) return false;
  index = next_++;
  return true;
}

void IndexQueue::fail(std::size_t index, std::exception_ptr failure) {
  const std::lock_guard lock(mutex_);
  if (failure_ && failed_index_ <= index) return;
  failure_ = std::move(failure);
  failed_index_ = index;
}

void IndexQueue::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace facesearch

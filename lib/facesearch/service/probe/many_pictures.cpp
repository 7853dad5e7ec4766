// SPDX-License-Identifier: MIT
#include "facesearch/service/probe/many_pictures.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "facesearch/core/error.hpp"

namespace facesearch::service {
namespace {

// Faults of a picture, not of the run.
bool is_of_picture(Cause cause) {
  return cause == Cause::kPermissionDenied || cause == Cause::kRefused || cause == Cause::kImageUnsupported ||
         cause == Cause::kImageTooLarge || cause == Cause::kImageRequired || cause == Cause::kImageInvalid;
}

class Looking {
 public:
  Looking(const PictureWork& work, std::size_t count,
          const std::function<void(EngineCache&, std::size_t)>& look)
      : work_(work), count_(count), look_(look) {}

  void run() {
    std::vector<std::jthread> threads;
    const std::size_t most = std::max<std::size_t>(1, std::min<std::size_t>(work_.threads, count_));
    threads.reserve(most);
    try {
      for (std::size_t i = 0; i < most; ++i) threads.emplace_back([this] { guarded(); });
    } catch (const std::system_error&) {
      // As many as the system lets us have.
      if (threads.empty()) guarded();
    }
    threads.clear();
    if (fault_) std::rethrow_exception(fault_);
  }

 private:
  void guarded() {
    std::size_t i = 0;
    try {
      const auto engines = work_.engines();
      for (i = next_++; i < count_; i = next_++) {
        look_(*engines, i);
        const std::lock_guard lock(mutex_);
        ++done_;
        if (work_.progress) work_.progress(done_, count_);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      // The first picture's fault, whichever thread was faster: those before it have all been begun.
      if (!fault_ || i < place_of_fault_) {
        fault_ = std::current_exception();
        place_of_fault_ = i;
      }
      next_ = count_;
    }
  }

  const PictureWork& work_;
  std::size_t count_;
  const std::function<void(EngineCache&, std::size_t)>& look_;
  std::atomic<std::size_t> next_{0};
  std::size_t done_ = 0;
  std::exception_ptr fault_;
  std::size_t place_of_fault_ = 0;
  std::mutex mutex_;
};

}  // namespace

void for_each_picture(const PictureWork& work, std::size_t count,
                      const std::function<void(EngineCache&, std::size_t)>& look) {
  Looking(work, count, look).run();
}

std::string fault_of_picture(const std::function<void()>& look) {
  try {
    look();
    return "";
  } catch (const Error& error) {
    if (!is_of_picture(error.cause())) throw;
    return error.reason().empty() ? "IMAGE_EMPTY" : error.reason();
  }
}

}  // namespace facesearch::service

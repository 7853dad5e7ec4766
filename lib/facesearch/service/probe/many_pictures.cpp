// SPDX-License-Identifier: MIT
#include "facesearch/service/probe/many_pictures.hpp"

#include <mutex>

#include "facesearch/core/error.hpp"
#include "facesearch/core/parallel.hpp"

namespace facesearch::service {
namespace {

// Errors of a picture, not of the run.
bool is_of_picture(Cause cause) {
  return cause == Cause::kPermissionDenied || cause == Cause::kRefused || cause == Cause::kImageUnsupported ||
         cause == Cause::kImageTooLarge || cause == Cause::kImageRequired || cause == Cause::kImageInvalid;
}

}  // namespace

void for_each_picture(const PictureWork& work, std::size_t count,
                      const std::function<void(EngineCache&, std::size_t)>& work_on) {
  std::mutex mutex;  // guards done, and lets one thread tell of progress at a time
  std::size_t done = 0;
  parallel_for(count, work.threads, [&] {
    return [&, engines = work.engines()](std::size_t i) {
      if (work.stopped && work.stopped()) throw Stopped();
      work_on(*engines, i);
      const std::lock_guard lock(mutex);
      ++done;
      if (work.progress) work.progress(done, count);
    };
  });
}

std::string fault_of_picture(const std::function<void()>& work) {
  try {
    work();
    return "";
  } catch (const Error& error) {
    if (!is_of_picture(error.cause())) throw;
    return error.reason().empty() ? "IMAGE_EMPTY" : error.reason();
  }
}

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#include "facesearch/service/batch/batch.hpp"

#include <exception>
#include <new>

#include <fmt/format.h>

#include "facesearch/service/collections/preconditions.hpp"

namespace facesearch::service {

void require_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections) {
  require_one_search(open_galleries(store, caller, collections));
}

std::optional<Error> error_of(const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(Cause::kInternal, reason::kInternal, "there is not enough memory for this input");
  } catch (const std::exception& error) {
    return Error(Cause::kInternal, reason::kInternal,
                 fmt::format("a fault of the program: {}", error.what()));
  }
}

void require_own_collections(bool same) {
  if (same) return;
  throw Error(Cause::kInvalidValue, "OTHER_COLLECTION",
              "the request names other collections than the batch, which is for those of --collection or "
              "--collections in all its inputs");
}

PipelineLimits limits_of(const BatchWork& work) {
  PipelineLimits limits;
  limits.threads = work.threads;
  limits.ordered = work.ordered;
  return limits;
}

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <exception>
#include <new>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/error_table.hpp"
#include "facesearch/service/batch/flow.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"

/// What batches have in common: which faults are an input's own, and how their work flows.
namespace facesearch::service {

/// What an input came to in its thread: a fault of its own, or one that ends the batch.
struct Fault {
  Error error;
  bool ends = false;
};

using Clock = std::chrono::steady_clock;

/// So long a batch takes a collection's record for what it is: to open it for each input costs more than a
/// template's work.
inline constexpr std::chrono::milliseconds kLook{100};

/// True if an error that is met after an input was read is met by every other one too (see Reach).
inline bool ends_batch(const Error& error) {
  return reach_of(error) == Reach::kBatch;
}

/// Runs `work`; what it throws as an Error.
template <class Work>
std::optional<Error> error_of(Work&& work) {
  try {
    work();
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(Cause::kInternal, "INTERNAL", "there is not enough memory for this input");
  } catch (const std::exception& error) {
    return Error(Cause::kInternal, "INTERNAL", fmt::format("a fault of the program: {}", error.what()));
  }
}

/// Reads an input's request and lets go of what it is read from: that may be a whole picture.
template <class Request>
std::optional<Error> read_once(BatchInput<Request>& input, Request& request) {
  auto error = error_of([&] { request = input.read(); });
  input.read = nullptr;
  return error;
}

/// Throws Error(kInvalidValue, OTHER_COLLECTION) unless an input is for the collections of the batch.
void require_same(bool same);

FlowLimits limits_of(const BatchWork& work);

}  // namespace facesearch::service

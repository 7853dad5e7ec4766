// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/core/error_table.hpp"
#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/match/kernels/kernel.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/batch/pipeline.hpp"

/// What batches of enrolments and of searches have in common: inputs, answers, and which errors cost an
/// input, a group of inputs, or the batch.
namespace facesearch::service {

/// One of many inputs. `read` reads and checks it, in a thread of the batch; what it throws is its answer.
template <class Request>
struct BatchInput {
  std::string input;  ///< what the answer calls it
  std::function<Request()> read;
};

/// The answer to an input.
template <class Result>
struct BatchAnswer {
  std::string input;
  std::variant<Result, Error> outcome;
};

/// Asks for the next input; none: the end. Called by one thread at a time.
template <class Request>
using NextInput = std::function<std::optional<BatchInput<Request>>()>;

/// Takes answers, in the thread that runs the batch.
template <class Result>
using TakeAnswers = std::function<void(std::vector<BatchAnswer<Result>>)>;

/// How a batch uses the machine. The functions outlive the call.
struct BatchWork {
  std::function<std::unique_ptr<EngineCache>()> engines;  ///< one a thread
  std::function<void()> cancel;     ///< called when no further input will be asked for; may be called again
  std::function<bool()> stopped{};  ///< true: prepared searches are not answered any more; none: never
  unsigned threads = 1;
  bool ordered = true;  ///< answers in the order of the inputs, else as they are ready
  Kernel kernel = best_kernel();
  /// An input is judged by a record of its collection that was read at most so long ago: to read it for each
  /// input costs more than the work on a template.
  std::chrono::milliseconds max_record_age{100};
};

/// What a batch throws before it asks for an input: as open_galleries() and, of several,
/// require_one_search().
void require_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections);

/// Why an input is not searched or enrolled.
struct InputError {
  Error error;
  bool ends_batch = false;
};

/// True if an error that is met after an input was read would be met by every other one too (see Reach).
inline bool ends_batch(const Error& error) {
  return reach_of(error) == Reach::kBatch;
}

/// Runs `work` and returns what it throws, as an Error.
std::optional<Error> error_of(const std::function<void()>& work);

/// Reads an input's request, then frees what it is read from: that may be a whole picture.
template <class Request>
std::optional<Error> read_once(BatchInput<Request>& input, Request& request) {
  auto error = error_of([&] { request = input.read(); });
  input.read = nullptr;
  return error;
}

/// Throws Error(kInvalidValue, OTHER_COLLECTION) unless an input names the collections of the batch.
void require_own_collections(bool same);

/// The limits of a batch's threads and order; the others are the pipeline's own.
PipelineLimits limits_of(const BatchWork& work);

}  // namespace facesearch::service

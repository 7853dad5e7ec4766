// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/match/kernels/kernel.hpp"
#include "facesearch/service/enroll/enroll.hpp"
#include "facesearch/service/search/search.hpp"

/// Many inputs to one collection: pictures go through all processors, what is found is written in groups, and
/// each is answered in its turn.
namespace facesearch::service {

/// One of many inputs. `read` reads and checks it, in a thread of the batch; what it throws is its answer.
template <class Request>
struct BatchInput {
  std::string input;  ///< what the answer calls it
  std::function<Request()> read;
};

/// What became of an input.
template <class Result>
struct BatchAnswer {
  std::string input;
  std::variant<Result, Error> outcome;
};

/// How a batch uses the machine. The functions outlive the call.
struct BatchWork {
  std::function<std::unique_ptr<EngineCache>()> engines;  ///< one a thread
  std::function<void()> cancel;                           ///< nobody will ask for another input
  std::function<bool()> stopped{};  ///< what costs time and loses nothing is left undone; none: never
  unsigned threads = 1;
  bool ordered = true;  ///< answers in the order of the inputs, else as they come
  Kernel kernel = best_kernel();
};

struct BatchEnrollOptions {
  bool one_person_per_name = false;  ///< a name that the collection or an earlier input has is that person
};

/// What a batch throws before it asks for an input: as open_galleries() and, of several,
/// require_one_search().
void require_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections);

/// Enrols what `next` gives, till it gives none. Each input is held to what enroll() holds it to; it is
/// answered after it is durable, up to 256 in one commit. Between them nothing is locked: it may go on for
/// weeks, and what others do with the collection meanwhile, its policy too, holds for what comes then. What
/// was enrolled by a batch before, by its bytes (or its template), is answered with the ids of then
/// (EnrollResult::already_enrolled), whatever name it comes with. With one_person_per_name an input whose
/// name several persons have is Error(kRefused, NAME_AMBIGUOUS).
///
/// An input's own faults are its answer; so is Error(kStoreBusy), for the group that could not be written.
/// Whatever would meet all others too ends the batch and is thrown: a store that is full or damaged, a
/// collection that is gone or made again, networks that are missing. What had been answered by then is there.
/// Memory: up to 1,024 inputs under way, and 100 bytes for each face that a batch enrolled into the
/// collection.
void enroll_batch(Store& store, const Caller& caller, const std::string& collection_id, const BatchWork& work,
                  const BatchEnrollOptions& options,
                  const std::function<std::optional<BatchInput<EnrollRequest>>()>& next,
                  const std::function<void(std::vector<BatchAnswer<EnrollResult>>)>& answer);

/// Searches for what `next` gives, till it gives none, all of them in the same collections; each answer is
/// that of search(), by the policy of at most a tenth of a second before its probe was made. Up to 32 a
/// thread that are ready together share one look at the galleries. Faults as those of enroll_batch(); what is
/// before the first that ends the batch, in the order of the answers, is answered still. An input whose
/// collection was made again, or got another pack, while it was under way is Error(kStoreBusy,
/// CHANGED_MEANWHILE).
void search_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections,
                  const BatchWork& work,
                  const std::function<std::optional<BatchInput<SearchRequest>>()>& next,
                  const std::function<void(std::vector<BatchAnswer<SearchResult>>)>& answer);

}  // namespace facesearch::service

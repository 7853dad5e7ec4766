// SPDX-License-Identifier: MIT
#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/service/batch/batch_fault.hpp"
#include "facesearch/service/batch/work_slots.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"
#include "facesearch/service/search/searched_galleries.hpp"

namespace facesearch::service {
namespace {

// Probes that a thread compares with each row at once: so many that reading the rows costs each of them
// little, so few that the collection is not held for long. And candidates that they may ask for together.
constexpr std::size_t kMostAtOnce = 32;
constexpr std::size_t kMostCandidates = kMostAtOnce * kDefaultCandidates;
// For fewer than so many another thread does not read the gallery, too.
constexpr std::size_t kLeastApart = 16;
// While probes keep coming, a fifth of the time at most goes to answering few of them at a time.
constexpr unsigned kRest = 4;

// A search that is ready to be answered, or what became of it before.
struct Prepared {
  std::optional<Fault> fault;
  PreparedSearch search;
};

class SearchBatch {
 public:
  using Input = BatchInput<SearchRequest>;
  using Done = Flow<Input, Prepared>::Done;
  using Answer = BatchAnswer<SearchResult>;
  using TakeAnswers = std::function<void(std::vector<Answer>)>;

  SearchBatch(Store& store, const Caller& caller, const std::vector<std::string>& collections,
              const BatchWork& work)
      : store_(store),
        caller_(caller),
        collections_(collections),
        work_(work),
        threads_(std::max(1U, work.threads)),
        turns_(threads_) {}

  FlowLimits limits() const {
    FlowLimits limits = limits_of(work_);
    limits.group = kMostAtOnce * threads_;
    // What is ready is not answered yet: no more of it than keeps all threads busy, for an interruption waits
    // for it.
    limits.window = 2 * limits.group + threads_;
    limits.rest = kRest;
    return limits;
  }

  // In the threads.
  Prepared prepare(EngineCache& engines, Input& input) {
    Prepared prepared;
    SearchRequest request;
    if (auto error = read_once(input, request)) {
      prepared.fault = Fault{*std::move(error)};
      return prepared;
    }
    const Turns::Turn turn(turns_, false);
    const auto error = error_of([&] {
      require_same(request.collections() == collections_);
      require_limit(request);
      try {
        prepared.search = prepare_search(engines, look(false), request);
      } catch (const Error& fault) {
        // It may be a template of the pack that the collection has had for a moment.
        if (fault.cause() != Cause::kModelMismatch) throw;
        prepared.search = prepare_search(engines, look(true), request);
      }
    });
    if (error) prepared.fault = Fault{*error, ends_batch(*error)};
    return prepared;
  }

  // In the thread of the batch. Once it is stopped, what is ready is not answered. The first fault that ends
  // the batch is thrown once what is before it is answered.
  void answer(std::span<Done> group, const TakeAnswers& take) {
    while (!group.empty() && !(work_.stopped && work_.stopped())) {
      const std::vector<Part> parts = parts_of(group);
      std::size_t count = 0;
      for (const Part& part : parts) count += part.group.size();
      answer_parts(parts, take);
      group = group.subspan(count);
    }
  }

 private:
  // Some of a group, which one thread answers.
  struct Part {
    std::span<Done> group;
    std::vector<Answer> answers;
    std::optional<Error> end;
  };

  // The next of a group, for all threads.
  std::vector<Part> parts_of(std::span<Done> group) const {
    const std::size_t most = std::clamp((group.size() + threads_ - 1) / threads_, kLeastApart, kMostAtOnce);
    std::vector<Part> parts;
    while (!group.empty() && parts.size() < threads_) {
      std::size_t count = 0;
      std::size_t candidates = 0;
      while (count < std::min(most, group.size())) {
        const Prepared& next = group[count].out;
        candidates += next.fault ? 0 : next.search.limit;
        if (count > 0 && candidates > kMostCandidates) break;
        ++count;
      }
      parts.push_back({group.first(count), {}, std::nullopt});
      group = group.subspan(count);
    }
    return parts;
  }

  void answer_parts(std::vector<Part> parts, const TakeAnswers& take) {
    {
      std::vector<std::jthread> others;
      std::size_t begun = 1;
      try {
        for (; begun < parts.size(); ++begun) {
          others.emplace_back([this, &part = parts[begun]] { answer_part(part); });
        }
      } catch (const std::system_error&) {
        // The system gives no more threads: this one does the rest.
      }
      answer_part(parts.front());
      for (; begun < parts.size(); ++begun) answer_part(parts[begun]);
    }
    std::vector<Answer> answers;
    std::optional<Error> end;
    for (Part& part : parts) {
      std::ranges::move(part.answers, std::back_inserter(answers));
      end = std::move(part.end);
      if (end) break;
    }
    if (!answers.empty()) take(std::move(answers));
    if (end) throw Error(*std::move(end));
  }

  void answer_part(Part& part) noexcept {
    auto error = error_of([&] {
      std::vector<std::size_t> places;
      part.answers.reserve(part.group.size());
      for (Done& done : part.group) {
        std::optional<Fault>& fault = done.out.fault;
        if (fault && fault->ends) {
          part.end = std::move(fault->error);
          break;
        }
        part.answers.push_back({std::move(done.in.input), SearchResult{}});
        if (fault) {
          part.answers.back().outcome = std::move(fault->error);
        } else {
          places.push_back(part.answers.size() - 1);
        }
      }
      const Turns::Turn turn(turns_, true);
      answer_places(part, places);
    });
    if (error) part.end = std::move(error);
  }

  void answer_places(Part& part, std::span<const std::size_t> places) {
    if (places.empty()) return;
    const auto error = error_of([&] { search(part, places); });
    if (!error) return;
    if (ends_batch(*error)) {
      part.answers.erase(part.answers.begin() + static_cast<std::ptrdiff_t>(places.front()),
                         part.answers.end());
      part.end = *error;
    } else if (error->cause() == Cause::kInternal && places.size() > 1) {
      // It may be the fault of one of them, or there is memory for one at a time.
      for (std::size_t i = 0; i < places.size() && !part.end; ++i) answer_places(part, places.subspan(i, 1));
    } else {
      for (const std::size_t place : places) part.answers[place].outcome = *error;
    }
  }

  void search(Part& part, std::span<const std::size_t> places) {
    const SearchedGalleries galleries(store_, caller_, collections_);
    std::vector<const PreparedSearch*> searches;
    std::vector<std::size_t> searched;
    for (const std::size_t place : places) {
      const PreparedSearch& search = part.group[place].out.search;
      if (galleries.has_faces_for(search)) {
        searches.push_back(&search);
        searched.push_back(place);
      } else {
        part.answers[place].outcome =
            Error(Cause::kStoreBusy, "CHANGED_MEANWHILE",
                  fmt::format("the collection '{}' was made again or moved to another pack in this moment; "
                              "try again",
                              search.records->first.id));
      }
    }
    auto results = galleries.answer(searches, work_.kernel);
    for (std::size_t i = 0; i < searched.size(); ++i)
      part.answers[searched[i]].outcome = std::move(results[i]);
  }

  // The collections as they are, or were a moment ago.
  std::shared_ptr<const SearchedRecords> look(bool now) {
    {
      const std::lock_guard lock(mutex_);
      if (!now && Clock::now() < detect_again_) return present_;
    }
    const Clock::time_point looked = Clock::now();
    auto records = SearchedGalleries(store_, caller_, collections_).records();
    const std::lock_guard lock(mutex_);
    if (looked + kLook < detect_again_) return records;  // another thread looked later
    detect_again_ = looked + kLook;
    return present_ = std::move(records);
  }

  Store& store_;
  const Caller& caller_;
  const std::vector<std::string>& collections_;
  const BatchWork& work_;
  const unsigned threads_;
  Turns turns_;
  std::mutex mutex_;  // of what follows
  std::shared_ptr<const SearchedRecords> present_;
  Clock::time_point detect_again_{};
};

}  // namespace

void search_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections,
                  const BatchWork& work,
                  const std::function<std::optional<BatchInput<SearchRequest>>()>& next,
                  const std::function<void(std::vector<BatchAnswer<SearchResult>>)>& answer) {
  require_batch(store, caller, collections);
  SearchBatch batch(store, caller, collections, work);
  using Flowing = Flow<BatchInput<SearchRequest>, Prepared>;
  Flowing flow(batch.limits(), next, work.cancel);
  flow.run(
      [&]() -> Flowing::Work {
        const std::shared_ptr<EngineCache> engines = work.engines();
        return [&batch, engines](BatchInput<SearchRequest>& input) { return batch.prepare(*engines, input); };
      },
      [&](std::vector<Flowing::Done> group) { batch.answer(group, answer); });
}

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
// A batch of searches: worker threads make the probes; the calling thread answers them in groups, from one
// reading of the galleries each, which all threads share.
#include "facesearch/service/search/search_batch.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/service/batch/cached.hpp"
#include "facesearch/service/batch/work_slots.hpp"
#include "facesearch/service/search/searched_galleries.hpp"

namespace facesearch::service {
namespace {

// Searches of a group, and their probes, which are more where pictures show several faces: so many that
// reading the galleries costs each of them little, so few that a collection is not held for long. And the
// candidates that they may ask for together.
constexpr std::size_t kMaxGroup = 1024;
constexpr std::size_t kMaxProbesOfGroup = kMaxGroup;
constexpr std::size_t kMaxCandidatesOfGroup = kMaxGroup * kDefaultCandidates;
// With so many the most is gained: they wait for no others.
constexpr std::size_t kFullGroup = 128;
// While searches keep coming, answering few of them at a time takes a fifth of the time at most.
constexpr unsigned kDutyRatio = 4;

// A search that is ready to be answered, or why it is not.
struct Prepared {
  std::optional<InputError> error;
  PreparedSearch search;
};

using Input = BatchInput<SearchRequest>;
using Answer = BatchAnswer<SearchResult>;
using SearchPipeline = Pipeline<Input, Prepared>;
using Done = SearchPipeline::Done;

// Searches that are answered together.
struct Part {
  std::span<Done> group;
  std::vector<Answer> answers{};
  std::optional<Error> end{};  // ends the batch after these answers
};

std::size_t probes_of(const PreparedSearch& search) {
  return static_cast<std::size_t>(std::ranges::count_if(
      search.picture.faces, [](const ProbedFace& face) { return !face.refused.has_value(); }));
}

// The most that an answer can have.
std::size_t candidates_of(const PreparedSearch& search) {
  const std::size_t faces = search.picture.faces.size();
  return faces * limit_of_face(search.limit, faces);
}

class SearchBatch {
 public:
  SearchBatch(Store& store, const Caller& caller, const std::vector<std::string>& collections,
              const BatchWork& work)
      : store_(store),
        caller_(caller),
        collections_(collections),
        work_(work),
        threads_(std::max(1U, work.threads)),
        slots_(threads_),
        records_(work.max_record_age) {}

  PipelineLimits limits() const {
    PipelineLimits limits = limits_of(work_);
    limits.max_group = kMaxGroup;
    limits.full_group = kFullGroup;
    // Prepared searches are not answered yet, and an interruption drops them: no more than keep all threads
    // busy.
    limits.max_pending = 2 * limits.max_group + threads_;
    limits.duty_ratio = kDutyRatio;
    return limits;
  }

  // In the worker threads.
  Prepared prepare(EngineCache& engines, Input& input) {
    Prepared prepared;
    SearchRequest request;
    if (auto error = read_once(input, request)) {
      prepared.error = InputError{*std::move(error)};
      return prepared;
    }
    const WorkSlots::Slot slot(slots_, WorkSlots::Priority::kPrepare);
    const auto error = error_of([&] {
      require_own_collections(request.collections() == collections_);
      require_limit(request);
      auto records = records_.fresh();
      if (!records) records = read_records();
      try {
        prepared.search = prepare_search(engines, records, request);
      } catch (const Error& fault) {
        // The template may be of a pack that the collection got a moment ago.
        if (fault.cause() != Cause::kModelMismatch) throw;
        prepared.search = prepare_search(engines, read_records(), request);
      }
    });
    if (error) prepared.error = InputError{*error, ends_batch(*error)};
    return prepared;
  }

  // In the thread of the batch. Once it is stopped, what is ready is not answered. The first error that ends
  // the batch is thrown once the inputs before it are answered.
  void answer(std::span<Done> group, const TakeAnswers<SearchResult>& take) {
    while (!group.empty() && !is_stopped()) {
      Part part = next_part(group);
      answer_part(part);
      if (!part.answers.empty()) take(std::move(part.answers));
      if (part.end) throw Error(*std::move(part.end));
    }
  }

 private:
  bool is_stopped() const { return work_.stopped && work_.stopped(); }

  std::shared_ptr<const SearchedRecords> read_records() {
    return records_.read_again([&] { return *SearchedGalleries(store_, caller_, collections_).records(); });
  }

  // Cuts the next part off a group: all of it, unless it has too many probes or asks for too many candidates.
  static Part next_part(std::span<Done>& group) {
    std::size_t count = 0;
    std::size_t probes = 0;
    std::size_t candidates = 0;
    while (count < group.size()) {
      const Prepared& next = group[count].out;
      probes += next.error ? 0 : probes_of(next.search);
      candidates += next.error ? 0 : candidates_of(next.search);
      if (count > 0 && (probes > kMaxProbesOfGroup || candidates > kMaxCandidatesOfGroup)) break;
      ++count;
    }
    Part part{group.first(count)};
    group = group.subspan(count);
    return part;
  }

  void answer_part(Part& part) noexcept {
    auto error = error_of([&] {
      std::vector<std::size_t> searches;  // that are prepared, by their index in the part
      part.answers.reserve(part.group.size());
      for (Done& done : part.group) {
        std::optional<InputError>& refused = done.out.error;
        if (refused && refused->ends_batch) {
          part.end = std::move(refused->error);
          break;
        }
        part.answers.push_back({std::move(done.in.input), SearchResult{}});
        if (refused) {
          part.answers.back().outcome = std::move(refused->error);
        } else {
          searches.push_back(part.answers.size() - 1);
        }
      }
      answer_searches(part, searches);
    });
    if (error) part.end = std::move(error);
  }

  // Answers searches together. Where one of them may be to blame for an error, its half is answered by
  // itself, and so on until it is alone: so all before it are answered. False: the batch ends.
  bool answer_searches(Part& part, std::span<const std::size_t> searches) {
    if (searches.empty()) return true;
    std::optional<Error> error;
    try {
      if (is_stopped()) throw SearchStopped();
      error = error_of([&] { search(part, searches); });
    } catch (const SearchStopped&) {
      drop_from(part, searches.front());
      return false;
    }
    if (!error) return true;
    if (searches.size() > 1 && may_be_of_one(*error)) {
      const std::size_t half = searches.size() / 2;
      return answer_searches(part, searches.first(half)) && answer_searches(part, searches.subspan(half));
    }
    if (ends_batch(*error)) {
      drop_from(part, searches.front());
      part.end = std::move(error);
      return false;
    }
    for (const std::size_t i : searches) part.answers[i].outcome = *error;
    return true;
  }

  // A damaged block that one search needs; a fault, or memory that is there for fewer.
  static bool may_be_of_one(const Error& error) {
    return error.cause() == Cause::kStoreDamaged || error.cause() == Cause::kInternal;
  }

  static void drop_from(Part& part, std::size_t first) {
    part.answers.erase(part.answers.begin() + static_cast<std::ptrdiff_t>(first), part.answers.end());
  }

  void search(Part& part, std::span<const std::size_t> indexes) {
    const SearchedGalleries galleries(store_, caller_, collections_);
    std::vector<const PreparedSearch*> searches;
    std::vector<std::size_t> searched;
    for (const std::size_t i : indexes) {
      const PreparedSearch& search = part.group[i].out.search;
      if (galleries.has_faces_for(search)) {
        searches.push_back(&search);
        searched.push_back(i);
      } else {
        part.answers[i].outcome =
            Error(Cause::kStoreBusy, "CHANGED_MEANWHILE",
                  fmt::format("the collection '{}' was made again or moved to another pack in this moment; "
                              "try again",
                              search.records->first.id));
      }
    }
    auto results = galleries.answer(searches, scan_work());
    for (std::size_t i = 0; i < searched.size(); ++i) {
      part.answers[searched[i]].outcome = std::move(results[i]);
    }
  }

  ScanWork scan_work() {
    return {work_.kernel, threads_,
            [this] { return std::make_shared<WorkSlots::Slot>(slots_, WorkSlots::Priority::kAnswer); },
            work_.stopped};
  }

  Store& store_;
  const Caller& caller_;
  const std::vector<std::string>& collections_;
  const BatchWork& work_;
  const unsigned threads_;
  WorkSlots slots_;
  Cached<SearchedRecords> records_;
};

}  // namespace

void search_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections,
                  const BatchWork& work, const NextInput<SearchRequest>& next,
                  const TakeAnswers<SearchResult>& answer) {
  require_batch(store, caller, collections);
  SearchBatch batch(store, caller, collections, work);
  SearchPipeline pipeline(batch.limits(), next, work.cancel);
  pipeline.run(
      [&]() -> SearchPipeline::Work {
        const std::shared_ptr<EngineCache> engines = work.engines();
        return [&batch, engines](Input& input) { return batch.prepare(*engines, input); };
      },
      [&](std::vector<Done> group) { batch.answer(group, answer); });
}

}  // namespace facesearch::service

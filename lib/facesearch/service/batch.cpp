// SPDX-License-Identifier: MIT
#include "facesearch/service/batch.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "facesearch/service/contents.hpp"
#include "facesearch/service/duplicates.hpp"
#include "facesearch/service/flow.hpp"
#include "facesearch/service/gallery.hpp"

namespace facesearch::service {
namespace {

// What an input came to in its thread: a fault of its own, or one that ends the batch.
struct Fault {
  Error error;
  bool ends = false;
};

// Networks that are missing or were changed are met by every picture.
bool is_of_all(const Error& error) {
  return error.cause() == Cause::kModelMissing || error.reason() == "MODEL_CHANGED" ||
         error.reason() == "NO_LIVENESS_MODEL";
}

// A fault while the store is searched or written: what is no other's as well.
bool is_of_one(const Error& error) {
  switch (error.cause()) {
    case Cause::kRefused:
    case Cause::kInvalidValue:
      return error.reason() != "COLLECTION_CHANGED";
    case Cause::kImageRequired:
    case Cause::kImageInvalid:
    case Cause::kImageTooLarge:
    case Cause::kImageUnsupported:
    case Cause::kLivenessFailed:
    case Cause::kUserNameRequired:
    case Cause::kRequestNameRequired:
    case Cause::kStoreBusy:
    case Cause::kInternal:
      return true;
    case Cause::kModelMismatch:
      return !is_of_all(error);
    default:
      return false;
  }
}

// Runs `work`; what it throws as an Error.
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

// Reads an input's request and lets go of what it is read from: that may be a whole picture.
template <class Request>
std::optional<Error> read_once(BatchInput<Request>& input, Request& request) {
  auto error = error_of([&] { request = input.read(); });
  input.read = nullptr;
  return error;
}

void require_same(bool same) {
  if (same) return;
  throw Error(Cause::kInvalidValue, "OTHER_COLLECTION",
              "collectionId is not the batch's, which --collection names; a batch is for one collection");
}

FlowLimits limits_of(const BatchWork& work) {
  FlowLimits limits;
  limits.threads = work.threads;
  limits.ordered = work.ordered;
  return limits;
}

// An input that is ready to be written, or what became of it before.
struct Prepared {
  std::optional<Fault> fault;
  EnrollRequest request;  // its probe is empty by now
  Sha256 content{};
  Probe probe;
  std::optional<FaceOf> already;
};

class EnrollBatch {
 public:
  using Input = BatchInput<EnrollRequest>;
  using Done = Flow<Input, Prepared>::Done;
  using Answer = BatchAnswer<EnrollResult>;

  EnrollBatch(Store& store, const Caller& caller, const std::string& collection_id, const BatchWork& work,
              const BatchEnrollOptions& options)
      : store_(store), work_(work), options_(options), contents_(options.one_person_per_name) {
    const auto gallery = open_gallery(store, caller, collection_id);
    collection_ = gallery->record();
    contents_.take_in(*gallery->snapshot());
  }

  // In the threads.
  Prepared prepare(EngineCache& engines, Input& input) const {
    Prepared prepared;
    if (auto error = read_once(input, prepared.request)) {
      prepared.fault = Fault{*std::move(error)};
      return prepared;
    }
    const auto error = error_of([&] {
      require_same(prepared.request.collection_id == collection_.id);
      prepared.content = content_of(collection_, prepared.request.probe);
      prepared.already = contents_.find(prepared.content);
      if (prepared.already) return;
      prepared.probe = probe_of(engines, collection_, prepared.request.probe, collection_.policy.enroll);
    });
    prepared.request.probe = {};
    if (error) prepared.fault = Fault{*error, is_of_all(*error)};
    return prepared;
  }

  // In the thread of the batch.
  std::vector<Answer> write(std::vector<Done> group) {
    std::vector<Answer> answers;
    answers.reserve(group.size());
    for (Done& done : group) {
      if (done.out.fault && done.out.fault->ends) throw Error(done.out.fault->error);
      answers.push_back({std::move(done.in.input), EnrollResult{}});
      if (done.out.fault) answers.back().outcome = std::move(done.out.fault->error);
    }
    const bool writes =
        std::ranges::any_of(group, [](const Done& done) { return !done.out.fault && !done.out.already; });
    if (writes) {
      if (const auto error = error_of([&] { write_new(group, answers); })) {
        if (!is_of_one(*error)) throw Error(*error);
        for (std::size_t i = 0; i < group.size(); ++i) {
          if (!group[i].out.fault && !group[i].out.already) answers[i].outcome = *error;
        }
      }
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!group[i].out.fault && group[i].out.already) answers[i].outcome = already(*group[i].out.already);
    }
    return answers;
  }

 private:
  struct Place {
    std::optional<FaceOf> already;
    std::optional<Uuid> known_person;  // who is enrolled, or whom an earlier input of the group makes
  };

  static EnrollResult already(const FaceOf& known) {
    EnrollResult result;
    result.face = known.face;
    result.person = known.person;
    result.already_enrolled = true;
    return result;
  }

  // One commit of what is new. May write a part of it once more if the map has to grow.
  void write_new(const std::vector<Done>& group, std::vector<Answer>& answers) {
    const auto gallery = open_again(store_, collection_);
    const bool duplicates = collection_.policy.duplicates != Duplicates::kAllow;
    std::vector<std::optional<Candidate>> seen(group.size());
    std::uint64_t next_slot = 0;
    if (duplicates) {
      // The long look at the gallery is taken beside the writers.
      const auto snapshot = gallery->snapshot();
      contents_.take_in(*snapshot);
      next_slot = snapshot->next_slot();
      Group before(*this);
      for (std::size_t i = 0; i < group.size(); ++i) {
        const Prepared& input = group[i].out;
        if (input.fault || input.already) continue;
        const auto error = error_of([&] {
          const Place place = before.place(input, *snapshot);
          if (place.already) return;
          seen[i] = DuplicateCheck(collection_, input.probe.values, place.known_person)
                        .check_all(*snapshot, work_.kernel);
          before.added(input, {Uuid{}, place.known_person ? *place.known_person : Uuid::make()});
        });
        if (error) answers[i].outcome = *error;
      }
    }
    std::vector<Answer> made;
    std::vector<FaceRecord> added;
    gallery->write([&](WriteTransaction& transaction) {
      made = answers;
      added.clear();
      contents_.take_in(transaction);
      Group within(*this);
      for (std::size_t i = 0; i < group.size(); ++i) {
        const Prepared& input = group[i].out;
        if (input.fault || input.already || std::holds_alternative<Error>(made[i].outcome)) continue;
        try {
          made[i].outcome = add(transaction, within, input, next_slot, seen[i], added);
        } catch (const Error& error) {
          if (!is_of_one(error) || error.cause() == Cause::kInternal || error.cause() == Cause::kStoreBusy) {
            throw;
          }
          made[i].outcome = error;
        }
      }
    });
    answers = std::move(made);
    for (const FaceRecord& face : added) contents_.add(face);
  }

  // What the inputs of a group know of each other.
  class Group {
   public:
    explicit Group(const EnrollBatch& batch) : batch_(batch) {}

    // Where an input belongs. Throws Error(kRefused) with PERSON_NOT_FOUND or NAME_AMBIGUOUS.
    Place place(const Prepared& input, const Snapshot& view) const {
      Place place;
      place.already = batch_.contents_.find(input.content);
      if (const auto found = faces_.find(input.content); !place.already && found != faces_.end()) {
        place.already = found->second;
      }
      if (place.already) return place;
      place.known_person = input.request.person;
      if (place.known_person) {
        require_person(view, place.known_person);
      } else if (batch_.options_.one_person_per_name) {
        const auto persons = batch_.contents_.persons(input.request.user_name);
        if (persons.size() > 1) {
          throw Error(Cause::kRefused, "NAME_AMBIGUOUS",
                      fmt::format("{} persons of this collection have this name; say which with metaFaceId",
                                  persons.size()));
        }
        if (!persons.empty()) {
          place.known_person = persons.front();
        } else if (const auto own = names_.find(input.request.user_name); own != names_.end()) {
          place.known_person = own->second;
        }
      }
      return place;
    }

    void added(const Prepared& input, const FaceOf& face) {
      faces_[input.content] = face;
      names_.try_emplace(input.request.user_name, face.person);
    }

   private:
    const EnrollBatch& batch_;
    std::map<Sha256, FaceOf> faces_;
    std::map<std::string, Uuid> names_;
  };

  EnrollResult add(WriteTransaction& transaction, Group& within, const Prepared& input,
                   std::uint64_t next_slot, const std::optional<Candidate>& seen,
                   std::vector<FaceRecord>& added) const {
    const Place place = within.place(input, transaction);
    if (place.already) return already(*place.already);
    const DuplicateCheck check(collection_, input.probe.values, place.known_person);
    const auto duplicate = check.check_added(transaction, next_slot, seen);
    FaceRecord face;
    face.face = Uuid::make();
    face.person = place.known_person.value_or(Uuid::make());
    face.name = input.request.user_name;
    face.metadata = input.request.metadata;
    face.created = now();
    face.content = input.content;
    transaction.add(face, input.probe.values);
    within.added(input, {face.face, face.person});
    EnrollResult result;
    result.face = face.face;
    result.person = face.person;
    result.probe.seen = input.probe.seen;
    result.probe.liveness = input.probe.liveness;
    result.warnings = warnings_of(input.probe);
    if (duplicate) result.warnings.push_back({"DUPLICATE_FACE", check.describe(*duplicate)});
    added.push_back(std::move(face));
    return result;
  }

  Store& store_;
  const BatchWork& work_;
  const BatchEnrollOptions& options_;
  CollectionRecord collection_;
  Contents contents_;
};

}  // namespace

void require_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections) {
  require_one_search(open_galleries(store, caller, collections));
}

void enroll_batch(Store& store, const Caller& caller, const std::string& collection_id, const BatchWork& work,
                  const BatchEnrollOptions& options,
                  const std::function<std::optional<BatchInput<EnrollRequest>>()>& next,
                  const std::function<void(std::vector<BatchAnswer<EnrollResult>>)>& answer) {
  EnrollBatch batch(store, caller, collection_id, work, options);
  FlowLimits limits = limits_of(work);
  limits.group = 256;
  limits.linger = std::chrono::milliseconds(250);
  using Flowing = Flow<BatchInput<EnrollRequest>, Prepared>;
  Flowing flow(limits, next, work.cancel);
  flow.run(
      [&]() -> Flowing::Work {
        const std::shared_ptr<EngineCache> engines = work.engines();
        return [&batch, engines](BatchInput<EnrollRequest>& input) { return batch.prepare(*engines, input); };
      },
      [&](std::vector<Flowing::Done> group) { answer(batch.write(std::move(group))); });
}

void search_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections,
                  const BatchWork& work,
                  const std::function<std::optional<BatchInput<SearchRequest>>()>& next,
                  const std::function<void(std::vector<BatchAnswer<SearchResult>>)>& answer) {
  require_batch(store, caller, collections);
  struct Found {
    SearchResult result;
    std::optional<Fault> fault;
  };
  using Flowing = Flow<BatchInput<SearchRequest>, Found>;
  Flowing flow(limits_of(work), next, work.cancel);
  flow.run(
      [&]() -> Flowing::Work {
        const std::shared_ptr<EngineCache> engines = work.engines();
        return [&, engines](BatchInput<SearchRequest>& input) {
          Found found;
          SearchRequest request;
          if (auto error = read_once(input, request)) {
            found.fault = Fault{*std::move(error)};
            return found;
          }
          const auto error = error_of([&] {
            require_same(request.collections() == collections);
            Context context{store, *engines, work.kernel};
            found.result = search(context, caller, request);
          });
          if (error) found.fault = Fault{*error, !is_of_one(*error)};
          return found;
        };
      },
      [&](std::vector<Flowing::Done> group) {
        std::vector<BatchAnswer<SearchResult>> answers;
        for (Flowing::Done& done : group) {
          if (done.out.fault && done.out.fault->ends) throw Error(done.out.fault->error);
          answers.push_back({std::move(done.in.input), std::move(done.out.result)});
          if (done.out.fault) answers.back().outcome = std::move(done.out.fault->error);
        }
        answer(std::move(answers));
      });
}

}  // namespace facesearch::service

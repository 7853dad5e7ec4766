// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/enroll_batch.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "facesearch/service/batch/batch_fault.hpp"
#include "facesearch/service/batch/flow.hpp"
#include "facesearch/service/collections/gallery.hpp"
#include "facesearch/service/enroll/duplicates.hpp"
#include "facesearch/service/enroll/enrolled_contents.hpp"

namespace facesearch::service {
namespace {

// An input that is ready to be written, or what became of it before.
struct PreparedEnrolment {
  std::optional<Fault> fault;
  EnrollRequest request;  // its probe is empty by now
  Sha256 content{};
  Probe probe;
  std::optional<FaceOf> already;
};

class EnrollBatch {
 public:
  using Input = BatchInput<EnrollRequest>;
  using Done = Flow<Input, PreparedEnrolment>::Done;
  using Answer = BatchAnswer<EnrollResult>;

  EnrollBatch(Store& store, const Caller& caller, const std::string& collection_id, const BatchWork& work,
              const BatchEnrollOptions& options)
      : store_(store), work_(work), options_(options), contents_(options.one_person_per_name) {
    const auto gallery = open_gallery(store, caller, collection_id);
    collection_ = gallery->record();
    present_ = std::make_shared<const CollectionRecord>(collection_);
    contents_.take_in(*gallery->snapshot());
  }

  // In the threads.
  PreparedEnrolment prepare(EngineCache& engines, Input& input) {
    PreparedEnrolment prepared;
    if (auto error = read_once(input, prepared.request)) {
      prepared.fault = Fault{*std::move(error)};
      return prepared;
    }
    const auto error = error_of([&] {
      require_same(prepared.request.collection_id == collection_.id);
      prepared.content = content_of(collection_, prepared.request.probe);
      prepared.already = contents_.find(prepared.content);
      const auto present = look(prepared);
      if (prepared.already) return;
      prepared.probe = probe_of(engines, *present, prepared.request.probe, present->policy.enroll);
    });
    prepared.request.probe = {};
    if (error) prepared.fault = Fault{*error, ends_batch(*error)};
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
    answer_for(group, answers, true, [&] { confirm(group, answers); });
    answer_for(group, answers, false, [&] { write_new(group, answers); });
    // What comes after these answers is judged by what holds after them.
    const std::lock_guard lock(present_mutex_);
    answered_ = Clock::now();
    detect_again_ = {};
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

  // The collection as it is, or was a moment ago. What the input was enrolled as before is confirmed where
  // that may have been erased.
  std::shared_ptr<const CollectionRecord> look(PreparedEnrolment& prepared) {
    {
      const std::lock_guard lock(present_mutex_);
      if (Clock::now() < detect_again_ && (whole_ || !prepared.already)) return present_;
    }
    const Clock::time_point looked = Clock::now();
    const auto gallery = open_again(store_, collection_);
    // Taken after the face was found: so it knows that face if anything does.
    const auto snapshot = gallery->snapshot();
    if (prepared.already && !snapshot->find_face(prepared.already->face)) {
      contents_.forget(prepared.content, prepared.already->face);
      prepared.already.reset();
    }
    auto present = std::make_shared<const CollectionRecord>(gallery->record());
    const std::lock_guard lock(present_mutex_);
    // Another thread looked later, or something was answered meanwhile.
    if (looked + kLook < detect_again_ || looked < answered_) return present;
    whole_ = contents_.is_whole(*snapshot);
    detect_again_ = looked + kLook;
    return present_ = std::move(present);
  }

  // Runs `work` for the inputs that are enrolled already, or are not, if there are any. Its fault is their
  // answer, or ends the batch.
  template <class Work>
  static void answer_for(const std::vector<Done>& group, std::vector<Answer>& answers, bool already,
                         Work&& work) {
    const auto is_meant = [already](const Done& done) {
      return !done.out.fault && done.out.already.has_value() == already;
    };
    if (std::ranges::none_of(group, is_meant)) return;
    const auto error = error_of(work);
    if (!error) return;
    if (ends_batch(*error)) throw Error(*error);
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (is_meant(group[i])) answers[i].outcome = *error;
    }
  }

  // Nobody is told of a face that was erased before the input came.
  void confirm(const std::vector<Done>& group, std::vector<Answer>& answers) {
    const auto gallery = open_again(store_, collection_);
    const auto snapshot = gallery->snapshot();
    const bool whole = contents_.is_whole(*snapshot);
    for (std::size_t i = 0; i < group.size(); ++i) {
      const PreparedEnrolment& input = group[i].out;
      if (input.fault || !input.already) continue;
      if (whole || snapshot->find_face(input.already->face)) {
        answers[i].outcome = already(*input.already);
        continue;
      }
      contents_.forget(input.content, input.already->face);
      answers[i].outcome =
          Error(Cause::kStoreBusy, "DELETED_MEANWHILE",
                "the face that was enrolled from this before was deleted just now; try again, "
                "and it comes anew");
    }
  }

  // The long looks at the gallery, beside the writers. The most alike of each that is new, where duplicates
  // matter; the slot that they were looked for up to.
  std::uint64_t look_for_duplicates(const Collection& gallery, const std::vector<Done>& group,
                                    std::vector<Answer>& answers,
                                    std::vector<std::optional<Candidate>>& seen) {
    const auto snapshot = gallery.snapshot();
    contents_.take_in(*snapshot);
    if (gallery.record().policy.duplicates == Duplicates::kAllow) return 0;
    std::vector<std::optional<Looked>> looked(group.size());
    // Where that takes more memory than there is, each is looked for by itself.
    const auto fault = error_of([&] { look_at_once(gallery.record(), *snapshot, group, looked); });
    if (fault && fault->cause() != Cause::kInternal) throw Error(*fault);
    Group before(*this);
    for (std::size_t i = 0; i < group.size(); ++i) {
      const PreparedEnrolment& input = group[i].out;
      if (input.fault || input.already) continue;
      const auto error = error_of([&] {
        const Place place = before.place(input, *snapshot);
        if (place.already) return;
        const DuplicateCheck check(gallery.record(), input.probe.values, place.known_person);
        seen[i] = looked[i] ? check.judge(looked[i]->most_alike) : check.check_all(*snapshot, work_.kernel);
        before.added(input, {Uuid{}, place.known_person ? *place.known_person : Uuid::make()});
      });
      if (error && ends_batch(*error)) throw Error(*error);
      if (error) answers[i].outcome = *error;
    }
    return snapshot->next_slot();
  }

  struct Looked {
    std::optional<Candidate> most_alike;
  };

  // The look for all that are to be written. Of whom an earlier input of the group makes, nobody is in the
  // gallery: so it does not matter here who that is.
  void look_at_once(const CollectionRecord& collection, const Snapshot& snapshot,
                    const std::vector<Done>& group, std::vector<std::optional<Looked>>& looked) {
    const Group alone(*this);
    std::vector<DuplicateCheck> checks;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < group.size(); ++i) {
      const PreparedEnrolment& input = group[i].out;
      if (input.fault || input.already) continue;
      try {
        const Place place = alone.place(input, snapshot);
        if (place.already) continue;
        checks.emplace_back(collection, input.probe.values, place.known_person);
        places.push_back(i);
      } catch (const Error& error) {
        if (error.cause() != Cause::kRefused) throw;  // else it is refused again when its turn comes
      }
    }
    const auto found = DuplicateCheck::most_alike(checks, snapshot, work_.kernel);
    for (std::size_t i = 0; i < places.size(); ++i) looked[places[i]] = Looked{found[i]};
  }

  // One commit of what is new. May write a part of it once more if the map has to grow.
  void write_new(const std::vector<Done>& group, std::vector<Answer>& answers) {
    const auto gallery = open_again(store_, collection_);
    std::vector<std::optional<Candidate>> seen(group.size());
    const std::uint64_t next_slot = look_for_duplicates(*gallery, group, answers, seen);
    std::vector<Answer> made;
    std::vector<FaceRecord> added;
    gallery->write([&](WriteTransaction& transaction) {
      made = answers;
      added.clear();
      contents_.take_in(transaction);
      Group within(*this);
      for (std::size_t i = 0; i < group.size(); ++i) {
        const PreparedEnrolment& input = group[i].out;
        if (input.fault || input.already || std::holds_alternative<Error>(made[i].outcome)) continue;
        try {
          made[i].outcome = add(gallery->record(), transaction, within, input, next_slot, seen[i], added);
        } catch (const Error& error) {
          if (reach_of(error) != Reach::kInput) throw;
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
    explicit Group(EnrollBatch& batch) : batch_(batch) {}

    // Where an input belongs. Throws Error(kRefused) with PERSON_NOT_FOUND or NAME_AMBIGUOUS.
    Place place(const PreparedEnrolment& input, const Snapshot& view) const {
      Place place;
      place.already = batch_.contents_.find(input.content);
      if (place.already && !view.find_face(place.already->face)) {
        batch_.contents_.forget(input.content, place.already->face);
        place.already.reset();
      }
      if (const auto found = faces_.find(input.content); !place.already && found != faces_.end()) {
        place.already = found->second;
      }
      if (place.already) return place;
      place.known_person = input.request.person;
      if (place.known_person) {
        require_person(view, place.known_person);
      } else if (batch_.options_.one_person_per_name) {
        const auto persons = batch_.contents_.two_persons(input.request.user_name, view);
        if (persons.size() > 1) {
          throw Error(Cause::kRefused, "NAME_AMBIGUOUS",
                      "more than one person of this collection has this name; say which with metaFaceId");
        }
        if (!persons.empty()) {
          place.known_person = persons.front();
        } else if (const auto own = names_.find(input.request.user_name); own != names_.end()) {
          place.known_person = own->second;
        }
      }
      return place;
    }

    void added(const PreparedEnrolment& input, const FaceOf& face) {
      faces_[input.content] = face;
      names_.try_emplace(input.request.user_name, face.person);
    }

   private:
    EnrollBatch& batch_;
    std::map<Sha256, FaceOf> faces_;
    std::map<std::string, Uuid> names_;
  };

  EnrollResult add(const CollectionRecord& present, WriteTransaction& transaction, Group& within,
                   const PreparedEnrolment& input, std::uint64_t next_slot,
                   const std::optional<Candidate>& seen, std::vector<FaceRecord>& added) const {
    const Place place = within.place(input, transaction);
    if (place.already) return already(*place.already);
    const DuplicateCheck check(present, input.probe.values, place.known_person);
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
  CollectionRecord collection_;  // as it was at the start; what never changes is read of it
  Contents contents_;
  std::mutex present_mutex_;  // of what follows
  std::shared_ptr<const CollectionRecord> present_;
  bool whole_ = false;  // nothing that contents_ knows was erased when it was looked at
  Clock::time_point detect_again_{};
  Clock::time_point answered_{};  // the end of the last group
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
  limits.pause = std::chrono::milliseconds(10);  // a commit takes some milliseconds
  using Flowing = Flow<BatchInput<EnrollRequest>, PreparedEnrolment>;
  Flowing flow(limits, next, work.cancel);
  flow.run(
      [&]() -> Flowing::Work {
        const std::shared_ptr<EngineCache> engines = work.engines();
        return [&batch, engines](BatchInput<EnrollRequest>& input) { return batch.prepare(*engines, input); };
      },
      [&](std::vector<Flowing::Done> group) { answer(batch.write(std::move(group))); });
}

}  // namespace facesearch::service

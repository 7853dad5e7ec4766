// SPDX-License-Identifier: MIT
// Writes a group of prepared enrolments:
// 1. Inputs that were enrolled before are answered with the ids they have, if the face is still there.
// 2. The others are searched for duplicates, together, in a snapshot: beside other writers.
// 3. One transaction compares them with what was added since, adds the faces, and is committed.
// Errors of one input are its answer, those of the store are the group's; see Reach.
#include "facesearch/service/enroll/group_writer.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/service/collections/preconditions.hpp"

namespace facesearch::service {
namespace {

using Done = GroupWriter::Done;
using Answer = GroupWriter::Answer;

// The face is there, but it may not be what the request asks for: a misspelt name that was corrected changes
// nothing.
void warn_of_differences(const FaceRecord& face, const EnrollRequest& request, EnrollResult& result) {
  const auto warn = [&](const char* reason, const char* what) {
    result.warnings.push_back(
        {reason, fmt::format("the picture is enrolled with {}; delete the face to enrol it anew", what)});
  };
  if (composed(face.name) != composed(request.user_name)) warn("NAME_DIFFERS", "another name");
  if (request.person && face.person != *request.person) warn("PERSON_DIFFERS", "another person");
  if (!request.metadata.empty() && face.metadata != request.metadata)
    warn("METADATA_DIFFERS", "other metadata");
  if (!result.warnings.empty()) result.name = face.name;
}

EnrollResult enrolled_before(const KnownFace& known, const EnrollRequest& request, const Snapshot& view) {
  EnrollResult result;
  result.face = known.face;
  result.person = known.person;
  result.already_enrolled = true;
  const bool same = known.said == hash_of(request.user_name, request.metadata) &&
                    request.person.value_or(known.person) == known.person;
  if (same) return result;
  if (const auto face = view.find_face(known.face)) warn_of_differences(*face, request, result);
  return result;
}

// Where an input belongs: to a face that is there, or to a person.
struct Placement {
  std::optional<KnownFace> already;
  std::optional<Uuid>
      person;  // who is enrolled, or whom an earlier input of the group makes; none: a new one
};

// Places the inputs of one group, one after the other: each sees what those before it added.
class Placer {
 public:
  Placer(KnownPictures& known, bool one_person_per_name)
      : known_(known), one_person_per_name_(one_person_per_name) {}

  // Throws Error(kRefused) with PERSON_NOT_FOUND or NAME_AMBIGUOUS.
  Placement place(const PreparedEnrolment& input, const Snapshot& view) const {
    Placement placement;
    placement.already = known_.find(input.digest);
    if (placement.already && !view.find_face(placement.already->face)) {
      known_.forget(input.digest, placement.already->face);
      placement.already.reset();
    }
    if (const auto added = faces_.find(input.digest); !placement.already && added != faces_.end()) {
      placement.already = added->second;
    }
    if (placement.already) return placement;
    placement.person = input.request.person;
    if (placement.person) {
      require_person(view, placement.person);
    } else if (one_person_per_name_) {
      placement.person = person_of_name(input.request.user_name, view);
    }
    return placement;
  }

  void add(const PreparedEnrolment& input, const KnownFace& face) {
    faces_[input.digest] = face;
    persons_.try_emplace(composed(input.request.user_name), face.person);
  }

 private:
  std::optional<Uuid> person_of_name(const std::string& name, const Snapshot& view) const {
    const auto persons = known_.two_persons(name, view);
    if (persons.size() > 1) {
      throw Error(Cause::kRefused, "NAME_AMBIGUOUS",
                  "more than one person of this collection has this name; say which with metaFaceId");
    }
    if (!persons.empty()) return persons.front();
    const auto added = persons_.find(composed(name));
    return added == persons_.end() ? std::nullopt : std::optional(added->second);
  }

  KnownPictures& known_;
  const bool one_person_per_name_;
  std::map<Sha256, KnownFace> faces_;
  std::map<std::string, Uuid> persons_;
};

bool is_known(const Done& done) {
  return !done.out.error && done.out.already;
}

bool is_new(const Done& done) {
  return !done.out.error && !done.out.already;
}

// Runs `work` for the inputs that `are_meant`, if there are any. What it throws is their answer, or ends the
// batch.
template <class Work>
void answer_for(const std::vector<Done>& group, std::vector<Answer>& answers, bool (*are_meant)(const Done&),
                const Work& work) {
  if (std::ranges::none_of(group, are_meant)) return;
  const auto error = error_of(work);
  if (!error) return;
  if (ends_batch(*error)) throw Error(*error);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (are_meant(group[i])) answers[i].outcome = *error;
  }
}

}  // namespace

std::vector<Answer> GroupWriter::write(std::vector<Done> group) {
  std::vector<Answer> answers;
  answers.reserve(group.size());
  for (Done& done : group) {
    const auto& error = done.out.error;
    if (error && error->ends_batch) throw Error(error->error);
    answers.push_back({std::move(done.in.input), EnrollResult{}});
    if (error) answers.back().outcome = error->error;
  }
  answer_for(group, answers, is_known, [&] { confirm_known(group, answers); });
  answer_for(group, answers, is_new, [&] { write_new(group, answers); });
  return answers;
}

// A face that was deleted before the input came is never answered.
void GroupWriter::confirm_known(const std::vector<Done>& group, std::vector<Answer>& answers) {
  const auto gallery = open_again(store_, collection_);
  const auto snapshot = gallery->snapshot();
  const bool none_deleted = known_.none_deleted(*snapshot);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!is_known(group[i])) continue;
    const PreparedEnrolment& input = group[i].out;
    if (none_deleted || snapshot->find_face(input.already->face)) {
      answers[i].outcome = enrolled_before(*input.already, input.request, *snapshot);
      continue;
    }
    known_.forget(input.digest, input.already->face);
    answers[i].outcome = Error(Cause::kStoreBusy, "DELETED_MEANWHILE",
                               "the face that was enrolled from this before was deleted just now; try again, "
                               "and it comes anew");
  }
}

// The duplicate of each new input, or none. One that the policy rejects is answered: the write leaves it out.
std::vector<std::optional<Candidate>> GroupWriter::find_duplicates(const CollectionRecord& present,
                                                                   const Snapshot& snapshot,
                                                                   const std::vector<Done>& group,
                                                                   std::vector<Answer>& answers) {
  std::vector<std::optional<Candidate>> duplicates(group.size());
  if (present.policy.duplicates == Duplicates::kAllow) return duplicates;
  // First each input as if it came alone: nobody whom the group adds is in the gallery yet.
  const Placer alone(known_, options_.one_person_per_name);
  std::vector<DuplicateCheck> checks;
  std::vector<std::size_t> inputs;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!is_new(group[i])) continue;
    const auto error = error_of([&] {
      const Placement placement = alone.place(group[i].out, snapshot);
      if (placement.already) return;
      checks.emplace_back(present, group[i].out.probe.values, placement.person);
      inputs.push_back(i);
    });
    if (error && error->cause() != Cause::kRefused) throw Error(*error);  // a refusal comes again below
  }
  const auto found = DuplicateCheck::most_alike(checks, snapshot, kernel_);
  for (std::size_t i = 0; i < inputs.size(); ++i) duplicates[inputs[i]] = found[i];
  // Then in their order: of one picture twice, the second is refused only if the first was.
  Placer in_order(known_, options_.one_person_per_name);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!is_new(group[i])) continue;
    const PreparedEnrolment& input = group[i].out;
    const auto error = error_of([&] {
      const Placement placement = in_order.place(input, snapshot);
      if (placement.already) return;
      DuplicateCheck(present, input.probe.values, placement.person).judge(duplicates[i]);
      in_order.add(input, {Uuid{}, placement.person ? *placement.person : Uuid::make(), 0});
    });
    if (error && reach_of(*error) != Reach::kInput) throw Error(*error);
    if (error) answers[i].outcome = *error;
  }
  return duplicates;
}

void GroupWriter::write_new(const std::vector<Done>& group, std::vector<Answer>& answers) {
  const auto gallery = open_again(store_, collection_);
  const CollectionRecord& present = gallery->record();
  std::uint64_t next_slot = 0;
  std::vector<std::optional<Candidate>> duplicates;
  {
    const auto snapshot = gallery->snapshot();
    known_.update(*snapshot);
    next_slot = snapshot->next_slot();
    duplicates = find_duplicates(present, *snapshot, group, answers);
  }
  std::vector<Answer> written;
  std::vector<FaceRecord> added;
  gallery->write([&](WriteTransaction& transaction) {  // again from the start if the map has to grow
    written = answers;
    added.clear();
    known_.update(transaction);
    Placer placer(known_, options_.one_person_per_name);
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!is_new(group[i]) || std::holds_alternative<Error>(written[i].outcome)) continue;
      const PreparedEnrolment& input = group[i].out;
      try {
        const Placement placement = placer.place(input, transaction);
        if (placement.already) {
          written[i].outcome = enrolled_before(*placement.already, input.request, transaction);
          continue;
        }
        const DuplicateCheck check(present, input.probe.values, placement.person);
        const auto duplicate = check.check_added(transaction, next_slot, duplicates[i]);
        FaceRecord face = new_face(input.request, placement.person);
        face.content = input.digest;
        transaction.add(face, input.probe.values);
        placer.add(input, {face.face, face.person, hash_of(face.name, face.metadata)});
        written[i].outcome = enrolled(face, input.probe, check, duplicate);
        added.push_back(std::move(face));
      } catch (const Error& error) {
        if (reach_of(error) != Reach::kInput) throw;
        written[i].outcome = error;
      }
    }
  });
  answers = std::move(written);
  for (const FaceRecord& face : added) known_.add(face);
}

}  // namespace facesearch::service

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
#include "facesearch/service/persons/unlike_faces.hpp"

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
  const bool names = !request.user_name.empty();  // not of every face of a picture
  if (names && composed(face.name) != composed(request.user_name)) warn("NAME_DIFFERS", "another name");
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

// Of a picture whose faces were all enrolled, each for itself.
EnrollResult faces_enrolled_before(const std::vector<KnownFace>& known, const EnrollRequest& request,
                                   const Snapshot& view) {
  EnrollResult result;
  result.already_enrolled = true;
  for (auto& faces = result.faces.emplace(); const KnownFace& face : known) {
    const auto record = view.find_face(face.face);
    if (!record) continue;  // drop_deleted() left none
    EnrolledFace& made = faces.emplace_back();
    made.outcome = FaceOutcome::kAlready;
    made.face = record->face;
    made.person = record->person;
    made.name = record->name;
    if (known.size() == 1) {
      warn_of_differences(*record, request, result);
    } else if (!request.metadata.empty() && record->metadata != request.metadata && result.warnings.empty()) {
      result.warnings.push_back(
          {"METADATA_DIFFERS", "a face of the picture is enrolled with other metadata"});
    }
  }
  result.face = known.front().face;
  result.person = known.front().person;
  return result;
}

bool is_known(const Done& done) {
  return !done.out.error && done.out.already;
}

bool is_new(const Done& done) {
  return !done.out.error && !done.out.already;
}

// True if it has one probe, that of one face.
bool is_of_one_face(const Done& done) {
  return is_new(done) && !done.out.request.every_face;
}

// The pictures of which every face is enrolled, and their inputs.
std::map<std::size_t, PictureFaces> pictures_of(const std::vector<Done>& group) {
  std::map<std::size_t, PictureFaces> pictures;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const PreparedEnrolment& input = group[i].out;
    if (is_new(group[i]) && input.request.every_face)
      pictures.emplace(i, PictureFaces{input.request, input.picture, input.digest});
  }
  return pictures;
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

// Adds one face. `duplicate`: what find_duplicates() found.
EnrollResult enroll_one(WriteTransaction& transaction, const PreparedEnrolment& input,
                        const std::optional<Candidate>& duplicate, GroupState& group) {
  const Placement placement = group.placer.place(input.request, input.digest, transaction);
  if (placement.already) return enrolled_before(*placement.already, input.request, transaction);
  // The picture's faces may be enrolled each for itself. A template seldom is, and costs less than the look.
  if (input.probe.seen) {
    const std::size_t faces = input.probe.seen->faces_found;
    for (const KnownFace& known : group.placer.find_in_picture(input.digest, faces, transaction)) {
      if (is_alike(transaction, known.face, input.probe.values, group.collection))
        return enrolled_before(known, input.request, transaction);
    }
  }
  const Template& values = input.probe.values;
  group.deleted.require_none(
      values, [&] { return contents_of_probe(input.digest, input.probe); }, min_cosine_of(group.collection));
  const DuplicateCheck check(group.collection, values, placement.person, group.ruled_out.of(values));
  const auto found = check.check_added(transaction, group.first_slot, duplicate);
  FaceRecord face = new_face(input.request, placement.person);
  face.content = input.digest;
  transaction.add(face, values);
  group.placer.add(face.name, input.digest, {face.face, face.person, hash_of(face.name, face.metadata)});
  group.added.push_back(face);
  if (placement.person) group.joined.push_back(face.face);
  return enrolled(face, input.probe, check, found);
}

// The warnings come after the commit, which has made the means.
void warn_of_unlike_faces(const std::vector<Uuid>& unlike, std::vector<Answer>& answers) {
  const auto warn = [&](const Uuid& face, EnrollResult& result) {
    if (std::ranges::binary_search(unlike, face)) result.warnings.push_back(unlike_person(face));
  };
  for (Answer& answer : answers) {
    auto* result = std::get_if<EnrollResult>(&answer.outcome);
    if (result == nullptr) continue;
    if (!result->faces) {
      warn(result->face, *result);
      continue;
    }
    for (const EnrolledFace& face : *result->faces) {
      if (!face.refused) warn(face.face, *result);
    }
  }
}

}  // namespace

void find_known(const KnownPictures& known, PreparedEnrolment& input) {
  if (!input.request.every_face) {
    input.already = known.find(input.digest);
    return;
  }
  input.known_faces = known.find_whole(input.digest);
  input.already = input.known_faces.empty() ? std::nullopt : std::optional(input.known_faces.front());
}

void drop_deleted(const Snapshot& snapshot, KnownPictures& known, PreparedEnrolment& input) {
  const auto is_deleted = [&](const KnownFace& face) { return !snapshot.find_face(face.face); };
  if (input.request.every_face) {
    if (std::ranges::none_of(input.known_faces, is_deleted)) return;
    input.known_faces.clear();
    input.already.reset();
  } else if (input.already && is_deleted(*input.already)) {
    known.forget(input.digest, input.already->face);
    input.already.reset();
  }
}

void make_probe_of(EngineCache& engines, const CollectionRecord& collection, PreparedEnrolment& input) {
  const SidePolicy& side = collection.policy.enroll;
  if (input.request.every_face) {
    input.picture = probes_of(engines, collection, input.request.probe, side);
  } else {
    input.probe = probe_of(engines, collection, input.request.probe, side);
  }
}

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
void GroupWriter::confirm_known(std::vector<Done>& group, std::vector<Answer>& answers) {
  const auto gallery = open_again(store_, collection_);
  const auto snapshot = gallery->snapshot();
  known_.update(*snapshot);
  const bool none_deleted = known_.none_deleted(*snapshot);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!is_known(group[i])) continue;
    PreparedEnrolment& input = group[i].out;
    find_known(known_, input);  // its person may be another one by now
    if (!none_deleted) drop_deleted(*snapshot, known_, input);
    if (input.already) {
      answers[i].outcome = input.request.every_face
                               ? faces_enrolled_before(input.known_faces, input.request, *snapshot)
                               : enrolled_before(*input.already, input.request, *snapshot);
      continue;
    }
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
  const RuledOutPersons persons(snapshot);
  std::vector<DuplicateCheck> checks;
  std::vector<std::size_t> inputs;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!is_of_one_face(group[i])) continue;
    const auto error = error_of([&] {
      const Placement placement = alone.place(group[i].out.request, group[i].out.digest, snapshot);
      if (placement.already) return;
      const Template& values = group[i].out.probe.values;
      checks.emplace_back(present, values, placement.person, persons.of(values));
      inputs.push_back(i);
    });
    if (error && error->cause() != Cause::kRefused) throw Error(*error);  // a refusal comes again below
  }
  const auto found = DuplicateCheck::most_alike(checks, snapshot, scan_);
  for (std::size_t i = 0; i < inputs.size(); ++i) duplicates[inputs[i]] = found[i];
  // Then in their order: of one picture twice, the second is refused only if the first was.
  Placer in_order(known_, options_.one_person_per_name);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!is_of_one_face(group[i])) continue;
    const PreparedEnrolment& input = group[i].out;
    const auto error = error_of([&] {
      const Placement placement = in_order.place(input.request, input.digest, snapshot);
      if (placement.already) return;
      DuplicateCheck(present, input.probe.values, placement.person).judge(duplicates[i]);
      in_order.add(input.request.user_name, input.digest,
                   {Uuid{}, placement.person ? *placement.person : Uuid::make(), 0});
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
  std::map<std::size_t, PictureFaces> pictures = pictures_of(group);
  {
    const auto snapshot = gallery->snapshot();
    known_.update(*snapshot);
    next_slot = snapshot->next_slot();
    duplicates = find_duplicates(present, *snapshot, group, answers);
    find_alike(pictures, present, *snapshot, scan_);
  }
  std::vector<Answer> written;
  std::vector<FaceRecord> added;
  std::vector<Uuid> joined;
  gallery->write([&](WriteTransaction& transaction) {  // again from the start if the map has to grow
    written = answers;
    added.clear();
    joined.clear();
    known_.update(transaction);
    Placer placer(known_, options_.one_person_per_name);
    const RuledOutPersons ruled_out(transaction);
    const DeletedFaces deleted(transaction);
    GroupState state{present, next_slot, placer, ruled_out, deleted, known_.last_unknown(), added, joined};
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!is_new(group[i]) || std::holds_alternative<Error>(written[i].outcome)) continue;
      try {
        const auto picture = pictures.find(i);
        written[i].outcome = picture == pictures.end()
                                 ? enroll_one(transaction, group[i].out, duplicates[i], state)
                                 : enroll_faces(transaction, picture->second, state);
      } catch (const Error& error) {
        if (reach_of(error) != Reach::kInput) throw;
        written[i].outcome = error;
      }
    }
  });
  answers = std::move(written);
  for (const FaceRecord& face : added) known_.add(face);
  if (!joined.empty()) warn_of_unlike_faces(unlike_faces(*gallery, joined), answers);
}

}  // namespace facesearch::service

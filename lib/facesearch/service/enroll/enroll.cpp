// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/enroll.hpp"

#include <utility>
#include <variant>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/enroll/group_writer.hpp"
#include "facesearch/service/persons/decisions.hpp"
#include "facesearch/service/persons/unlike_faces.hpp"

namespace facesearch::service {

FaceRecord new_face(const EnrollRequest& request, const std::optional<Uuid>& person) {
  FaceRecord face;
  face.face = Uuid::make();
  face.person = person ? *person : Uuid::make();
  face.name = request.user_name;
  face.metadata = request.metadata;
  face.created = now();
  return face;
}

EnrollResult enrolled(const FaceRecord& face, const Probe& probe, const DuplicateCheck& check,
                      const std::optional<Candidate>& duplicate) {
  EnrollResult result;
  result.face = face.face;
  result.person = face.person;
  result.probe.seen = probe.seen;
  result.probe.liveness = probe.liveness;
  result.warnings = warnings_of(probe);
  result.provisional = check.is_provisional();
  if (duplicate) result.warnings.push_back({"DUPLICATE_FACE", check.describe(*duplicate)});
  return result;
}

namespace {

// Written as a batch of one, which does all of it.
EnrollResult enroll_every_face(Context& context, const Caller& caller, const EnrollRequest& request) {
  KnownPictures known(false);
  CollectionRecord collection;
  {
    const auto gallery = open_gallery(context.store, caller, request.collection_id);
    collection = gallery->record();
    known.update(*gallery->snapshot());
  }
  std::vector<GroupWriter::Done> group(1);
  PreparedEnrolment& input = group.front().out;
  input.request = request;
  input.digest = digest_of(collection, request.probe);
  find_known(known, input);
  if (!input.already) make_probe_of(context.engines, collection, input);
  input.request.probe = {};
  const BatchEnrollOptions options;
  const auto answers =
      GroupWriter(context.store, collection, known, options, context.scan).write(std::move(group));
  if (const auto* error = std::get_if<Error>(&answers.front().outcome)) throw Error(*error);
  return std::get<EnrollResult>(answers.front().outcome);
}

}  // namespace

EnrollResult enroll(Context& context, const Caller& caller, const EnrollRequest& request) {
  if (request.every_face) return enroll_every_face(context, caller, request);
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const CollectionRecord& collection = gallery->record();
  const Probe probe = probe_of(context.engines, collection, request.probe, collection.policy.enroll);
  std::optional<DuplicateCheck> check;
  std::optional<Candidate> before;
  std::uint64_t next_slot = 0;
  FaceRecord face = new_face(request, request.person);
  face.content = digest_of(collection, request.probe);
  const auto require_not_deleted = [&](const Snapshot& view) {
    DeletedFaces(view).require_none(
        probe.values, [&] { return contents_of_probe(*face.content, probe); }, min_cosine_of(collection));
  };
  {
    const auto snapshot = gallery->snapshot();
    require_person(*snapshot, request.person);
    require_not_deleted(*snapshot);
    check.emplace(collection, probe.values, request.person, RuledOutPersons(*snapshot).of(probe.values));
    next_slot = snapshot->next_slot();
    before = check->judge(DuplicateCheck::most_alike({&*check, 1}, *snapshot, context.scan).front());
  }
  std::optional<Candidate> duplicate;
  gallery->write([&](WriteTransaction& transaction) {
    require_person(transaction, request.person);
    require_not_deleted(transaction);
    duplicate = check->check_added(transaction, next_slot, before);
    transaction.add(face, probe.values);
  });
  EnrollResult result = enrolled(face, probe, *check, duplicate);
  if (request.person && !unlike_faces(*gallery, {&face.face, 1}).empty())
    result.warnings.push_back(unlike_person(face.face));
  return result;
}

}  // namespace facesearch::service

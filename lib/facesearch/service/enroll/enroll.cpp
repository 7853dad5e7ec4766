// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/enroll.hpp"

#include "facesearch/service/collections/gallery.hpp"
#include "facesearch/service/enroll/duplicates.hpp"

namespace facesearch::service {
namespace {

FaceRecord new_face(const EnrollRequest& request) {
  FaceRecord face;
  face.face = Uuid::make();
  face.person = request.person ? *request.person : Uuid::make();
  face.name = request.user_name;
  face.metadata = request.metadata;
  face.created = now();
  return face;
}

}  // namespace

EnrollResult enroll(Context& context, const Caller& caller, const EnrollRequest& request) {
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const CollectionRecord& collection = gallery->record();
  EnrollResult result;
  result.probe = probe_of(context.engines, collection, request.probe, collection.policy.enroll);

  // The long look at the gallery is taken beside the writers; alone with the collection only what was
  // added since is looked at.
  const DuplicateCheck duplicates(collection, result.probe.values, request.person);
  std::optional<Candidate> seen_before;
  std::uint64_t next_slot = 0;
  {
    const auto snapshot = gallery->snapshot();
    require_person(*snapshot, request.person);
    next_slot = snapshot->next_slot();
    seen_before = duplicates.check_all(*snapshot, context.kernel);
  }
  const FaceRecord face = new_face(request);
  std::optional<Candidate> duplicate;
  gallery->write([&](WriteTransaction& transaction) {
    require_person(transaction, request.person);
    duplicate = duplicates.check_added(transaction, next_slot, seen_before);
    transaction.add(face, result.probe.values);
  });

  result.face = face.face;
  result.person = face.person;
  result.warnings = warnings_of(result.probe);
  if (duplicate) result.warnings.push_back({"DUPLICATE_FACE", duplicates.describe(*duplicate)});
  result.probe.values.clear();
  return result;
}

}  // namespace facesearch::service

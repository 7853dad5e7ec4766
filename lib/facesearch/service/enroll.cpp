// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll.hpp"

#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/gallery.hpp"
#include "facesearch/service/gallery_search.hpp"

namespace facesearch::service {
namespace {

void require_person(const Snapshot& snapshot, const std::optional<Uuid>& person) {
  if (!person || snapshot.has_person(*person)) return;
  throw Error(Cause::kRefused, "PERSON_NOT_FOUND",
              "no face of this person is enrolled here; leave metaFaceId out to enrol a new person");
}

// Finds the face most alike among other people's, and says or refuses it as the policy wants.
class DuplicateCheck {
 public:
  DuplicateCheck(const CollectionRecord& collection, const Template& values, std::optional<Uuid> person)
      : collection_(collection), values_(values), person_(person) {}

  // Each answers the most alike, if any reaches the threshold, and throws Error(kRefused, DUPLICATE_FACE) if
  // there is one and the policy rejects it. First, in all the gallery.
  std::optional<Candidate> check_all(const Snapshot& snapshot, Kernel kernel) const {
    if (collection_.policy.duplicates == Duplicates::kAllow) return std::nullopt;
    GalleryQuery query{values_, threshold(), 1};
    if (person_) query.left_out = snapshot.slots_of(*person_);
    return judge(search_gallery(snapshot, std::move(query), kernel).candidates);
  }

  // Then among what was found and what has come since.
  std::optional<Candidate> check_added(const Snapshot& snapshot, std::uint64_t first_slot,
                                       const std::optional<Candidate>& so_far) const {
    if (collection_.policy.duplicates == Duplicates::kAllow) return std::nullopt;
    TopCandidates top(threshold(), 1);
    if (so_far) top.offer(so_far->face, so_far->cosine);
    snapshot.scan(first_slot, [&](const TemplateRow& row) {
      if (row.person != person_) top.offer(row.face, exact_cosine(values_, row.values));
    });
    return judge(top.take());
  }

  std::string describe(const Candidate& duplicate) const {
    return fmt::format("face {} of this collection is alike (similarity {:.2f}, the threshold is {})",
                       duplicate.face.text(),
                       similarity_of_cosine(collection_.binding.calibration, duplicate.cosine),
                       collection_.policy.similarity);
  }

 private:
  double threshold() const {
    return cosine_of_similarity(collection_.binding.calibration, collection_.policy.similarity);
  }

  std::optional<Candidate> judge(const std::vector<Candidate>& found) const {
    if (found.empty()) return std::nullopt;
    if (collection_.policy.duplicates == Duplicates::kReject) {
      throw Error(Cause::kRefused, "DUPLICATE_FACE", describe(found.front()));
    }
    return found.front();
  }

  const CollectionRecord& collection_;
  const Template& values_;
  std::optional<Uuid> person_;
};

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

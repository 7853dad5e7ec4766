// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/placement.hpp"

#include <algorithm>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/core/utf8.hpp"
#include "facesearch/service/enroll/duplicates.hpp"

namespace facesearch::service {

Placement Placer::place(const EnrollRequest& request, const Sha256& digest, const Snapshot& view) const {
  Placement placement;
  placement.already = find(digest, view);
  if (placement.already) return placement;
  placement.person = request.person;
  if (placement.person) {
    require_person(view, placement.person);
  } else if (one_person_per_name_) {
    placement.person = person_of_name(request.user_name, view);
  }
  return placement;
}

std::optional<KnownFace> Placer::find(const Sha256& digest, const Snapshot& view) const {
  if (const auto known = known_.find(digest)) {
    if (view.find_face(known->face)) return known;
    known_.forget(digest, known->face);
  }
  const auto added = faces_.find(digest);
  return added == faces_.end() ? std::nullopt : std::optional(added->second);
}

std::vector<KnownFace> Placer::find_in_picture(const Sha256& picture, std::size_t faces,
                                               const Snapshot& view) const {
  std::vector<KnownFace> found;
  for (std::size_t rank = 0; rank < std::min(faces, kMaxFacesOfPicture); ++rank) {
    for (const bool last : {false, true}) {
      if (const auto face = find(digest_of_face(picture, rank, last), view)) found.push_back(*face);
    }
  }
  if (const auto face = find(picture, view)) found.push_back(*face);
  return found;
}

void Placer::add(const std::string& name, const Sha256& digest, const KnownFace& face) {
  faces_[digest] = face;
  persons_.try_emplace(composed(name), face.person);
}

std::optional<Uuid> Placer::person_of_name(const std::string& name, const Snapshot& view) const {
  const auto persons = known_.two_persons(name, view);
  if (persons.size() > 1) {
    throw Error(Cause::kRefused, "NAME_AMBIGUOUS",
                "more than one person of this collection has this name; say which with metaFaceId");
  }
  if (!persons.empty()) return persons.front();
  const auto added = persons_.find(composed(name));
  return added == persons_.end() ? std::nullopt : std::optional(added->second);
}

}  // namespace facesearch::service

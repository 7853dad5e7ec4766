// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/enroll/placement.hpp"
#include "facesearch/service/persons/decisions.hpp"

/// Enrolment of every face of a picture, each for itself. A face that is alike one of the collection is that
/// person: it is joined to the person if the request says so, else left as it is. Any other becomes a person
/// of its own, `unknown-N`; only if it is the one face that counts in its picture, it gets the request's
/// name.
namespace facesearch::service {

/// A picture whose faces are to be enrolled.
struct PictureFaces {
  const EnrollRequest& request;
  const ProbedPicture& picture;
  const Sha256& digest;                           ///< of the picture
  std::vector<std::optional<Candidate>> alike{};  ///< of each face, in the snapshot: its best match
};

/// Fills in `alike` of pictures for a collection, by one reading of the gallery.
void find_alike(std::map<std::size_t, PictureFaces>& pictures, const CollectionRecord& collection,
                const Snapshot& snapshot, const ScanWork& work);

/// What of a group's write holds for all its pictures.
struct GroupState {
  const CollectionRecord& collection;
  std::uint64_t first_slot;  ///< of what was added since the snapshot of find_alike()
  Placer& placer;
  const RuledOutPersons& ruled_out;
  const DeletedFaces& deleted;
  std::uint64_t last_unknown;      ///< the highest N of the names `unknown-N`
  std::vector<FaceRecord>& added;  ///< gets what is added
  std::vector<Uuid>& joined;       ///< of those the faces that came to others of a person
};

/// True if a template matches that of a live face, at the collection's threshold.
bool is_alike(const Snapshot& view, const Uuid& face, const Template& values,
              const CollectionRecord& collection);

/// Enrols the faces of one picture. Throws the error of the largest face if every face is refused.
EnrollResult enroll_faces(WriteTransaction& transaction, const PictureFaces& faces, GroupState& group);

}  // namespace facesearch::service

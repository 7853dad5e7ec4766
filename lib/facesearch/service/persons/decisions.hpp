// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "facesearch/core/digest.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/persons/persons.hpp"

/// What people decided about faces, and who keeps to it: "this face is not that person" leaves the person out
/// of what is found for the face's picture and out of dedupe; "this deleted face is not to be enrolled again"
/// refuses its picture and, where its template was kept, every face alike.
namespace facesearch::service {

/// From this cosine on two templates are taken to be of one picture, perhaps saved anew at high quality. Two
/// pictures of one person do not reach it.
inline constexpr double kPictureCosine = 0.999;

/// What is kept of a face that is deleted, so that it is not enrolled again.
enum class Remember { kNothing, kPicture, kPictureAndTemplate };

/// The decisions of a collection as a snapshot has them.
class DecidedFaces {
 public:
  explicit DecidedFaces(const Snapshot& snapshot);

  /// True if a person is ruled out for any face.
  bool rules_out() const { return !ruled_out_.empty(); }

  /// The persons whom a probe is not: it is the picture of a face of which that was decided.
  std::vector<Uuid> persons_ruled_out(std::span<const float> probe) const;

  /// Throws Error(kRefused, DELETED_FACE) if a face with one of these digests (FaceRecord::content) was
  /// deleted for good, or one whose template reaches the cosine.
  void require_not_deleted(std::span<const float> probe, std::span<const Sha256> contents,
                           double min_cosine) const;

 private:
  struct RuledOut {
    std::vector<float> values;  // of the face
    std::vector<Uuid> persons;
  };

  std::vector<RuledOut> ruled_out_;
  std::vector<Decision> deleted_;
};

/// The slots of the faces of persons, rising.
std::vector<std::uint64_t> slots_of_all(const Snapshot& snapshot, std::span<const Uuid> persons);

/// The decision that a face is not to be enrolled again; the face is live in the snapshot. Throws
/// Error(kInvalidValue, PICTURE_NOT_KNOWN) if only its picture is to be remembered and the collection knows
/// no digest of it.
Decision not_again(const Snapshot& snapshot, const FaceRecord& face, Remember remember);

/// Adds a decision, in the place of one of the same kind about the same face and person.
void decide(WriteTransaction& transaction, const Decision& decision);

/// Decisions about `from` are about `to` from now on; a person is not ruled out for own faces.
void follow_persons(WriteTransaction& transaction, std::span<const Uuid> from, const Uuid& to);

struct FaceRejectRequest {
  std::string collection_id;
  std::string face;
  std::string person;
  bool withdraw = false;  ///< the decision is taken back
};

/// Decides that a face is not of a person. If it is now, it becomes a person of its own, `unknown-<id>`.
/// Returns the face's person. One transaction. Throws Error(kFaceGone), (kFaceUnknown); Error(kInvalidValue)
/// with PERSON_NOT_FOUND, WHOLE_PERSON if it is the person's only face, NOT_DECIDED if there is nothing to
/// take back, TOO_MANY_DECISIONS.
Person reject_face(Context& context, const Caller& caller, const FaceRejectRequest& request);

struct FaceReadmitRequest {
  std::string collection_id;
  std::string face;
};

/// Takes back that a deleted face is not to be enrolled again. Throws Error(kInvalidValue, NOT_DECIDED).
void readmit_face(Context& context, const Caller& caller, const FaceReadmitRequest& request);

struct DecisionList {
  std::string collection_id;
  std::vector<Decision> decisions;  ///< in the order they were made; those that still say something
};

DecisionList list_decisions(Context& context, const Caller& caller, const std::string& collection);

}  // namespace facesearch::service

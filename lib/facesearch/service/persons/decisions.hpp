// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "facesearch/core/digest.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/persons/persons.hpp"

/// What people decided about faces. "This face is not that person": search, enrolment and dedupe leave the
/// person out for the picture of that face. "This deleted face is not to be enrolled again": enrolment
/// refuses its picture and, where its template was kept, every face alike.
namespace facesearch::service {

/// From this cosine on two templates are taken to be of one picture, perhaps saved anew at high quality. Two
/// pictures of one person do not reach it.
inline constexpr double kPictureCosine = 0.999;

/// What is kept of a face that is deleted, so that it is not enrolled again.
enum class Remember { kNothing, kPicture, kPictureAndTemplate };

/// Persons whom faces are not, as a snapshot has it.
class RuledOutPersons {
 public:
  explicit RuledOutPersons(const Snapshot& snapshot);

  bool empty() const { return ruled_out_.empty(); }

  /// The persons whom a probe is not: it is the picture of a face of which that was decided.
  std::vector<Uuid> of(std::span<const float> probe) const;

 private:
  struct RuledOut {
    std::vector<float> values;  // of the face
    std::vector<Uuid> persons;
  };

  std::vector<RuledOut> ruled_out_;
};

/// Deleted faces that are not to be enrolled again, as a snapshot has them.
class DeletedFaces {
 public:
  explicit DeletedFaces(const Snapshot& snapshot);

  /// Throws Error(kRefused, DELETED_FACE) if one of these digests (FaceRecord::content) is that of such a
  /// face, or the template reaches the cosine to one that was kept. The digests are asked for where there is
  /// such a face.
  void require_none(std::span<const float> probe, const std::function<std::vector<Sha256>()>& contents_of,
                    double min_cosine) const;

 private:
  std::vector<Decision> deleted_;
};

/// The slots of the faces of persons, rising.
std::vector<std::uint64_t> slots_of_all(const Snapshot& snapshot, std::span<const Uuid> persons);

/// The decision that a face is not to be enrolled again; the face is live in the snapshot. Throws
/// Error(kInvalidValue, PICTURE_NOT_KNOWN) if only its picture is to be remembered and the collection knows
/// no digest of it.
Decision not_again(const Snapshot& snapshot, const FaceRecord& face, Remember remember);

/// Adds decisions, each in the place of one about the same.
void decide(WriteTransaction& transaction, std::span<const Decision> more);

/// Takes decisions about the same as `wanted` back. Throws Error(kInvalidValue, NOT_DECIDED), which says
/// `missing`, if there is none.
void withdraw(WriteTransaction& transaction, const Decision& wanted, const std::string& missing);

/// After faces of `from` became those of `to`: what was decided about `from` is decided about `to`. Nobody is
/// decided not to be the person whom the face has now.
void follow_merge(WriteTransaction& transaction, std::span<const Uuid> from, const Uuid& to);

/// After some faces of `from` became `to`: what was decided about `from` is decided about both.
void follow_split(WriteTransaction& transaction, const Uuid& from, const Uuid& to);

/// After the faces became another person's: what kept them out of the former one's mean says nothing of this.
void end_left_out(WriteTransaction& transaction, std::span<const Uuid> faces);

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

// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/enroll/duplicates.hpp"
#include "facesearch/service/probe/probe.hpp"

namespace facesearch::service {

struct EnrollRequest {
  std::string collection_id;
  std::string user_name;
  ProbeInput probe;
  std::optional<Uuid> person;  ///< metaFaceId: one more face of this person
  std::map<std::string, std::string> metadata;
  bool every_face = false;  ///< of the picture is enrolled; then `user_name` may be empty (every_face.hpp)
  bool join = false;        ///< with every_face: a face that is alike is added to that person
};

/// What became of one of the faces of a picture.
enum class FaceOutcome {
  kNew,      ///< a new person
  kJoined,   ///< one more face of the person whom it matches
  kMatched,  ///< is the person whom it matches; nothing was added
  kAlready,  ///< was enrolled from this picture before
};

struct EnrolledFace {
  std::optional<Sighting> seen;  ///< none where a template was given, or the picture was not read again
  LivenessOption liveness;
  FaceOutcome outcome = FaceOutcome::kNew;
  Uuid face;    ///< that was added, or is there
  Uuid person;  ///< and its person, as `name`
  std::string name;
  std::optional<double> similarity{};  ///< 0–100, to the face it matches
  std::optional<Error> refused{};      ///< why it is not enrolled
};

struct EnrollResult {
  Uuid face;
  Uuid person;
  Probe probe;  ///< its template is left empty
  std::vector<Warning> warnings;
  bool already_enrolled =
      false;                 ///< by an earlier batch: all but the ids, `warnings` and `name` is left empty
  bool provisional = false;  ///< what is alike was judged by a provisional calibration
  std::string name;          ///< that is enrolled, where the request differs from it; else empty
  /// With EnrollRequest::every_face: as `detect` lists them; if already_enrolled only those that are. What is
  /// said above is of the largest that was not refused.
  std::optional<std::vector<EnrolledFace>> faces;
};

/// Adds a face; durable when it returns. Throws as search, and Error(kRefused) with PERSON_NOT_FOUND or
/// DUPLICATE_FACE; both are checked again inside the write transaction. With every_face as enroll_faces.
EnrollResult enroll(Context& context, const Caller& caller, const EnrollRequest& request);

/// The record of a face that is to be added: of `person`, or of a new one.
FaceRecord new_face(const EnrollRequest& request, const std::optional<Uuid>& person);

/// The answer for a face that was added. `duplicate`: what `check` found and the policy lets pass.
EnrollResult enrolled(const FaceRecord& face, const Probe& probe, const DuplicateCheck& check,
                      const std::optional<Candidate>& duplicate);

}  // namespace facesearch::service

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
};

struct EnrollResult {
  Uuid face;
  Uuid person;
  Probe probe;  ///< its template is left empty
  std::vector<Warning> warnings;
  bool already_enrolled =
      false;         ///< by an earlier batch: all but the ids, `warnings` and `name` is left empty
  std::string name;  ///< that is enrolled, where the request differs from it; else empty
};

/// Adds a face; durable when it returns. Throws as search, and Error(kRefused) with PERSON_NOT_FOUND or
/// DUPLICATE_FACE; both are checked again inside the write transaction.
EnrollResult enroll(Context& context, const Caller& caller, const EnrollRequest& request);

/// The record of a face that is to be added: of `person`, or of a new one.
FaceRecord new_face(const EnrollRequest& request, const std::optional<Uuid>& person);

/// The answer for a face that was added. `duplicate`: what `check` found and the policy lets pass.
EnrollResult enrolled(const FaceRecord& face, const Probe& probe, const DuplicateCheck& check,
                      const std::optional<Candidate>& duplicate);

}  // namespace facesearch::service

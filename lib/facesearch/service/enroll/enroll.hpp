// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/service/access/access.hpp"
#include "facesearch/service/context.hpp"
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
  bool already_enrolled = false;  ///< by an earlier batch; then nothing but the ids and warnings is there
};

/// Adds a face; durable when it returns. Throws as search, and Error(kRefused) with PERSON_NOT_FOUND or
/// DUPLICATE_FACE; both are checked again inside the write transaction.
EnrollResult enroll(Context& context, const Caller& caller, const EnrollRequest& request);

}  // namespace facesearch::service

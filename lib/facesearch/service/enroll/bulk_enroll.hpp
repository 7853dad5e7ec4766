// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/service/access/access.hpp"
#include "facesearch/service/context.hpp"

namespace facesearch::service {

/// One of many faces to be added, whose template was extracted before.
struct BulkFace {
  std::string user_name;
  std::optional<Uuid> person;  ///< one more face of this person, who is enrolled; none: a new person
  std::map<std::string, std::string> metadata;
  Template values;
};

/// What became of it.
struct BulkEnrolled {
  Uuid face;
  Uuid person;
  std::vector<Warning> warnings;
};

/// Adds faces, all or none, in one durable commit: one answer a face, in their order. Every template was made
/// by the pack of `fingerprint`. Each is held to what enroll() holds a given template to, duplicates to each
/// other too (by pairs, where the policy asks for it). Throws as enroll(); the detail says which face it is,
/// counted from 1.
std::vector<BulkEnrolled> enroll_templates(Context& context, const Caller& caller,
                                           const std::string& collection_id, const std::string& fingerprint,
                                           std::span<const BulkFace> faces);

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "facesearch/service/access.hpp"
#include "facesearch/service/context.hpp"

namespace facesearch::service {

struct CollectionInfo {
  CollectionRecord record;
  std::uint64_t faces = 0;
};

/// Makes a collection bound to the pack's fingerprint and calibration. Throws Error(kInvalidValue) with
/// COLLECTION_ID_INVALID, a policy reason (see require_valid), PACK_NOT_CALIBRATED, NO_LIVENESS_MODEL;
/// Error(kCollectionExists).
CollectionInfo create_collection(Context& context, const Caller& caller, std::string_view id,
                                 const std::string& pack, const Policy& policy);

CollectionInfo show_collection(Context& context, const Caller& caller, std::string_view id);

/// Those that the caller's key is for, sorted by id.
std::vector<CollectionInfo> list_collections(Context& context, const Caller& caller);

/// Replaces the policy. Throws as create_collection for the policy.
CollectionInfo update_collection(Context& context, const Caller& caller, std::string_view id,
                                 const Policy& policy);

void delete_collection(Context& context, const Caller& caller, std::string_view id);

/// The pack's calibration. Throws Error(kInvalidValue, PACK_NOT_CALIBRATED).
Calibration require_calibration(const Pack& pack);

/// Throws Error(kInvalidValue) with SIMILARITY_INVALID, LIVENESS_THRESHOLD_INVALID or IMAGE_LIMIT_INVALID,
/// naming the value and the range.
void require_valid(const Policy& policy);

}  // namespace facesearch::service

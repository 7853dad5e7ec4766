// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"

namespace facesearch::service {

struct CollectionInfo {
  CollectionRecord record;
  std::uint64_t faces = 0;
  std::optional<KeptSide> kept{};  ///< the former pack's templates, kept until the migration is confirmed
  std::string kept_fault{};        ///< why the kept side cannot be read; empty: it can, or there is none
  std::string fault{};             ///< empty; or why it cannot be read, and then only record.id is known
};

/// Makes a collection bound to the pack's fingerprint and calibration. Throws Error(kInvalidValue) with
/// COLLECTION_ID_INVALID, a policy reason (see require_valid), PACK_NOT_CALIBRATED, NO_LIVENESS_MODEL;
/// Error(kModelMissing, PACK_NOT_INSTALLED); Error(kCollectionExists).
CollectionInfo create_collection(Context& context, const Caller& caller, std::string_view id,
                                 const std::string& pack, const Policy& policy, bool sealed = true);

CollectionInfo show_collection(Context& context, const Caller& caller, std::string_view id);

/// A collection that the store listed. One that cannot be read is no error: it is returned with its fault.
/// Nothing if it was deleted since.
std::optional<CollectionInfo> listed_collection(Store& store, const std::string& id);

/// The collections that the caller's key is for, sorted by id; others are not opened.
std::vector<CollectionInfo> list_collections(Context& context, const Caller& caller);

/// Changes the policy to what `change` returns for the present one; no other update comes in between. Throws
/// as create_collection for the policy, which then stays.
CollectionInfo update_collection(Context& context, const Caller& caller, std::string_view id,
                                 const std::function<Policy(const Policy&)>& change);

/// Reads everything of a collection. Throws Error(kStoreDamaged) for the first damage.
CheckReport check_collection(Context& context, const Caller& caller, std::string_view id);

/// Makes the collection `to` from what can still be read of `id`; with `dry_run` only reports that. Throws
/// Error(kInvalidValue, COLLECTION_ID_INVALID), Error(kCollectionExists), Error(kStoreDamaged) if nothing can
/// be saved.
RepairReport repair_collection(Context& context, const Caller& caller, std::string_view id,
                               const std::string& to, bool dry_run);

/// Rewrite a collection: without deleted faces, and under a new key where it is encrypted. Throw
/// Error(kInvalidValue): MIGRATION_UNCONFIRMED; rekey NOT_ENCRYPTED too.
RewriteReport compact_collection(Context& context, const Caller& caller, std::string_view id);
RewriteReport rekey_collection(Context& context, const Caller& caller, std::string_view id);

void delete_collection(Context& context, const Caller& caller, std::string_view id);

/// Throws Error(kInvalidValue, COLLECTION_ID_INVALID).
[[noreturn]] void refuse_collection_id();

/// True if either side of the policy checks liveness, which not every pack can.
bool asks_for_liveness(const Policy& policy);

/// The pack's calibration. Throws Error(kInvalidValue, PACK_NOT_CALIBRATED); of a pack that is not installed
/// Error(kModelMissing, PACK_NOT_INSTALLED).
Calibration require_calibration(const PackPlaces& places, const Pack& pack);

/// What binds a collection of this policy to a pack. Throws as require_calibration().
PackBinding binding_to(EngineCache& engines, const Pack& pack, const Policy& policy);

/// Throws Error(kInvalidValue) with SIMILARITY_INVALID, LIVENESS_THRESHOLD_INVALID or IMAGE_LIMIT_INVALID,
/// naming the value and the range.
void require_valid(const Policy& policy);

}  // namespace facesearch::service

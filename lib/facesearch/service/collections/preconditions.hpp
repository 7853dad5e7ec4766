// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/match/threshold.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"

/// What every verb checks between the API key and the picture: may the key use the collection, does it exist,
/// is the model that made it here. The order is the contract's.
namespace facesearch::service {

/// Throws Error(kAccessDenied) if the caller's key is not for the collection, Error(kCollectionNotFound) if
/// its id breaks the id rule: such a collection was never made.
void require_id(const Caller& caller, std::string_view id);

/// Opens a collection; a request keeps it open to its end. Throws as require_id, then as Store::open.
std::unique_ptr<Collection> open_gallery(Store& store, const Caller& caller, std::string_view id);

/// Opens several, each named once, to be searched or merged as one. Throws Error(kInvalidValue)
/// with NO_COLLECTIONS, COLLECTION_NAMED_TWICE, TOO_MANY_COLLECTIONS; as require_id for all of them, then as
/// Store::open.
std::vector<std::unique_ptr<Collection>> open_galleries(Store& store, const Caller& caller,
                                                        const std::vector<std::string>& ids);

/// Looks Calibration::of_means up for a collection that is matched by person and lacks it.
void add_points_of_means(EngineCache& engines, CollectionRecord& record);

/// True if one cosine is one score in both collections: of means too, where both are matched by person.
bool same_scores(const CollectionRecord& a, const CollectionRecord& b);

/// Throws Error(kModelMismatch, COLLECTIONS_DIFFER) unless all have the fingerprint of the first.
void require_one_model(const std::vector<std::unique_ptr<Collection>>& galleries);

/// Throws as require_one_model; Error(kInvalidValue, COLLECTIONS_DIFFER) unless all have the
/// same calibration, and the same policy for a search.
void require_one_search(const std::vector<std::unique_ptr<Collection>>& galleries);

/// Opens the collection of a record that was read before. Throws Error(kInvalidValue, COLLECTION_CHANGED) if
/// it is of another generation now, and as Store::open.
std::unique_ptr<Collection> open_again(Store& store, const CollectionRecord& before);

/// The engine of the pack that the collection was made with.
/// Throws Error(kModelMismatch, MODEL_CHANGED) if the pack of that name makes other templates now, and
/// as EngineCache.
FaceEngine& engine_of(EngineCache& engines, const CollectionRecord& collection);

/// Throws Error(kFaceGone) if a face that is not there was erased, else Error(kFaceUnknown).
[[noreturn]] void refuse_missing_face(const Snapshot& snapshot, const Uuid& face);

/// Adds THRESHOLD_EXTRAPOLATED if a threshold's false match rate is lower than was measured.
void warn_of_extrapolation(std::vector<Warning>& warnings, const Calibration& calibration,
                           const Threshold& threshold);

/// Throws Error(kInvalidValue, NO_LIVENESS_MODEL).
void require_liveness_model(const Pack& pack);

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "facesearch/store/lmdb/open_store.hpp"
#include "facesearch/store/upkeep.hpp"

/// The door to repair: what can still be read of a collection that may be damaged. Nothing here opens the
/// data file with LMDB, which could end the process over a page that makes no sense.
namespace facesearch::storage {

/// Upkeep::repair(). The caller holds kWork and kWraps.
RepairReport repair_collection(OpenStore& store, std::string_view id, const std::string& new_id,
                               bool dry_run);

/// The ids of all faces, live and erased, for the tombstone of a collection: from its pieces, or, where some
/// cannot be read, from its indexes too. The caller is alone with the collection.
std::vector<Uuid> salvaged_ids(OpenStore& store, const std::string& id);

}  // namespace facesearch::storage

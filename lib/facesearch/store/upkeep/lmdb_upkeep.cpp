// SPDX-License-Identifier: MIT
#include "facesearch/store/upkeep/lmdb_upkeep.hpp"

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/lmdb/collection.hpp"
#include "facesearch/store/repair/repair.hpp"
#include "facesearch/store/upkeep/check.hpp"
#include "facesearch/store/upkeep/create.hpp"
#include "facesearch/store/upkeep/rewrite.hpp"

namespace facesearch::storage {

CheckReport LmdbUpkeep::check(std::string_view id) {
  require_live(store_->folder, id);
  const LmdbCollection collection(store_, id);
  CheckReport report = check_side(collection.side());
  if (collection.sides().kept) {
    const SideUse side(*store_, id, *collection.sides().kept);
    require_kin(SideView(collection.side()).root().record, SideView(side).root().record);
    const CheckReport kept = check_side(side);
    report.pieces += kept.pieces;
    report.bytes += kept.bytes;
  }
  return report;
}

RepairReport LmdbUpkeep::repair(std::string_view id, const std::string& new_id, bool dry_run) {
  require_live(store_->folder, id);
  require_collection_id(new_id);
  require_not_live(store_->folder, new_id);
  const LockFile work = store_->lock(kWork, LockMode::kShared);
  const LockFile wrap = store_->lock(kWraps, LockMode::kShared);
  return repair_collection(*store_, id, new_id, dry_run);
}

RewriteReport LmdbUpkeep::rewrite(std::string_view id, std::span<const Uuid> without,
                                  std::span<const Decision> more) {
  require_live(store_->folder, id);
  const LockFile work = store_->lock(kWork, LockMode::kShared);
  const LockFile wrap = store_->lock(kWraps, LockMode::kShared);
  return rewrite_collection(*store_, id, without, more);
}

// Before a rotation: a collection that fails halfway would leave the store under two keys.
void LmdbUpkeep::require_openable() const {
  for (const std::string& id : live_ids(store_->folder)) {
    try {
      const LmdbCollection collection(store_, id);
      if (collection.sides().kept) {
        const SideUse kept(*store_, id, *collection.sides().kept);
      }
    } catch (const Error& error) {
      throw Error(
          error.cause(), error.reason(),
          fmt::format("nothing has changed, for the collection '{}' cannot be opened; restore or delete it "
                      "first: {}",
                      id, error.detail()));
    }
  }
}

void LmdbUpkeep::rotate_master(const std::optional<std::string>& new_passphrase) {
  const LockFile work = store_->lock(kWork, LockMode::kShared);
  const LockFile alone = store_->lock(kWraps, LockMode::kExclusive);
  require_openable();
  store_->keys.begin_rotation(new_passphrase);
  for (const std::string& id : live_ids(store_->folder)) {
    CollectionLock gate = store_->collection_lock(id);
    gate.enter();
    for (const std::uint64_t number : side_numbers(store_->folder.collection(id))) {
      wrap_anew(*store_, id, number);
    }
  }
  store_->keys.end_rotation();
}

}  // namespace facesearch::storage

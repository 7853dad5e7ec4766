// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/lmdb_store.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/backup/restore.hpp"
#include "facesearch/store/backup/write_backup.hpp"
#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/files/reserve.hpp"
#include "facesearch/store/files/store_folder.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/format/json_records.hpp"
#include "facesearch/store/format/tombstone.hpp"
#include "facesearch/store/lmdb/collection.hpp"
#include "facesearch/store/lmdb/open.hpp"
#include "facesearch/store/repair/repair.hpp"
#include "facesearch/store/upkeep/check.hpp"
#include "facesearch/store/upkeep/create.hpp"
#include "facesearch/store/upkeep/migration.hpp"
#include "facesearch/store/upkeep/rewrite.hpp"

namespace facesearch {
namespace {

using namespace storage;
namespace fs = std::filesystem;

constexpr std::size_t kMaxKeyFile = 64 << 20;

class LmdbStore final : public Store {
 public:
  explicit LmdbStore(std::shared_ptr<OpenStore> store) : store_(std::move(store)) {}

  const Uuid& id() const override { return folder().id; }

  std::vector<ApiKeyRecord> keys() const override {
    return read_keys(read_file(folder().key_file(), kMaxKeyFile));
  }
  void add_key(const ApiKeyRecord& key) override;
  bool revoke_key(const Uuid& key, Timestamp when) override;

  void rotate_master(const std::optional<std::string>& new_passphrase) override;

  CollectionState state(std::string_view id) const override { return state_of(folder(), id); }
  void create(const CollectionRecord& collection) override { create_with(collection, {}); }
  void create_with(const CollectionRecord& collection, const Beginning& with) override;
  std::vector<std::string> ids() const override;
  std::unique_ptr<Collection> open(std::string_view id) override {
    require_live(folder(), id);
    auto collection = std::make_unique<LmdbCollection>(store_, id);
    if (!store_->read_only && has_stray_sides(folder(), id, collection->sides())) {
      // Only now that the live side is known to be whole, and none from before another one of the two.
      collection.reset();
      sweep_stray_sides(id);
      collection = std::make_unique<LmdbCollection>(store_, id);
    }
    return collection;
  }
  void update_policy(std::string_view id,
                     const std::function<Policy(const CollectionRecord&)>& change) override {
    require_live(folder(), id);
    LmdbCollection(store_, id).update_policy(change);
  }
  void remove(std::string_view id) override;
  CheckReport check(std::string_view id) override;
  RepairReport repair(std::string_view id, const std::string& new_id, bool dry_run) override;
  RewriteReport rewrite(std::string_view id, const std::optional<Uuid>& without) override {
    require_live(folder(), id);
    const LockFile work = lock_store(kWork, LockMode::kShared);
    const LockFile wrap = lock_store(kWraps, LockMode::kShared);
    return rewrite_collection(*store_, id, without);
  }
  BackupReport backup(const BackupRequest& request) override {
    const LockFile wrap = lock_store(kWraps, LockMode::kShared);
    return back_up(store_, request, ids());
  }
  BackupReport restore(const RestoreRequest& request) override {
    const LockFile work = lock_store(kWork, LockMode::kShared);
    const LockFile wrap = lock_store(kWraps, LockMode::kShared);
    return restore_collections(*store_, request, [this] { require_master_of_others(); });
  }
  std::unique_ptr<NewSide> build_side(std::string_view id, const PackBinding& binding) override {
    require_live(folder(), id);
    // Its key is wrapped by the master key of now.
    LockFile work = lock_store(kWraps, LockMode::kShared);
    work.lock(kWork, LockMode::kShared, Patience(store_->options.lock_timeout), "the store");
    return std::make_unique<LmdbNewSide>(store_, std::move(work), id, binding);
  }
  void confirm_side(std::string_view id) override {
    require_live(folder(), id);
    const LockFile work = lock_store(kWork, LockMode::kShared);
    drop_kept_side(store_, id);
  }
  void revert_side(std::string_view id, const std::function<void(const CollectionRecord&)>& accept) override {
    require_live(folder(), id);
    const LockFile work = lock_store(kWork, LockMode::kShared);
    restore_kept_side(*store_, id, accept);
  }

 private:
  const StoreFolder& folder() const { return store_->folder; }

  LockFile lock_store(std::uint64_t byte, LockMode mode) const {
    LockFile lock(folder().store_lock());
    lock.lock(byte, mode, Patience(store_->options.lock_timeout), "the store");
    return lock;
  }
  void make(const CollectionRecord& collection, const std::function<void(OpenSide&)>& fill);
  bool bury(std::string_view id, std::vector<Uuid> faces, bool there_is_one);
  void sweep_stray_sides(std::string_view id) const;
  void require_openable() const;
  void require_master_of_others() const;

  std::shared_ptr<OpenStore> store_;
};

void LmdbStore::add_key(const ApiKeyRecord& key) {
  const LockFile work = lock_store(kWork, LockMode::kShared);
  const LockFile alone = lock_store(kKeys, LockMode::kExclusive);
  std::vector<ApiKeyRecord> all = keys();
  if (std::any_of(all.begin(), all.end(), [&](const ApiKeyRecord& other) { return other.id == key.id; })) {
    throw Error(Cause::kInvalidValue, "KEY_EXISTS", fmt::format("there is a key {} already", key.id.text()));
  }
  all.push_back(key);
  replace_file(folder().key_file(), folder().temporary(), write_keys(all));
}

bool LmdbStore::revoke_key(const Uuid& key, Timestamp when) {
  const LockFile work = lock_store(kWork, LockMode::kShared);
  const LockFile alone = lock_store(kKeys, LockMode::kExclusive);
  std::vector<ApiKeyRecord> all = keys();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const ApiKeyRecord& other) { return other.id == key; });
  if (found == all.end()) {
    return false;
  }
  if (!found->revoked) {
    found->revoked = when;
    replace_file(folder().key_file(), folder().temporary(), write_keys(all));
  }
  return true;
}

// Before a key changes: what is found half way would leave the collections under two keys.
void LmdbStore::require_openable() const {
  for (const std::string& id : ids()) {
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

// A master key that the other collections are not under would leave the store under two.
void LmdbStore::require_master_of_others() const {
  for (const std::string& id : ids()) {
    for (const std::uint64_t number : side_numbers(folder().collection(id))) {
      try {
        if (sealed_under_known_key(*store_, id, number)) {
          return;
        }
      } catch (const Error& error) {
        if (error.cause() == Cause::kMasterKey) {
          throw;
        }
      }
    }
  }
}

void LmdbStore::rotate_master(const std::optional<std::string>& new_passphrase) {
  const LockFile work = lock_store(kWork, LockMode::kShared);
  const LockFile alone = lock_store(kWraps, LockMode::kExclusive);
  require_openable();
  store_->keys.begin_rotation(new_passphrase);
  for (const std::string& id : ids()) {
    CollectionLock gate(folder().lock(id), id, store_->options.lock_timeout);
    gate.enter();
    for (const std::uint64_t number : side_numbers(folder().collection(id))) {
      wrap_anew(*store_, id, number);
    }
  }
  store_->keys.end_rotation();
}

void LmdbStore::create_with(const CollectionRecord& collection, const Beginning& with) {
  require_collection_id(collection.id);
  write_collection(collection);  // refuses what could not be read back
  const LockFile work = lock_store(kWork, LockMode::kShared);
  const LockFile wrap = lock_store(kWraps, LockMode::kShared);  // before the gate, as everywhere
  if (with.count > 0) {
    constexpr std::uint64_t kBesides = 256;  // a face takes, in ids, record and hints
    const auto dimension = static_cast<std::uint64_t>(collection.binding.dimension);
    require_space(folder().root, with.count * (dimension * (1 + sizeof(float)) + kBesides),
                  "make the collection");
  }
  make(collection, [&](OpenSide& side) {
    if (with.faces) put_faces_anew(side, with.faces);
    if (with.erased.empty()) return;
    commit_change(side.environment, side.sealing, nullptr, [&](LmdbWriteTransaction& transaction) {
      for (const Uuid& face : with.erased) transaction.bury(face, false);
    });
  });
}

// The caller keeps others from sweeping and from rotating the master key.
void LmdbStore::make(const CollectionRecord& collection, const std::function<void(OpenSide&)>& fill) {
  CollectionLock gate(folder().lock(collection.id), collection.id, store_->options.lock_timeout);
  gate.enter_alone();
  require_not_live(folder(), collection.id);
  if (collection.sealed) {
    require_master_of_others();
  }
  NewCollection(*store_, collection, 0, fill).go_live();
}

RepairReport LmdbStore::repair(std::string_view id, const std::string& new_id, bool dry_run) {
  require_live(folder(), id);
  require_collection_id(new_id);
  require_not_live(folder(), new_id);
  const LockFile work = lock_store(kWork, LockMode::kShared);
  const LockFile wrap = lock_store(kWraps, LockMode::kShared);
  CollectionLock gate(folder().lock(id), id, store_->options.lock_timeout);
  gate.enter_alone();
  require_live(folder(), id);
  const SideToRepair found = find_side_to_repair(*store_, std::string(id));
  RepairReport report = found.side->survey();
  report.side = found.chosen;
  if (report.faces == 0 && (!report.lost.empty() || report.rows_unknown > 0)) {
    throw Error(
        Cause::kStoreDamaged, "NOTHING_TO_SAVE",
        fmt::format("none of the faces of the collection '{}' can be saved ({} lost, {} places that may "
                    "have held one); restore it from a backup",
                    id, report.lost.size(), report.rows_unknown));
  }
  if (!dry_run) {
    require_space(folder().root, found.side->data_bytes(), "save what is whole of the collection");
    CollectionRecord record = found.side->root().record;
    record.id = new_id;
    record.generation = Uuid::make();
    record.created = now();
    make(record, [&](OpenSide& side) { found.side->copy_to(side); });
  }
  return report;
}

CheckReport LmdbStore::check(std::string_view id) {
  require_live(folder(), id);
  const LmdbCollection collection(store_, id);
  CheckReport report = check_side(collection.side());
  if (collection.sides().kept) {
    const SideUse side(*store_, std::string(id), *collection.sides().kept);
    require_kin(SideView(collection.side()).root().record, SideView(side).root().record);
    const CheckReport kept = check_side(side);
    report.pieces += kept.pieces;
    report.bytes += kept.bytes;
  }
  return report;
}

// What one left behind who ended after a switch; not while anyone has the collection open.
void LmdbStore::sweep_stray_sides(std::string_view id) const {
  CollectionLock gate(folder().lock(id), id, store_->options.lock_timeout);
  if (gate.try_enter_alone() && state_of(folder(), id) == CollectionState::kLive) {
    sweep_sides(folder(), id, read_sides(folder(), id));
  }
}

std::vector<std::string> LmdbStore::ids() const {
  std::vector<std::string> names = entries_of(folder().collections());
  std::erase_if(names, [this](const std::string& name) { return state(name) != CollectionState::kLive; });
  return names;
}

void LmdbStore::remove(std::string_view id) {
  require_live(folder(), id);
  const LockFile work = lock_store(kWork, LockMode::kShared);
  const fs::path doomed = folder().doomed();
  {
    CollectionLock gate(folder().lock(id), id, store_->options.lock_timeout);
    gate.enter_alone();
    require_live(folder(), id);
    std::vector<Uuid> faces = salvaged_ids(*store_, std::string(id));
    const std::optional<Tombstone> before = Tombstone::open(folder().tombstone(id));
    if (before) {
      const std::vector<Uuid> more = before->all();
      faces.insert(faces.end(), more.begin(), more.end());
    }
    // The tombstone first: a crash in between leaves a live collection, which its folder alone decides.
    const bool all_known = bury(id, faces, before.has_value());
    move_entry(folder().collection(id), doomed);
    set_deleted_mark(*store_, id);
    if (!all_known) {
      destroy(doomed);
      bury(id, std::move(faces), true);
    }
  }
  destroy(doomed);
  keep_reserve(folder());
}

// Writes the tombstone of a collection that nobody has open. On a full disk, which has no room for the ids of
// so many faces before the collection itself is gone, one without ids has to do till then (or the former one,
// where there is one), so that there is a way to make room: false.
bool LmdbStore::bury(std::string_view id, std::vector<Uuid> faces, bool there_is_one) {
  const auto write = [&](std::vector<Uuid> ids) {
    replace_file(folder().tombstone(id), folder().temporary(), write_tombstone(std::move(ids)));
  };
  try {
    with_reserve(folder(), true, [&] { write(faces); });
    return true;
  } catch (const Error& error) {
    if (!error.is(reason::kNoSpace)) throw;
  }
  if (!there_is_one) write({});
  return false;
}

}  // namespace

std::unique_ptr<Store> storage::make_lmdb_store(std::shared_ptr<OpenStore> store) {
  return std::make_unique<LmdbStore>(std::move(store));
}

}  // namespace facesearch

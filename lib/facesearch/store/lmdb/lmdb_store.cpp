// SPDX-License-Identifier: MIT
// Makes and opens a store; makes, opens, lists and deletes its collections. A collection is made beside its
// place and renamed; a deleted one is renamed away before it is removed. What is done with the collections
// otherwise is in upkeep/, repair/ and backup/.
#include "facesearch/store/lmdb/lmdb_store.hpp"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/backup/lmdb_backups.hpp"
#include "facesearch/store/crypto/master_keys.hpp"
#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/files/reserve.hpp"
#include "facesearch/store/files/store_folder.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/format/json_records.hpp"
#include "facesearch/store/format/tombstone.hpp"
#include "facesearch/store/lmdb/collection.hpp"
#include "facesearch/store/lmdb/lmdb_api_keys.hpp"
#include "facesearch/store/repair/repair.hpp"
#include "facesearch/store/upkeep/create.hpp"
#include "facesearch/store/upkeep/lmdb_upkeep.hpp"
#include "facesearch/store/upkeep/migration.hpp"
#include "facesearch/store/upkeep/rewrite.hpp"

namespace facesearch {

using namespace storage;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxStoreFile = 64 << 10;

// Removes what a killed process left; not while another process is making something.
void sweep(const StoreFolder& folder) {
  const std::vector<std::string> names = entries_of(folder.root);
  if (std::none_of(names.begin(), names.end(), [](const std::string& name) { return is_leftover(name); })) {
    return;
  }
  LockFile lock(folder.store_lock());
  if (!lock.try_lock(kWork, LockMode::kExclusive)) {
    return;
  }
  for (const std::string& name : names) {
    if (is_leftover(name)) {
      destroy(folder.root / name);
    }
  }
}

// True if the folder holds nothing, or only what an interrupted create_lmdb_store() leaves.
bool may_become_store(const StoreFolder& folder) {
  const std::vector<std::string> names = entries_of(folder.root);
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    const fs::path path = folder.root / name;
    return is_leftover(name) || path == folder.locks() || path == folder.key_file() ||
           path == folder.reserve() ||
           ((path == folder.collections() || path == folder.tombstones()) && entries_of(path).empty());
  });
}

// Without this check a store that lost its folders would report that no collection ever existed.
void require_whole(const StoreFolder& folder) {
  for (const fs::path& part : {folder.collections(), folder.tombstones(), folder.locks()}) {
    if (is_folder(part)) continue;
    throw Error(Cause::kStoreDamaged, "FILE_MISSING",
                fmt::format("{} is missing; restore it from a backup", part.string()));
  }
}

class LmdbStore final : public Store {
 public:
  explicit LmdbStore(std::shared_ptr<OpenStore> store)
      : store_(std::move(store)), api_keys_(store_), upkeep_(store_), migrations_(store_), backups_(store_) {}

  const Uuid& id() const override { return folder().id; }
  CollectionState state(std::string_view id) const override { return state_of(folder(), id); }
  std::vector<std::string> ids() const override { return live_ids(folder()); }
  void create_with(const CollectionRecord& collection, const Beginning& with) override;
  std::unique_ptr<Collection> open(std::string_view id) override;
  void remove(std::string_view id) override;

  ApiKeys& api_keys() override { return api_keys_; }
  Upkeep& upkeep() override { return upkeep_; }
  Migrations& migrations() override { return migrations_; }
  Backups& backups() override { return backups_; }

 private:
  const StoreFolder& folder() const { return store_->folder; }
  bool bury(std::string_view id, std::vector<Uuid> faces, bool there_is_one);
  void sweep_stray_sides(std::string_view id) const;

  std::shared_ptr<OpenStore> store_;
  LmdbApiKeys api_keys_;
  LmdbUpkeep upkeep_;
  LmdbMigrations migrations_;
  LmdbBackups backups_;
};

void LmdbStore::create_with(const CollectionRecord& collection, const Beginning& with) {
  require_collection_id(collection.id);
  write_collection(collection);  // refuses what could not be read back
  const LockFile work = store_->lock(kWork, LockMode::kShared);
  const LockFile wrap = store_->lock(kWraps, LockMode::kShared);  // before the gate, as everywhere
  if (with.count > 0) {
    constexpr std::uint64_t kBesides = 256;  // a face takes, in ids, record and hints
    const auto dimension = static_cast<std::uint64_t>(collection.binding.dimension);
    require_space(folder().root, with.count * (dimension * (1 + sizeof(float)) + kBesides),
                  "make the collection");
  }
  make_collection(*store_, collection, [&](OpenSide& side) {
    if (with.faces) put_faces_anew(side, with.faces);
    if (with.erased.empty() && with.decisions.empty()) return;
    commit_change(side.environment, side.sealing, nullptr, [&](LmdbWriteTransaction& transaction) {
      for (const Uuid& face : with.erased) transaction.bury(face, false);
      if (!with.decisions.empty()) transaction.set_decisions(with.decisions);
    });
  });
}

std::unique_ptr<Collection> LmdbStore::open(std::string_view id) {
  require_live(folder(), id);
  auto collection = std::make_unique<LmdbCollection>(store_, id);
  if (!store_->read_only && has_stray_sides(folder(), id, collection->sides())) {
    // Only now that the live side is known to be whole and not older than its mark.
    collection.reset();
    sweep_stray_sides(id);
    collection = std::make_unique<LmdbCollection>(store_, id);
  }
  return collection;
}

// Sides that a process left behind that ended after a switch; not while anyone has the collection open.
void LmdbStore::sweep_stray_sides(std::string_view id) const {
  CollectionLock gate = store_->collection_lock(id);
  if (gate.try_enter_alone() && state_of(folder(), id) == CollectionState::kLive) {
    sweep_sides(folder(), id, read_sides(folder(), id));
  }
}

void LmdbStore::remove(std::string_view id) {
  require_live(folder(), id);
  const LockFile work = store_->lock(kWork, LockMode::kShared);
  const fs::path doomed = folder().doomed();
  {
    CollectionLock gate = store_->collection_lock(id);
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

// Writes the tombstone of a collection that nobody has open. A full disk may have no room for so many ids
// before the collection itself is gone. Then it writes one without ids (or keeps the former one) and returns
// false, so that a deletion always works.
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

std::unique_ptr<Store> create_lmdb_store(
    const fs::path& folder, const StoreOptions& options,
    const std::function<std::vector<ApiKeyRecord>(const Uuid&)>& first_keys) {
  const StoreFolder made{fs::absolute(folder).lexically_normal(), Uuid::make()};
  const auto require_none = [&made] {
    if (is_file(made.store_file())) {
      throw Error(Cause::kInvalidValue, "STORE_EXISTS",
                  fmt::format("there is a store in {} already", made.root.string()));
    }
  };
  require_none();
  if (!options.allow_network) require_local(made.root);
  make_private_folders(made.root);
  if (!may_become_store(made)) {
    throw Error(Cause::kInvalidValue, "FOLDER_NOT_EMPTY",
                fmt::format("{} holds other files; a store needs a folder of its own", made.root.string()));
  }
  make_private_folder(made.root);  // only now: a folder with other files is none of our business
  make_private_folder(made.locks());
  {
    LockFile lock(made.store_lock());
    lock.lock(kWork, LockMode::kExclusive, Patience(options.lock_timeout), "the store");
    require_none();
    make_private_folder(made.collections());
    make_private_folder(made.tombstones());
    keep_reserve(made);
    const std::vector<ApiKeyRecord> keys = first_keys ? first_keys(made.id) : std::vector<ApiKeyRecord>{};
    if (options.master_key) MasterKeys(options.master_key, made.id).make();
    replace_file(made.key_file(), made.temporary(), write_keys(keys));
    // Last: from here on it is a store.
    replace_file(made.store_file(), made.temporary(), write_store({made.id, now()}));
    sync_folder(made.root.parent_path());
  }
  return open_lmdb_store(folder, options);
}

std::unique_ptr<Store> open_lmdb_store(const fs::path& folder, const StoreOptions& options) {
  StoreFolder found{fs::absolute(folder).lexically_normal(), {}};
  if (!is_file(found.store_file())) {
    if (is_folder(found.collections()) && !entries_of(found.collections()).empty()) {
      throw Error(Cause::kStoreDamaged, "FILE_MISSING",
                  fmt::format("{} is missing; restore it from a backup", found.store_file().string()));
    }
    throw Error(Cause::kNoStore, "",
                fmt::format("there is no store in {}; make one with `facesearch init`", found.root.string()));
  }
  if (!options.allow_network) require_local(found.root);
  const StoreRecord record = read_store(read_file(found.store_file(), kMaxStoreFile));
  found.id = record.id;
  require_whole(found);
  auto store = std::make_shared<OpenStore>(std::move(found), options);
  store->read_only = is_read_only(store->folder.root);
  if (!store->read_only) {
    // LMDB knows a reader by its process number: neither one process twice, nor two of one number (in
    // containers).
    store->process.emplace(store->folder.store_lock());
    store->process->lock(
        kProcess + static_cast<std::uint64_t>(::getpid()), LockMode::kExclusive,
        Patience(options.lock_timeout),
        fmt::format("the store, by this process or another one with number {},", ::getpid()));
    sweep(store->folder);
  }
  return std::make_unique<LmdbStore>(std::move(store));
}

}  // namespace facesearch

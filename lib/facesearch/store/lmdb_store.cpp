// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb_store.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/file_lock.hpp"
#include "facesearch/store/file_system.hpp"
#include "facesearch/store/json_records.hpp"
#include "facesearch/store/lmdb_check.hpp"
#include "facesearch/store/lmdb_collection.hpp"
#include "facesearch/store/lmdb_layout1.hpp"
#include "facesearch/store/lmdb_migration.hpp"
#include "facesearch/store/lmdb_rewrite.hpp"
#include "facesearch/store/master_keys.hpp"
#include "facesearch/store/store_folder.hpp"
#include "facesearch/store/tombstone.hpp"

namespace facesearch {
namespace {

using namespace storage;
namespace fs = std::filesystem;

// Bytes of the store's lock file; the numbers are on disk.
constexpr std::uint64_t kWork = 0;   // shared: something temporary is being made; exclusive: is swept
constexpr std::uint64_t kKeys = 1;   // exclusive: keys.json is being replaced
constexpr std::uint64_t kWraps = 2;  // shared: a data key is being wrapped; exclusive: all are wrapped anew
constexpr std::uint64_t kProcess = 1U << 31;  // and the process number: that process has the store open

constexpr std::size_t kMaxStoreFile = 64 << 10;
constexpr std::size_t kMaxKeyFile = 64 << 20;

std::vector<std::string> entries_of(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename());
  }
  if (error) {
    throw_errno(error.value(), "read the folder", folder);
  }
  std::sort(names.begin(), names.end());
  return names;
}

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
  void create(const CollectionRecord& collection) override;
  std::vector<std::string> ids() const override;
  std::unique_ptr<Collection> open(std::string_view id) override {
    require_live(folder(), id);
    auto collection = std::make_unique<LmdbCollection>(store_, id);
    if (has_stray_sides(folder(), id, collection->sides())) {
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
  RewriteReport rewrite(std::string_view id, const std::optional<Uuid>& without) override {
    require_live(folder(), id);
    const LockFile work = lock_store(kWork, LockMode::kShared);
    const LockFile wrap = lock_store(kWraps, LockMode::kShared);
    return rewrite_collection(*store_, id, without);
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
  std::vector<Uuid> buried_faces(const std::string& id) const;
  void bury(const std::string& id);
  void sweep_stray_sides(std::string_view id) const;

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

void LmdbStore::rotate_master(const std::optional<std::string>& new_passphrase) {
  const LockFile work = lock_store(kWork, LockMode::kShared);
  const LockFile alone = lock_store(kWraps, LockMode::kExclusive);
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

void LmdbStore::create(const CollectionRecord& collection) {
  require_collection_id(collection.id);
  write_collection(collection);  // refuses what could not be read back
  const LockFile work = lock_store(kWork, LockMode::kShared);
  const LockFile wrap = lock_store(kWraps, LockMode::kShared);  // before the gate, as everywhere
  CollectionLock gate(folder().lock(collection.id), collection.id, store_->options.lock_timeout);
  gate.enter_alone();
  if (state(collection.id) == CollectionState::kLive) {
    throw Error(Cause::kCollectionExists, "",
                fmt::format("there is a collection '{}' already", collection.id));
  }
  const std::optional<Mark> mark = mark_of(*store_, collection.id);
  Root root;
  root.record = collection;
  root.switches = mark ? mark->side + 1 : 1;
  const SidesRecord sides;
  const WorkFolder made(folder().temporary());
  const fs::path side = made.path() / side_name(sides.live);
  make_private_folder(side);
  const Committed committed = last_commit_of(*make_side(*store_, side, sides.live, root));
  sync_folder(side);
  replace_file(made.path() / kSidesFile, folder().temporary(), write_sides(sides));
  sync_folder(made.path());
  set_deleted_mark(*store_,
                   collection.id);  // whatever was there is; the mark may be from before its deletion
  move_entry(made.path(), folder().collection(collection.id));
  set_mark(*store_, collection, committed);
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
    // The tombstone first: a crash in between leaves a live collection, which its folder alone decides.
    bury(std::string(id));
    move_entry(folder().collection(id), doomed);
    set_deleted_mark(*store_, id);
  }
  destroy(doomed);
}

// From the pieces; where those cannot be opened, for want of the key or for damage, from the indexes, so that
// what is lost can at least be deleted.
std::vector<Uuid> LmdbStore::buried_faces(const std::string& id) const {
  try {
    const SideUse side(*store_, id, read_sides(folder(), id).live);
    SideView view(side);
    return all_faces(view.reader, view.pieces);  // all of a kept side's are live here or erased here
  } catch (const Error& error) {
    if (error.cause() != Cause::kMasterKey && error.cause() != Cause::kStoreDamaged) {
      throw;
    }
  }
  return hinted_faces(*store_, id);
}

// Writes the tombstone of a collection that nobody has open.
void LmdbStore::bury(const std::string& id) {
  std::vector<Uuid> faces = buried_faces(id);
  if (const std::optional<Tombstone> before = Tombstone::open(folder().tombstone(id))) {
    const std::vector<Uuid> more = before->all();
    faces.insert(faces.end(), more.begin(), more.end());
  }
  replace_file(folder().tombstone(id), folder().temporary(), write_tombstone(std::move(faces)));
}

// What a process left that ended in the middle; not while another one is in the middle.
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
           ((path == folder.collections() || path == folder.tombstones()) && entries_of(path).empty());
  });
}

// A store whose collections or tombstones are gone would answer that there never were any.
void require_whole(const StoreFolder& folder) {
  for (const fs::path& part : {folder.collections(), folder.tombstones(), folder.locks()}) {
    if (is_folder(part)) continue;
    throw Error(Cause::kStoreDamaged, "FILE_MISSING",
                fmt::format("{} is missing; restore it from a backup", part.string()));
  }
}

// Once, of many processes that come at the same time.
void rewrite_first_layout(OpenStore& store) {
  const fs::path file = store.folder.store_file();
  LockFile work(store.folder.store_lock());
  work.lock(kWraps, LockMode::kExclusive, Patience(store.options.lock_timeout), "the store");
  work.lock(kWork, LockMode::kShared, Patience(store.options.lock_timeout), "the store");
  StoreRecord record = read_store(read_file(file, kMaxStoreFile));
  if (record.layout == kFirstLayout) {
    rewrite_layout1(store);
    record.layout = kLayoutVersion;
    replace_file(file, store.folder.temporary(), write_store(record));
  }
}

void make_folders(const fs::path& path) {
  if (is_folder(path)) {
    return;
  }
  if (path.has_parent_path()) {
    make_folders(path.parent_path());
  }
  make_private_folder(path);
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
  make_folders(made.root);
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
  const StoreRecord record = read_store(read_file(found.store_file(), kMaxStoreFile));
  found.id = record.id;
  require_whole(found);
  auto store = std::make_shared<OpenStore>(std::move(found), options);
  // LMDB knows a reader by its process number: neither one process twice, nor two of one number (in
  // containers).
  store->process.emplace(store->folder.store_lock());
  store->process->lock(kProcess + static_cast<std::uint64_t>(::getpid()), LockMode::kExclusive,
                       Patience(options.lock_timeout),
                       fmt::format("the store, by this process or another one with number {},", ::getpid()));
  sweep(store->folder);
  if (record.layout == kFirstLayout) {
    rewrite_first_layout(*store);
  }
  return std::make_unique<LmdbStore>(std::move(store));
}

}  // namespace facesearch

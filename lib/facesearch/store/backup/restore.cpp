// SPDX-License-Identifier: MIT
#include "facesearch/store/backup/restore.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/backup/write_backup.hpp"
#include "facesearch/store/files/reserve.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/lmdb/collection.hpp"
#include "facesearch/store/upkeep/check.hpp"
#include "facesearch/store/upkeep/create.hpp"
#include "facesearch/store/upkeep/rewrite.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

// What a side takes beside its pieces: LMDB's list of readers, hints, the edges of pages.
constexpr std::uint64_t kBesidePieces = 512U << 10;

// The collections that are asked for, in the order of the file.
std::vector<const BackupCollection*> wanted(const OpenBackup& backup, const RestoreRequest& request) {
  if (request.as) require_collection_id(*request.as);
  std::vector<const BackupCollection*> found;
  for (const BackupCollection& collection : backup.contents().collections) {
    if (request.collections.empty() || std::ranges::count(request.collections, collection.id) > 0) {
      found.push_back(&collection);
    }
  }
  for (const std::string& id : request.collections) {
    if (std::ranges::none_of(found, [&](const auto* collection) { return collection->id == id; })) {
      throw Error(Cause::kInvalidValue, "NOT_IN_BACKUP",
                  fmt::format("the backup holds no collection '{}'; see what it holds with --list", id));
    }
  }
  return found;
}

// Everything is read from the backup anew and verified on the way; what was made of it is looked at as
// `collection check` does. The data key and the generation are new: no piece of the backup fits this side.
std::unique_ptr<NewCollection> copy_of(OpenStore& store, BackupSide& from, const BackupBytes& file,
                                       const std::string& id) {
  CollectionRecord record = from.root().record;
  record.id = id;
  record.generation = Uuid::make();
  const auto fill = [&](OpenSide& side) {
    reading(file, [&] {
      copy_faces(from.pieces(), side, {}, {});
      const CheckReport copied = check_side(side);
      const std::uint64_t erased = SideView(side.environment, side.sealing).root().erased;
      if (copied.faces != from.root().faces || erased != from.root().erased) {
        file.damaged("a collection in it counts other faces than it has");
      }
    });
  };
  return std::make_unique<NewCollection>(store, record, from.root().switches, fill);
}

// Adds faces to the tombstone of a collection id.
void bury_faces(const StoreFolder& folder, std::string_view id, std::vector<Uuid> faces) {
  if (const std::optional<Tombstone> before = Tombstone::open(folder.tombstone(id))) {
    const std::vector<Uuid> more = before->all();
    faces.insert(faces.end(), more.begin(), more.end());
  }
  replace_file(folder.tombstone(id), folder.temporary(), write_tombstone(std::move(faces)));
}

// Ids that were used up before the backup was made stay so.
void bury_as_in(const OpenBackup& backup, const StoreFolder& folder, std::string_view id) {
  const std::string digest = folder.digest(id);
  for (const BackupTombstone& tombstone : backup.contents().tombstones) {
    if (hex(tombstone.name) == digest) bury_faces(folder, id, buried_in(backup, tombstone));
  }
}

[[noreturn]] void fail_after(const std::vector<BackedUp>& done, const std::string& id, const Error& error) {
  std::string names;
  for (const BackedUp& collection : done) {
    names += (names.empty() ? "'" : ", '") + collection.id + "'";
  }
  throw Error(error.cause(), error.reason(),
              fmt::format("{} restored; '{}' is not, nor what comes after it: {}",
                          names + (done.size() == 1 ? " is" : " are"), id, error.detail()));
}

class Rebuilding {
 public:
  Rebuilding(const fs::path& folder, const StoreOptions& options, const RestoreRequest& request);

  BackupReport run();

 private:
  void require_free() const;
  void require_no_original() const;
  void sweep_others() const;
  void make_skeleton(const StoreFolder& made) const;
  void put_in_place(const fs::path& made) const;

  StoreOptions options_;
  const RestoreRequest& request_;
  fs::path root_;
  BackupFile file_;
  std::optional<MasterKeys> masters_;
  std::optional<OpenBackup> backup_;
};

fs::path place_of(const fs::path& folder) {
  fs::path root = fs::absolute(folder).lexically_normal();
  if (!root.has_filename()) root = root.parent_path();
  return is_folder(root) ? fs::canonical(root) : root;
}

Rebuilding::Rebuilding(const fs::path& folder, const StoreOptions& options, const RestoreRequest& request)
    : options_(options), request_(request), root_(place_of(folder)), file_(request.file) {
  require_free();
  backup_.emplace(
      file_,
      [this](const BackupHeader& header) -> MasterKeys& {
        return masters_.emplace(request_.backup_key ? request_.backup_key : options_.master_key,
                                header.store);
      },
      request.progress);
}

void Rebuilding::require_free() const {
  if (is_file(root_ / "store.json")) {
    throw Error(Cause::kInvalidValue, "STORE_EXISTS",
                fmt::format("there is a store in {} already", root_.string()));
  }
  if (is_folder(root_) && !entries_of(root_).empty()) {
    throw Error(Cause::kInvalidValue, "FOLDER_NOT_EMPTY",
                fmt::format("{} holds other files; a store needs a folder of its own", root_.string()));
  }
}

// None where no store can be read.
std::optional<Uuid> id_of_store_in(const fs::path& folder) {
  constexpr std::size_t kLongest = 1U << 16U;
  const fs::path file = StoreFolder{folder, {}}.store_file();
  try {
    return is_file(file) ? std::optional(read_store(read_file(file, kLongest)).id) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// A copy beside its original shares its marks: what is changed in one looks rolled back in the other.
void Rebuilding::require_no_original() const {
  if (!options_.master_key) return;
  const Uuid& id = backup_->contents().header.store;
  const fs::path place = MasterKeys(options_.master_key, id).place();
  if (place.empty() || place == root_ || id_of_store_in(place) != id) return;
  throw Error(Cause::kInvalidValue, "STORE_EXISTS",
              fmt::format("the store of this backup is in use in {}; a copy that shares its high-water marks "
                          "would put it out "
                          "of service (ROLLED_BACK). For a copy, name a copy of the master key with "
                          "--master-key-file; to bring "
                          "back collections of the store, restore into it, with --as for those that exist",
                          place.string()));
}

// What was made beside the place by one who ended in the middle.
void Rebuilding::sweep_others() const {
  const std::string start = root_.filename().string() + ".tmp-";
  for (const std::string& name : entries_of(root_.parent_path())) {
    const StoreFolder other{root_.parent_path() / name, {}};
    if (!name.starts_with(start) || !Uuid::parse(name.substr(start.size())) || !is_folder(other.locks())) {
      continue;
    }
    LockFile lock(other.store_lock());
    if (lock.try_lock(kWork, LockMode::kExclusive)) destroy(other.root);
  }
}

void Rebuilding::make_skeleton(const StoreFolder& made) const {
  const BackupContents& contents = backup_->contents();
  require_records(*backup_);
  make_private_folder(made.collections());
  make_private_folder(made.tombstones());
  keep_reserve(made);
  for (const BackupTombstone& tombstone : contents.tombstones) {
    replace_file(made.tombstones() / hex(tombstone.name), made.temporary(),
                 write_tombstone(buried_in(*backup_, tombstone)));
  }
  replace_file(made.key_file(), made.temporary(), contents.keys);
  replace_file(made.store_file(), made.temporary(), contents.store);
}

void Rebuilding::put_in_place(const fs::path& made) const {
  sync_folder(made);
  // In the place of nothing, or of an empty folder: of anything else this fails.
  if (::rename(made.c_str(), root_.c_str()) != 0) {
    const int error = errno;
    if (error == ENOTEMPTY || error == EEXIST) require_free();
    throw_errno(error, "rename", made);
  }
  sync_folder(root_.parent_path());
}

BackupReport Rebuilding::run() {
  const std::vector<const BackupCollection*> chosen = wanted(*backup_, request_);
  const Uuid id = backup_->contents().header.store;
  require_no_original();
  if (!options_.allow_network) require_local(root_);
  make_private_folders(root_.parent_path());
  sweep_others();
  const WorkFolder made(root_.string() + ".tmp-" + Uuid::make().text());
  OpenStore store(StoreFolder{made.path(), id}, options_);
  make_private_folder(store.folder.locks());
  const LockFile work = store.lock(kWork, LockMode::kShared);
  require_space(made.path(), backup_->contents().bytes + (chosen.size() + 2) * kBesidePieces,
                "restore the store");
  make_skeleton(store.folder);
  BackupReport report{id, backup_->contents().header.made, {}, backup_->contents().bytes};
  std::vector<std::unique_ptr<NewCollection>> collections;
  for (const BackupCollection* collection : chosen) {
    BackupSide side(*backup_, *collection);
    BackedUp done = backed_up(side);
    if (request_.as) done.id = *request_.as;
    CollectionLock gate = store.collection_lock(done.id);
    gate.enter_alone();
    collections.push_back(copy_of(store, side, file_, done.id));
    collections.back()->move_to_place();
    report.collections.push_back(std::move(done));
  }
  put_in_place(made.path());
  store.place_is_noted = true;  // it is another one by now
  for (const auto& collection : collections) {
    collection->write_marks();
  }
  if (options_.master_key) store.keys.note_place(root_);
  return report;
}

}  // namespace

BackupReport restore_collections(OpenStore& store, const RestoreRequest& request) {
  const StoreFolder& folder = store.folder;
  std::optional<MasterKeys> others;
  if (request.backup_key) others.emplace(request.backup_key, folder.id);
  const BackupFile file(request.file);
  const OpenBackup backup(
      file,
      [&](const BackupHeader& header) -> MasterKeys& {
        if (header.store == folder.id) return others ? *others : store.keys;
        throw Error(
            Cause::kInvalidValue, "BACKUP_OF_OTHER_STORE",
            fmt::format("the backup is of the store {}, this is the store {}; restore it to a folder of "
                        "its own: --store DIR, with that store's master key",
                        header.store.text(), folder.id.text()));
      },
      request.progress);
  const std::vector<const BackupCollection*> chosen = wanted(backup, request);
  for (const BackupCollection* collection : chosen) {
    require_not_live(folder, request.as.value_or(collection->id));
  }
  BackupReport report{folder.id, backup.contents().header.made, {}, backup.contents().bytes};
  for (const BackupCollection* collection : chosen) {
    const std::string id = request.as.value_or(collection->id);
    try {
      require_space(folder.root, collection->bytes + kBesidePieces,
                    fmt::format("restore the collection '{}'", id));
      CollectionLock gate = store.collection_lock(id);
      gate.enter_alone();
      BackupSide side(backup, *collection);
      if (side.root().record.sealed) require_master_of_others(store);
      copy_of(store, side, file, id)->go_live();
      if (!request.as) bury_as_in(backup, folder, id);
      report.collections.push_back(backed_up(side));
      report.collections.back().id = id;
    } catch (const Error& error) {
      if (report.collections.empty()) throw;
      fail_after(report.collections, id, error);
    }
  }
  return report;
}

}  // namespace facesearch::storage

namespace facesearch {

BackupReport rebuild_lmdb_store(const std::filesystem::path& folder, const StoreOptions& options,
                                const RestoreRequest& request) {
  return storage::Rebuilding(folder, options, request).run();
}

BackupReport list_backup(const std::filesystem::path& file, const std::optional<MasterKeyPlace>& master_key,
                         const BackupProgress& progress) {
  std::optional<storage::MasterKeys> masters;
  const storage::BackupFile bytes(file);
  const storage::OpenBackup backup(
      bytes,
      [&](const storage::BackupHeader& header) -> storage::MasterKeys& {
        return masters.emplace(master_key, header.store);
      },
      progress);
  return storage::verified(backup, progress);
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/open.hpp"

#include <unistd.h>

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/crypto/master_keys.hpp"
#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/files/reserve.hpp"
#include "facesearch/store/files/store_folder.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/format/json_records.hpp"
#include "facesearch/store/lmdb/lmdb_store.hpp"

namespace facesearch {

using namespace storage;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxStoreFile = 64 << 10;

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
           path == folder.reserve() ||
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

}  // namespace

std::vector<std::string> storage::entries_of(const fs::path& folder) {
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
  return make_lmdb_store(std::move(store));
}

}  // namespace facesearch

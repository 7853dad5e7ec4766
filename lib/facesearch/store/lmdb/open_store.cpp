// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/open_store.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/lmdb/side.hpp"

namespace facesearch::storage {

namespace fs = std::filesystem;

LockFile OpenStore::lock(std::uint64_t byte, LockMode mode) const {
  LockFile file(folder.store_lock());
  file.lock(byte, mode, Patience(options.lock_timeout), "the store");
  return file;
}

OpenSide& OpenSides::use(OpenStore& store, const std::string& id, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[{id, number}];
  if (entry.side == nullptr) {
    try {
      entry.side = open_side(store, id, number);
    } catch (...) {
      entries_.erase({id, number});
      throw;
    }
  }
  ++entry.users;
  return *entry.side;
}

void OpenSides::drop(const std::string& id, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({id, number});
  // A broken one stays: LMDB must not open the same file twice in a process.
  if (--found->second.users == 0 && !found->second.side->environment.broken()) {
    entries_.erase(found);
  }
}

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

CollectionState state_of(const StoreFolder& folder, std::string_view id) {
  if (!is_collection_id(id)) {
    return CollectionState::kNever;
  }
  if (is_folder(folder.collection(id))) {
    return CollectionState::kLive;
  }
  return is_file(folder.tombstone(id)) ? CollectionState::kDeleted : CollectionState::kNever;
}

void require_live(const StoreFolder& folder, std::string_view id) {
  switch (state_of(folder, id)) {
    case CollectionState::kLive:
      return;
    case CollectionState::kDeleted:
      throw Error(Cause::kCollectionDeleted, "", fmt::format("the collection '{}' was deleted", id));
    case CollectionState::kNever:
      if (is_collection_id(id) && is_file(folder.collection(id))) {
        throw Error(
            Cause::kStoreDamaged, "FILE_MISSING",
            fmt::format("{} is a file where a collection's folder has to be; restore it from a backup",
                        folder.collection(id).string()));
      }
      throw Error(Cause::kCollectionNotFound, "", fmt::format("there is no collection '{}'", id));
  }
}

void require_not_live(const StoreFolder& folder, std::string_view id) {
  if (state_of(folder, id) == CollectionState::kLive) {
    throw Error(Cause::kCollectionExists, "", fmt::format("there is a collection '{}' already", id));
  }
}

std::vector<std::string> live_ids(const StoreFolder& folder) {
  std::vector<std::string> names = entries_of(folder.collections());
  std::erase_if(names,
                [&](const std::string& name) { return state_of(folder, name) != CollectionState::kLive; });
  return names;
}

}  // namespace facesearch::storage

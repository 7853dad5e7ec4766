// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "facesearch/store/crypto/master_key_place.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch {

struct StoreOptions {
  std::chrono::milliseconds lock_timeout{10'000};  ///< then Error(kStoreBusy)
  /// Address space of a collection's map at the start: halved while it does not fit, doubled when full.
  std::uint64_t map_bytes = 64ULL << 30;
  bool allow_network = false;                ///< a store on a network file system is not refused
  std::optional<MasterKeyPlace> master_key;  ///< none: the store has no master key
};

// One process opens a folder once at a time, and shares the Store among its threads: LMDB cannot have an
// environment twice in a process. A second Store waits for the first and throws Error(kStoreBusy).

/// Makes an empty store in `folder`, and the folder with its parents if needed; an existing empty folder
/// becomes 0700. Throws Error(kInvalidValue, STORE_EXISTS) if it holds a store, FOLDER_NOT_EMPTY if it holds
/// anything else; Error(kFileSystem, NETWORK_FILE_SYSTEM). `first_keys` is called with the new store's id
/// before the folder becomes a store, for the keys that it begins with; then the master key is made, where it
/// has a place: where one of them throws, there is no store. Throws as MasterKeys::make().
std::unique_ptr<Store> create_lmdb_store(
    const std::filesystem::path& folder, const StoreOptions& options,
    const std::function<std::vector<ApiKeyRecord>(const Uuid&)>& first_keys = {});

/// Opens the store in `folder`; sweeps what interrupted creations and deletions left behind.
/// Throws Error(kNoStore) if there is none, Error(kStoreDamaged, STORE_VERSION_UNKNOWN) if it is of another
/// layout, Error(kFileSystem, NETWORK_FILE_SYSTEM). On a read-only file system all that changes something
/// throws Error(kFileSystem, READ_ONLY), and writers that see the same files otherwise wait while a
/// collection is open.
std::unique_ptr<Store> open_lmdb_store(const std::filesystem::path& folder, const StoreOptions& options);

/// Makes a store of a backup, under its own id, in a folder that is empty or not there: whole or not at all.
/// The master key has to be in its place. Throws Error(kInvalidValue): STORE_EXISTS, FOLDER_NOT_EMPTY; and as
/// Store::restore().
BackupReport rebuild_lmdb_store(const std::filesystem::path& folder, const StoreOptions& options,
                                const RestoreRequest& request);

/// Verifies all of a backup and returns what it holds. Throws as Store::restore().
BackupReport list_backup(const std::filesystem::path& file, const std::optional<MasterKeyPlace>& master_key,
                         const BackupProgress& progress);

}  // namespace facesearch

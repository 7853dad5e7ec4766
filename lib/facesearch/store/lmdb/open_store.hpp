// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facesearch/store/crypto/master_keys.hpp"
#include "facesearch/store/crypto/sealing.hpp"
#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/store_folder.hpp"
#include "facesearch/store/lmdb/environment.hpp"
#include "facesearch/store/lmdb/id_cache.hpp"
#include "facesearch/store/lmdb/lmdb_store.hpp"

/// What the parts of an open store share: its folder, options, master keys, store-wide locks, and the sides
/// that the process has open.
namespace facesearch::storage {

// Bytes of the store's lock file; the numbers are on disk.
inline constexpr std::uint64_t kWork =
    0;  ///< shared: something temporary is made; exclusive: leftovers are swept
inline constexpr std::uint64_t kKeys = 1;  ///< exclusive: keys.json is being replaced
inline constexpr std::uint64_t kWraps =
    2;  ///< shared: a data key is being wrapped; exclusive: all are wrapped again
/// And the process number: that process has the store open.
inline constexpr std::uint64_t kProcess = 1U << 31;

/// One side of a collection: its environment, and how its pieces are sealed.
struct OpenSide {
  OpenSide(const std::filesystem::path& folder, LmdbEnvironment::Mode mode, const StoreOptions& options,
           Sealing how)
      : environment(folder, mode, options.map_bytes, options.lock_timeout), sealing(std::move(how)) {}

  LmdbEnvironment environment;
  Sealing sealing;
  IdCache ids;
};

/// The sides that a store has open: one object for a side, however often it is opened. Thread-safe.
class OpenSides {
 public:
  /// A side, opened if this is the first use of it. Each use() ends with a drop(). The caller holds the
  /// collection's gate, and not its writer lock.
  OpenSide& use(struct OpenStore& store, const std::string& id, std::uint64_t number);
  void drop(const std::string& id, std::uint64_t number);

 private:
  struct Entry {
    std::unique_ptr<OpenSide> side;
    int users = 0;
  };

  std::mutex mutex_;
  std::map<std::pair<std::string, std::uint64_t>, Entry> entries_;
};

struct OpenStore {
  OpenStore(StoreFolder at, const StoreOptions& with)
      : folder(std::move(at)), options(with), keys(with.master_key, folder.id) {}

  /// Locks a byte of the store's lock file. Throws Error(kStoreBusy, LOCK_TIMEOUT).
  LockFile lock(std::uint64_t byte, LockMode mode) const;

  /// The lock of a collection, not held yet.
  CollectionLock collection_lock(std::string_view id) const {
    return {folder.lock(id), id, options.lock_timeout};
  }

  StoreFolder folder;
  StoreOptions options;
  bool read_only = false;  ///< nothing can be written where it lies
  MasterKeys keys;
  mutable std::atomic<bool> place_is_noted = false;  ///< beside the marks, by this process
  std::optional<LockFile> process;                   ///< so that a process opens the store only once
  OpenSides sides;
};

/// Uses a side as long as it lives.
class SideUse {
 public:
  SideUse(OpenStore& store, std::string_view id, std::uint64_t number)
      : store_(store), id_(id), number_(number), side_(store.sides.use(store, id_, number)) {}
  SideUse(const SideUse&) = delete;
  SideUse& operator=(const SideUse&) = delete;
  ~SideUse() { store_.sides.drop(id_, number_); }

  LmdbEnvironment& environment() const { return side_.environment; }
  const Sealing& sealing() const { return side_.sealing; }
  IdCache& ids() const { return side_.ids; }
  std::uint64_t number() const { return number_; }

 private:
  OpenStore& store_;
  std::string id_;
  std::uint64_t number_;
  OpenSide& side_;
};

/// The names in a folder, sorted.
std::vector<std::string> entries_of(const std::filesystem::path& folder);

/// What is known of a collection id. What is no valid id was never made.
CollectionState state_of(const StoreFolder& folder, std::string_view id);

/// Throws Error(kCollectionNotFound) or Error(kCollectionDeleted) unless it is live.
void require_live(const StoreFolder& folder, std::string_view id);

/// Throws Error(kCollectionExists) if it is live.
void require_not_live(const StoreFolder& folder, std::string_view id);

/// The ids of the live collections, sorted.
std::vector<std::string> live_ids(const StoreFolder& folder);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "facesearch/store/file_lock.hpp"
#include "facesearch/store/lmdb_environment.hpp"
#include "facesearch/store/lmdb_store.hpp"
#include "facesearch/store/store_folder.hpp"
#include "facesearch/store/tombstone.hpp"

namespace facesearch::storage {

/// What is known of a collection id. What is no valid id was never made.
CollectionState state_of(const StoreFolder& folder, std::string_view id);

/// Throws Error(kCollectionNotFound) or Error(kCollectionDeleted) unless it is live.
void require_live(const StoreFolder& folder, std::string_view id);

/// Which of a collection's environments.
enum class Side : std::uint8_t { kLive, kKept };

/// The environments that a store has open: one for a side, however often it is opened. Thread-safe.
class OpenEnvironments {
 public:
  explicit OpenEnvironments(const StoreOptions& options) : options_(options) {}

  /// The environment of a side, opened if this is the first use of it. Each use() ends with a drop(). The
  /// caller holds the collection's gate, and not its writer lock.
  LmdbEnvironment& use(const std::string& id, Side side, const StoreFolder& folder);
  void drop(const std::string& id, Side side);

 private:
  struct Entry {
    std::unique_ptr<LmdbEnvironment> environment;
    int users = 0;
  };

  StoreOptions options_;
  std::mutex mutex_;
  std::map<std::pair<std::string, Side>, Entry> entries_;
};

/// What a store and its open collections share.
struct OpenStore {
  OpenStore(StoreFolder at, const StoreOptions& with)
      : folder(std::move(at)), options(with), environments(with) {}

  StoreFolder folder;
  StoreOptions options;
  std::optional<LockFile> process;  ///< makes sure that a process has the store open once
  OpenEnvironments environments;
};

/// Uses an environment as long as it lives.
class EnvironmentUse {
 public:
  EnvironmentUse(OpenStore& store, std::string id, Side side);
  EnvironmentUse(const EnvironmentUse&) = delete;
  EnvironmentUse& operator=(const EnvironmentUse&) = delete;
  ~EnvironmentUse();

  LmdbEnvironment& operator*() const { return *environment_; }
  LmdbEnvironment* operator->() const { return environment_; }

 private:
  OpenStore& store_;
  std::string id_;
  Side side_;
  LmdbEnvironment* environment_;
};

class LmdbCollection final : public Collection {
 public:
  /// `id` is valid. Waits for the gate, then throws as require_live().
  LmdbCollection(std::shared_ptr<OpenStore> store, std::string_view id);
  LmdbCollection(const LmdbCollection&) = delete;
  LmdbCollection& operator=(const LmdbCollection&) = delete;

  const CollectionRecord& record() const override { return record_; }
  std::unique_ptr<Snapshot> snapshot() const override;
  void write(const std::function<void(WriteTransaction&)>& change) override;
  std::optional<KeptSide> kept_side() const override;

  /// As Store::update_policy(); record() stays what it was.
  void update_policy(const std::function<Policy(const CollectionRecord&)>& change);

  /// What a migration left out is erased for good, once no kept side can bring it back.
  void bury_left_out();

 private:
  void run_alone(const std::function<void(LmdbTransaction&)>& change);

  std::shared_ptr<OpenStore> store_;
  std::string id_;
  CollectionLock lock_;
  std::optional<EnvironmentUse> environment_;
  std::optional<Tombstone> tombstone_;
  CollectionRecord record_;
};

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

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

/// The environments that a store has open: one for a collection, however often it is opened. Thread-safe.
class OpenEnvironments {
 public:
  explicit OpenEnvironments(const StoreOptions& options) : options_(options) {}

  /// The environment in `folder`, opened if this is the first use of it. Each use() ends with a drop(). The
  /// caller holds the collection's gate.
  LmdbEnvironment& use(const std::string& id, const StoreFolder& folder);
  void drop(const std::string& id);

 private:
  struct Entry {
    std::unique_ptr<LmdbEnvironment> environment;
    int users = 0;
  };

  StoreOptions options_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
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

class LmdbCollection final : public Collection {
 public:
  /// `id` is valid. Waits for the gate, then throws as require_live().
  LmdbCollection(std::shared_ptr<OpenStore> store, std::string_view id);
  LmdbCollection(const LmdbCollection&) = delete;
  LmdbCollection& operator=(const LmdbCollection&) = delete;
  ~LmdbCollection() override;

  const CollectionRecord& record() const override { return record_; }
  std::unique_ptr<Snapshot> snapshot() const override;
  void write(const std::function<void(WriteTransaction&)>& change) override;

  /// As Store::update_policy(); record() stays what it was.
  void update_policy(const std::function<Policy(const CollectionRecord&)>& change);

 private:
  void run_alone(const std::function<void(LmdbTransaction&)>& change);

  std::shared_ptr<OpenStore> store_;
  std::string id_;
  CollectionLock lock_;
  LmdbEnvironment* environment_ = nullptr;
  std::optional<Tombstone> tombstone_;
  CollectionRecord record_;
};

}  // namespace facesearch::storage

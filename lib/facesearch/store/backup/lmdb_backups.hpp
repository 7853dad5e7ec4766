// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "facesearch/store/backup/restore.hpp"
#include "facesearch/store/backup/write_backup.hpp"
#include "facesearch/store/lmdb/open_store.hpp"

namespace facesearch::storage {

/// Takes the store's locks; the work is in write_backup and restore.
class LmdbBackups final : public Backups {
 public:
  explicit LmdbBackups(std::shared_ptr<OpenStore> store) : store_(std::move(store)) {}

  BackupReport write(const BackupRequest& request) override {
    const LockFile wrap = store_->lock(kWraps, LockMode::kShared);
    return back_up(store_, request, live_ids(store_->folder));
  }
  BackupReport restore(const RestoreRequest& request) override {
    const LockFile work = store_->lock(kWork, LockMode::kShared);
    const LockFile wrap = store_->lock(kWraps, LockMode::kShared);
    return restore_collections(*store_, request);
  }

 private:
  std::shared_ptr<OpenStore> store_;
};

}  // namespace facesearch::storage

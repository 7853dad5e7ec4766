// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/store/backup/backup_file.hpp"
#include "facesearch/store/lmdb/reader.hpp"
#include "facesearch/store/lmdb/side.hpp"

/// Backups: docs/storage-format.md#a-backup.
namespace facesearch::storage {

/// Backups::write(). `live`: the ids of the live collections. The caller holds kWraps.
BackupReport back_up(const std::shared_ptr<OpenStore>& store, const BackupRequest& request,
                     const std::vector<std::string>& live);

/// A backup that was read and summed up.
class OpenBackup {
 public:
  /// The master keys to open a backup with, which are borrowed; may throw.
  using FindMasters = std::function<MasterKeys&(const BackupHeader&)>;

  /// Throws as read_backup(); Error(kInvalidValue, BACKUP_UNSIGNED) for one that is under no master key where
  /// there is one; Error(kMasterKey). Borrows `from`.
  OpenBackup(const BackupBytes& from, const FindMasters& masters_of, const BackupProgress& progress);

  const BackupBytes& bytes() const { return from_; }
  const BackupContents& contents() const { return contents_; }
  MasterKeys& masters() const { return *masters_; }

 private:
  const BackupBytes& from_;
  MasterKeys* masters_ = nullptr;
  BackupContents contents_;
};

/// A collection as a backup has it: its pieces are verified as those of a live side are. What is not as it
/// was written throws as BackupBytes::damaged(), which reading() sees to. Borrows the backup.
class BackupSide final : private PieceSource {
 public:
  BackupSide(const OpenBackup& backup, const BackupCollection& collection);
  BackupSide(const BackupSide&) = delete;
  BackupSide& operator=(const BackupSide&) = delete;

  LmdbPieces& pieces() { return *pieces_; }
  const Root& root() const { return pieces_->root(); }
  const BackupCollection& collection() const { return collection_; }

 private:
  std::optional<Bytes> find(const PieceName& name, const Tag* wanted) override;

  const BackupBytes& from_;
  const BackupCollection& collection_;
  std::map<std::uint8_t, std::vector<std::uint8_t>> buffers_;  // by kind, as LmdbPieces keeps what it reads
  Sealing sealing_;
  std::optional<LmdbPieces> pieces_;
};

/// Says of what is found damaged in a backup that it is the backup and not the store.
template <class Work>
auto reading(const BackupBytes& from, Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.cause() == Cause::kStoreDamaged) from.damaged(error.detail());
    throw;
  }
}

/// Throws as BackupBytes::damaged() unless what a backup says of its store can be read.
void require_records(const OpenBackup& backup);

/// The face ids in a tombstone.
std::vector<Uuid> buried_in(const OpenBackup& backup, const BackupTombstone& tombstone);

/// Reads everything in a backup and opens every piece of every collection, and answers what is in it.
BackupReport verified(const OpenBackup& backup, const BackupProgress& progress);

BackedUp backed_up(const BackupSide& side);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/core/timestamp.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/store/crypto/master_key_place.hpp"

/// Backups of a store: requests, reports and the interface; docs/storage-format.md#a-backup.
namespace facesearch {

/// Called from time to time with the progress of a step, in bytes; a total of 0 means that it is unknown.
using BackupProgress = std::function<void(std::string_view step, std::uint64_t done, std::uint64_t total)>;

struct BackupRequest {
  std::filesystem::path file;            ///< to be made; must not exist
  std::vector<std::string> collections;  ///< empty: all
  BackupProgress progress;               ///< may be empty
};

struct RestoreRequest {
  std::filesystem::path file;
  std::vector<std::string> collections;      ///< empty: all in the file
  std::optional<std::string> as;             ///< another id for the one collection named above
  std::optional<MasterKeyPlace> backup_key;  ///< the backup's master key; none: the store's own
  BackupProgress progress;                   ///< may be empty
};

/// A collection in a backup, or as it was restored.
struct BackedUp {
  std::string id;
  std::uint64_t faces = 0;
  std::uint64_t pieces = 0;
  std::uint64_t bytes = 0;  ///< of its pieces
};

struct BackupReport {
  Uuid store;
  Timestamp made = 0;
  std::vector<BackedUp> collections;
  std::uint64_t bytes = 0;  ///< of the file
};

class Backups {
 public:
  virtual ~Backups() = default;

  /// Writes collections as they are, all or some, and what makes a store of them into one file; durably,
  /// verified, whole or not at all, while others search and enrol. Throws Error(kInvalidValue): FILE_EXISTS,
  /// BACKUP_INSIDE_STORE; Error(kStoreDamaged) that names a collection; as Store::open(). A store in memory
  /// has no backups: Error(kInvalidValue, NO_BACKUP).
  virtual BackupReport write(const BackupRequest& request) = 0;

  /// Makes collections from a backup of this store, one after the other, each whole or not at all. Throws
  /// Error(kInvalidValue): FILE_NOT_FOUND, BACKUP_DAMAGED, BACKUP_VERSION_UNKNOWN, BACKUP_OF_OTHER_STORE,
  /// BACKUP_UNSIGNED, NOT_IN_BACKUP; Error(kMasterKey); Error(kCollectionExists) before any is restored.
  virtual BackupReport restore(const RestoreRequest& request) = 0;
};

}  // namespace facesearch

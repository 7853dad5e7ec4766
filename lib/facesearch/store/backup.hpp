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

/// What is asked of a backup and of its restoring, and what they answer; docs/storage-format.md#a-backup.
namespace facesearch {

/// Told from time to time how far a step is, in bytes; a total of 0: nobody knows.
using BackupProgress = std::function<void(std::string_view step, std::uint64_t done, std::uint64_t total)>;

struct BackupRequest {
  std::filesystem::path file;            ///< that is made; never one that is there
  std::vector<std::string> collections;  ///< empty: all
  BackupProgress progress;               ///< may be empty
};

struct RestoreRequest {
  std::filesystem::path file;
  std::vector<std::string> collections;      ///< empty: all that are in the file
  std::optional<std::string> as;             ///< another id for the one collection that is named
  std::optional<MasterKeyPlace> backup_key;  ///< that the backup was made under; none: the store's own
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

}  // namespace facesearch

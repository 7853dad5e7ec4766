// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "facesearch/store/files/file_lock.hpp"

namespace facesearch::service {

/// The folder of installed packs (PackPlaces::installed), under an exclusive lock. Opening it removes what a
/// killed installation left.
class PackFolder {
 public:
  /// Makes the folder where it is missing. Throws Error(kInvalidValue, HOME_UNKNOWN) for an empty path,
  /// Error(kStoreBusy, LOCK_TIMEOUT) after `patience`, and the Error of an errno.
  PackFolder(std::filesystem::path packs, std::chrono::milliseconds patience);

  /// Holds downloads that are not complete; on the file system of the packs.
  std::filesystem::path partial() const;

  /// A new name beside the packs, for a file or a folder; see remove_temporaries().
  std::filesystem::path temporary() const;

  /// Moves a folder that was made at temporary() to the pack's name; replaces what is there.
  void replace(const std::filesystem::path& made, const std::string& name) const;

  /// Removes the pack of this name, which must be there.
  void remove(const std::string& name) const;

  /// Removes everything whose name temporary() made.
  void remove_temporaries() const;

 private:
  std::filesystem::path packs_;
  std::optional<storage::LockFile> lock_;
};

}  // namespace facesearch::service

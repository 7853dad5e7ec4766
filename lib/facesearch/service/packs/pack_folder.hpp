// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "facesearch/store/files/file_lock.hpp"

namespace facesearch::service {

/// The folder of installed packs (PackPlaces::installed), ours alone while this lives. What an installation
/// left that was killed is gone once it is there.
class PackShelf {
 public:
  /// Makes the folder where it is missing. Throws Error(kInvalidValue, HOME_UNKNOWN) for an empty path,
  /// Error(kStoreBusy, LOCK_TIMEOUT) when the patience ends, and the Error of an errno.
  PackShelf(std::filesystem::path packs, std::chrono::milliseconds patience);

  /// Where downloads grow; on the file system of the packs.
  std::filesystem::path partial() const;

  /// A new name beside the packs, for a file or a folder; swept away where it is left.
  std::filesystem::path temporary() const;

  /// Puts a folder that was made at temporary() in the place of the pack, whatever lies there.
  void put(const std::filesystem::path& made, const std::string& name) const;

  /// Takes away what lies in the pack's place. Requires that there is something.
  void take_away(const std::string& name) const;

  /// Removes what lies under names of temporary().
  void sweep() const;

 private:
  std::filesystem::path packs_;
  std::optional<storage::LockFile> lock_;
};

}  // namespace facesearch::service

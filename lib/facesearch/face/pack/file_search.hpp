// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "facesearch/face/pack/pack.hpp"

namespace facesearch {

struct FileBelow {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
};

/// The regular files below a folder that a user named.
struct FolderFiles {
  std::vector<FileBelow> files;  ///< those near the folder first, then by path
  bool all = true;               ///< false: kMostEntriesBelow or kMostDepthBelow ended the search
  std::vector<std::filesystem::path> closed;  ///< folders that could not be read
};

inline constexpr std::size_t kMostEntriesBelow = 20'000;
inline constexpr int kMostDepthBelow = 8;  ///< folders below the named one

/// A link to a file counts as that file; a link to a folder is not entered, so that no circle is. Nothing is
/// opened: a pipe or a device is left out by its kind.
FolderFiles files_below(const std::filesystem::path& folder);

/// The files below one folder, for every pack that looks for its own there: the folder is walked once, when
/// it is first asked for, and each file is read once. What is changed later is not seen. Thread-safe.
class FilesBelow {
 public:
  explicit FilesBelow(std::filesystem::path folder) : folder_(std::move(folder)) {}
  FilesBelow(const FilesBelow&) = delete;
  FilesBelow& operator=(const FilesBelow&) = delete;

  const FolderFiles& files();

  /// The first of the files that is the network by size and SHA-256, whatever its name. Files of the
  /// network's own name are tried first. Nothing where the manifest has no checksum.
  std::optional<std::filesystem::path> find(const NetworkFile& network);

 private:
  const FolderFiles& walked();
  const std::optional<std::string>& checksum(const FileBelow& file);

  std::filesystem::path folder_;
  std::mutex mutex_;  // guards what follows
  std::optional<FolderFiles> files_;
  std::map<std::filesystem::path, std::optional<std::string>> checksums_;
};

/// The name of a network's file without the folders of its path in the manifest.
std::string bare_name(const NetworkFile& network);

/// The SHA-256 of a regular file of exactly this size, as hex; nothing if it is not one or cannot be read.
std::optional<std::string> checksum_of(const std::filesystem::path& path, std::uint64_t bytes);

}  // namespace facesearch

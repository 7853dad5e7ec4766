// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace facesearch::app {

/// Identifies a version of a regular file: another file or another version has another stamp.
struct FileStamp {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970

  bool operator==(const FileStamp&) const = default;
};

/// The stamp of a file, links followed. None if it is not a regular file, or stat fails.
std::optional<FileStamp> stamp_of(const std::filesystem::path& file);

/// Whether a process has the file open for writing; none if the system cannot tell.
std::optional<bool> is_being_written(const std::filesystem::path& file);

}  // namespace facesearch::app

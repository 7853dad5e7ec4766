// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace facesearch::app {

/// What tells a regular file from what it was before: it is another one, or was written since.
struct FileStamp {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970

  bool operator==(const FileStamp&) const = default;
};

/// Of the file that the path leads to. None where that is no regular file, or cannot be looked at.
std::optional<FileStamp> stamp_of(const std::filesystem::path& file);

/// Whether anybody has the file open for writing; none where the system does not tell.
std::optional<bool> is_being_written(const std::filesystem::path& file);

}  // namespace facesearch::app

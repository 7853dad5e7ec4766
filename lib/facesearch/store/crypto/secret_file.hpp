// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Files that hold keys, at places that a user names: links are followed.
namespace facesearch::storage {

/// Tells one version of a file from another.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t changed_s = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const FileStamp&) const = default;
};

/// None if there is no such file.
std::optional<FileStamp> stamp_of(const std::filesystem::path& path);

struct SecretFile {
  std::string text;  ///< to be overwritten after use
  FileStamp stamp;
};

/// At most `limit` bytes; the stamp has the true size. None if there is no such regular file.
std::optional<SecretFile> read_secret_file(const std::filesystem::path& path, std::size_t limit);

/// Makes it durably, for its owner alone, as the folders that are made for it. Throws Error(kInvalidValue,
/// FILE_EXISTS).
void make_secret_file(const std::filesystem::path& path, std::string_view text);

/// Replaces one that is there, durably, whole or not at all.
void replace_secret_file(const std::filesystem::path& path, std::string_view text);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "facesearch/core/secret.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/store/crypto/key_derivation.hpp"
#include "facesearch/store/crypto/wrapped_key.hpp"

/// The file of a store's master keys, at a place that a user names (links are followed): its bytes on disk
/// and its text, which is JSON (docs/storage-format.md). Nothing here knows what the keys open.
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

/// Makes the file, and folders that are missing (0700). Throws Error(kInvalidValue, FILE_EXISTS).
void make_secret_file(const std::filesystem::path& path, std::string_view text);

/// Replaces the file that the path leads to.
void replace_secret_file(const std::filesystem::path& path, std::string_view text);

struct StoredMasterKey {
  std::string id;
  std::variant<Secret, WrappedKey> key;
};

struct MasterKeyFile {
  Uuid store;
  std::optional<Stretching> stretching;  ///< set: the keys are wrapped by a passphrase
  std::vector<StoredMasterKey> keys;     ///< the present key first; during a rotation the former one too
};

/// The text holds keys: to be overwritten after use.
std::string write_master_key_file(const MasterKeyFile& content);

/// Throws Error(kMasterKey, MASTER_KEY_INVALID). `file` for the error.
MasterKeyFile read_master_key_file(std::string_view text, const std::filesystem::path& file);

}  // namespace facesearch::storage

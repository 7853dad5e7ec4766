// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "facesearch/core/uuid.hpp"
#include "facesearch/store/crypto/passphrase_key.hpp"
#include "facesearch/store/crypto/sealed_secret.hpp"

/// The text of a master key file; docs/storage-format.md.
namespace facesearch::storage {

struct StoredMasterKey {
  std::string id;
  std::variant<Secret, SealedSecret> key;
};

struct MasterKeyFile {
  Uuid store;
  std::optional<Stretching> stretching;  ///< with it the keys are sealed
  std::vector<StoredMasterKey> keys;  ///< the present one; while a rotation is under way the former one too
};

/// Holds keys: to be overwritten after use.
std::string write_master_key_file(const MasterKeyFile& content);

/// Throws Error(kMasterKey, MASTER_KEY_INVALID). `file` for the error.
MasterKeyFile read_master_key_file(std::string_view text, const std::filesystem::path& file);

}  // namespace facesearch::storage

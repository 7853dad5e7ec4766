// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "facesearch/core/uuid.hpp"

namespace facesearch {

/// Where a caller keeps the master key of a store.
struct MasterKeyPlace {
  /// The path of the key file, whether it exists or not.
  std::function<std::filesystem::path(const Uuid& store)> file;
  /// The passphrase of the file; none: the file has none. Called only if the file is wrapped or being made.
  std::function<std::optional<std::string>()> passphrase;
};

}  // namespace facesearch

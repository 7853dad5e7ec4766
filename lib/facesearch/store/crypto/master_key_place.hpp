// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "facesearch/core/uuid.hpp"

namespace facesearch {

/// Where a store's master key is kept, and what opens it.
struct MasterKeyPlace {
  /// The key file of a store, whether it is there or not.
  std::function<std::filesystem::path(const Uuid& store)> file;
  /// Asked for only when the file is wrapped or is being made; none: the key is not wrapped.
  std::function<std::optional<std::string>()> passphrase;
};

}  // namespace facesearch

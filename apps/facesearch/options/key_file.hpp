// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace facesearch::app {

/// Writes an API key to a new file (0600; folders that are made are 0700), whole or not at all, durably.
/// Throws Error(kInvalidValue, FILE_EXISTS), Error(kPermissionDenied), Error(kFileSystem).
void write_key_file(const std::filesystem::path& file, std::string_view key);

}  // namespace facesearch::app

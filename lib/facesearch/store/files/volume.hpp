// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// Asks the file system of a folder. Every function throws as throw_errno() if that fails.
namespace facesearch::storage {

/// True if it is mounted read-only.
bool is_read_only(const std::filesystem::path& folder);

/// Throws Error(kFileSystem, NO_SPACE) if less than `bytes` are free. `action` as in "cannot <action>".
void require_space(const std::filesystem::path& folder, std::uint64_t bytes, std::string_view action);

/// The type of a file system of another machine or of a process, such as "nfs". These promise neither
/// coherent memory maps nor locks between machines. None for a local one.
std::optional<std::string> foreign_file_system(const std::filesystem::path& folder);

/// Throws Error(kFileSystem, NETWORK_FILE_SYSTEM) if `folder`, or its nearest existing parent, is on one.
void require_local(const std::filesystem::path& folder);

}  // namespace facesearch::storage

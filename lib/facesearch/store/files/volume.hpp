// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// What is known of the file system that a folder lies on. All throw the Error of an errno where it cannot be
/// asked.
namespace facesearch::storage {

/// True if nothing can be written there, whoever tries: it is mounted to be read only.
bool is_read_only(const std::filesystem::path& folder);

/// Throws Error(kFileSystem, NO_SPACE) unless about `bytes` are free there. `action` as in "cannot <action>".
void require_space(const std::filesystem::path& folder, std::uint64_t bytes, std::string_view action);

/// The type of the file system, such as "nfs", if it is one of another machine or of a process, which promise
/// neither a map that all see alike nor locks that all respect; none of a local one.
std::optional<std::string> foreign_file_system(const std::filesystem::path& folder);

/// Throws Error(kFileSystem, NETWORK_FILE_SYSTEM) for such a one. `folder` or the nearest one above it that
/// is there.
void require_local(const std::filesystem::path& folder);

}  // namespace facesearch::storage

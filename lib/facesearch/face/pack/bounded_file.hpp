// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace facesearch {

/// The bytes of a regular file of at most `max_bytes`; nothing where it is missing, unreadable, larger or
/// no regular file. Never allocates more than `max_bytes` + 1.
std::optional<std::vector<std::uint8_t>> read_bounded(const std::filesystem::path& path,
                                                      std::uint64_t max_bytes);

}  // namespace facesearch

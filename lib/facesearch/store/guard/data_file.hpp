// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

/// Checks an LMDB data file by reading it, before LMDB maps it: LMDB trusts its file, and a missing page ends
/// the process with SIGBUS.
namespace facesearch::storage {

/// True if the file holds every page up to its last page number. False alone is no damage: LMDB may leave
/// free pages at the end unwritten. Throws Error(kStoreDamaged) with DATA_MISSING, DATA_TRUNCATED or
/// DATA_INVALID.
bool has_all_pages(const std::filesystem::path& data_file);

/// Extends a file in which only free pages are missing. The caller holds the writer lock. Throws
/// Error(kStoreDamaged, DATA_TRUNCATED) if a page in use is missing, DATA_INVALID if the pages make no sense.
void extend_over_free_pages(const std::filesystem::path& data_file);

}  // namespace facesearch::storage

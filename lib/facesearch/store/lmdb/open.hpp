// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "facesearch/store/lmdb/side.hpp"
#include "facesearch/store/store.hpp"

/// What the store's opening (lmdb_open.cpp) and its work (lmdb_store.cpp) have in common.
namespace facesearch::storage {

// Bytes of the store's lock file; the numbers are on disk.
inline constexpr std::uint64_t kWork = 0;  ///< shared: something temporary is being made; exclusive: is swept
inline constexpr std::uint64_t kKeys = 1;  ///< exclusive: keys.json is being replaced
inline constexpr std::uint64_t kWraps = 2;  ///< shared: a data key is being wrapped; exclusive: all are, anew
/// And the process number: that process has the store open.
inline constexpr std::uint64_t kProcess = 1U << 31;

/// The names in a folder, sorted.
std::vector<std::string> entries_of(const std::filesystem::path& folder);

/// The store whose folder is open.
std::unique_ptr<Store> make_lmdb_store(std::shared_ptr<OpenStore> store);

}  // namespace facesearch::storage

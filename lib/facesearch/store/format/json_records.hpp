// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/store/records.hpp"

/// The records that are JSON on disk; docs/storage-format.md has their members. A reader checks every
/// value and throws Error(kStoreDamaged, RECORD_INVALID), or STORE_VERSION_UNKNOWN for another version. Each
/// writer throws Error(kInvalidValue, RECORD_INVALID) for what its reader would refuse.
namespace facesearch::storage {

/// The version of the layout on disk that this code reads and writes.
inline constexpr std::uint64_t kLayoutVersion = 2;
/// The version of tombstones.
inline constexpr std::uint64_t kTombstoneFormat = 1;
/// The version of keys.json.
inline constexpr std::uint64_t kKeysFormat = 1;

/// store.json.
struct StoreRecord {
  Uuid id;
  Timestamp created = 0;
};

std::string write_store(const StoreRecord& store);
StoreRecord read_store(std::string_view text);

/// keys.json.
std::string write_keys(const std::vector<ApiKeyRecord>& keys);
std::vector<ApiKeyRecord> read_keys(std::string_view text);

/// CURRENT: which sides of a collection count.
struct SidesRecord {
  std::uint64_t live = 1;
  std::optional<std::uint64_t> kept;  ///< replaced by a migration that is not confirmed yet
};

std::string write_sides(const SidesRecord& sides);
SidesRecord read_sides(std::string_view text);

std::string write_collection(const CollectionRecord& collection);
CollectionRecord read_collection(std::string_view text);

/// Throws Error(kInvalidValue, COLLECTION_ID_INVALID) unless `id` is a collection id.
void require_collection_id(std::string_view id);

/// Throws Error(kStoreDamaged, STORE_VERSION_UNKNOWN) unless the version is from `least` to `most`; `most`:
/// as `least` where only one is known.
void require_known_version(std::uint64_t version, std::uint64_t least, std::uint64_t most = 0);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "facesearch/store/records.hpp"

/// The records that are JSON on disk; docs/storage-format.md has their members. Each reader checks every
/// value and throws Error(kStoreDamaged, RECORD_INVALID), or STORE_VERSION_UNKNOWN for a later version. Each
/// writer throws Error(kInvalidValue, RECORD_INVALID) for what its reader would refuse.
namespace facesearch::storage {

/// The version of the layout on disk that this code reads and writes.
inline constexpr int kLayoutVersion = 1;

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

std::string write_collection(const CollectionRecord& collection);
CollectionRecord read_collection(std::string_view text);

/// Throws Error(kInvalidValue, COLLECTION_ID_INVALID) for what is none.
void require_collection_id(std::string_view id);

/// Throws Error(kStoreDamaged, STORE_VERSION_UNKNOWN) unless the version is ours.
void require_known_version(std::uint64_t version);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "facesearch/core/uuid.hpp"

namespace facesearch::storage {

/// LMDB's files in the folder of a side.
inline constexpr const char* kDataFile = "data.mdb";
inline constexpr const char* kLockFile = "lock.mdb";
/// The wrapped data key of a side that is sealed.
inline constexpr const char* kWrapFile = "key";
inline constexpr const char* kSidesFile = "CURRENT";

/// The paths of a store's files (docs/storage-format.md). Touches no file.
struct StoreFolder {
  std::filesystem::path root;
  Uuid id;

  std::filesystem::path store_file() const { return root / "store.json"; }
  std::filesystem::path key_file() const { return root / "keys.json"; }
  std::filesystem::path collections() const { return root / "collections"; }
  std::filesystem::path tombstones() const { return root / "tombstones"; }
  std::filesystem::path locks() const { return root / "locks"; }
  std::filesystem::path reserve() const { return root / "reserve"; }
  std::filesystem::path store_lock() const { return locks() / "store.lock"; }

  /// `collection` is a valid id, so it cannot lead out of the folder.
  std::filesystem::path collection(std::string_view collection) const { return collections() / collection; }
  /// CURRENT: which sides are live and kept.
  std::filesystem::path sides_file(std::string_view collection) const {
    return this->collection(collection) / kSidesFile;
  }
  std::filesystem::path side(std::string_view collection, std::uint64_t number) const;
  /// A collection's name in names of files that outlive it: SHA-256, so it does not reveal the id.
  std::string digest(std::string_view collection) const;
  std::filesystem::path tombstone(std::string_view collection) const;
  std::filesystem::path lock(std::string_view collection) const;

  /// New names for entries that are being made or deleted.
  std::filesystem::path temporary() const;
  std::filesystem::path doomed() const;
};

/// The name of a side's folder, and the number of such a name; none for other names.
std::string side_name(std::uint64_t number);
std::optional<std::uint64_t> side_number(std::string_view name);

/// True for names of temporary() and doomed(): such an entry is removed when nobody makes or deletes
/// anything.
bool is_leftover(std::string_view name);

}  // namespace facesearch::storage

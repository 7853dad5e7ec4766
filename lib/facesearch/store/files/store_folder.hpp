// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "facesearch/core/uuid.hpp"

namespace facesearch::storage {

/// The files of LMDB in a collection's folder.
inline constexpr const char* kDataFile = "data.mdb";
inline constexpr const char* kLockFile = "lock.mdb";
/// The wrapped data key of a side, where that is sealed.
inline constexpr const char* kWrapFile = "key";
inline constexpr const char* kSidesFile = "CURRENT";

/// Where everything lies in a store; docs/storage-format.md.
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
  /// Which of its sides count.
  std::filesystem::path sides_file(std::string_view collection) const {
    return this->collection(collection) / kSidesFile;
  }
  std::filesystem::path side(std::string_view collection, std::uint64_t number) const;
  /// A name for a collection in file names that outlive it: tells nothing to who does not know it.
  std::string digest(std::string_view collection) const;
  std::filesystem::path tombstone(std::string_view collection) const;
  std::filesystem::path lock(std::string_view collection) const;

  /// Unused names for what is being made or deleted.
  std::filesystem::path temporary() const;
  std::filesystem::path doomed() const;
};

/// The name of a side's folder in the collection's, and its number; none for other names.
std::string side_name(std::uint64_t number);
std::optional<std::uint64_t> side_number(std::string_view name);

/// True if an entry of the root may be swept when nobody makes or deletes anything.
bool is_leftover(std::string_view name);

}  // namespace facesearch::storage

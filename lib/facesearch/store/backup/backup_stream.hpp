// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/secret.hpp"
#include "facesearch/store/backup.hpp"
#include "facesearch/store/format/piece.hpp"

/// The bytes of a backup: docs/storage-format.md#a-backup. What is in it is believed when all of it was read
/// and its sum was right, and not before.
namespace facesearch::storage {

struct BackupHeader {
  Uuid store;
  Timestamp made = 0;
  std::array<std::uint8_t, 8> master{};  ///< id of the master key it is under; zeros: none

  bool keyed() const { return master != decltype(master){}; }
};

/// Writes a backup: the store, its keys, then collection by collection in order of ids with their pieces in
/// order of names, then tombstones in order, the end.
class BackupWriter {
 public:
  /// `out` takes all bytes in their order. `key`: backup_key() of the master key that the header names.
  BackupWriter(const BackupHeader& header, const std::optional<Secret>& key, std::function<void(Bytes)> out);

  void store(std::string_view text);
  void keys(std::string_view text);
  /// `wrap` is empty where the side is not sealed.
  void collection(std::uint64_t side, std::string_view id, std::string_view wrap);
  void piece(const PieceName& name, Bytes piece);
  void tombstone(const Sha256& digest, std::string_view file);
  void end();

  /// Bytes that were written.
  std::uint64_t size() const { return size_; }

 private:
  void put(Bytes bytes);
  void record(std::uint8_t kind, Bytes start, Bytes rest);

  RunningSha256 sum_;
  std::function<void(Bytes)> out_;
  std::uint64_t size_ = 0;
  std::uint64_t collections_ = 0;
  std::uint64_t pieces_ = 0;
  std::uint64_t tombstones_ = 0;
};

/// The key of a backup's sum.
Secret backup_key(const Secret& master);

/// Where a backup is read from.
class BackupBytes {
 public:
  virtual ~BackupBytes() = default;

  virtual std::uint64_t size() const = 0;

  /// Fills `out` from there. Throws as damaged() if that is not there (any more).
  virtual void read(std::uint64_t offset, std::span<std::uint8_t> out) const = 0;

  /// Throws Error(kInvalidValue, BACKUP_DAMAGED), with the place it is read from.
  [[noreturn]] virtual void damaged(std::string_view what) const = 0;
};

/// Bytes of a backup that were part of a right sum.
struct BackupPart {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  Sha256 digest{};
};

struct BackupPiece {
  PieceName name;
  BackupPart part;
};

struct BackupCollection {
  std::string id;
  std::uint64_t side = 0;
  std::string wrap;
  std::vector<BackupPiece> pieces;  ///< in order of names
  std::uint64_t bytes = 0;          ///< of the pieces
};

struct BackupTombstone {
  Sha256 name{};  ///< StoreFolder::digest() of its collection
  BackupPart part;
};

struct BackupContents {
  BackupHeader header;
  std::string store;  ///< store.json
  std::string keys;   ///< keys.json
  std::vector<BackupCollection> collections;
  std::vector<BackupTombstone> tombstones;
  std::uint64_t bytes = 0;
};

/// Reads all of a backup and sums it up. `key_of` answers the key of its sum, none if the header names no
/// master key, or throws. Throws as BackupBytes::damaged(); Error(kInvalidValue, BACKUP_VERSION_UNKNOWN).
/// What is in the records is not looked at.
BackupContents read_backup(const BackupBytes& from,
                           const std::function<std::optional<Secret>(const BackupHeader&)>& key_of,
                           const BackupProgress& progress);

/// The bytes of a part, if they are still those that were summed up; else throws as damaged().
void read_part(const BackupBytes& from, const BackupPart& part, std::vector<std::uint8_t>& out);

}  // namespace facesearch::storage

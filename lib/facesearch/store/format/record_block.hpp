// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "facesearch/core/timestamp.hpp"
#include "facesearch/store/format/piece.hpp"
#include "facesearch/store/records.hpp"

/// Names, metadata and times of faces, as in the pieces kRecords and kLarge.
namespace facesearch::storage {

/// A larger record has a piece of its own.
inline constexpr std::size_t kMostInBlock = 1024;
/// No record is larger than this.
inline constexpr std::size_t kMostRecord = 128U << 10;

/// A record without its ids, which are in kIds. Throws Error(kInvalidValue,
/// RECORD_INVALID) above kMostRecord.
std::vector<std::uint8_t> write_record(const FaceRecord& record);

/// Fills name, metadata, time and content.
void read_record(Bytes bytes, FaceRecord& record);

/// A record in a piece of its own, of this tag.
struct LargeRecord {
  Tag tag{};
};

/// A record in a block: its bytes, or the tag of its piece.
using RecordView = std::variant<Bytes, LargeRecord>;

/// The record of a row of a block, if it has one. Borrows the payload. Throws Error(kStoreDamaged,
/// RECORD_INVALID).
std::optional<RecordView> find_record(Bytes payload, std::size_t rows, std::size_t row);

/// Bytes before those of a record in a block.
inline constexpr std::size_t kRecordHead = 7;

/// Writes a row as a block has it; rows must rise. `out` has room for kRecordHead and the record. Gives the
/// end of what was written.
std::uint8_t* put_record(std::size_t row, Bytes record, std::uint8_t* out);

/// A block of records that can be changed.
class RecordBlock {
 public:
  using Entry = std::variant<std::vector<std::uint8_t>, LargeRecord>;

  /// Throws Error(kStoreDamaged, RECORD_INVALID).
  RecordBlock(Bytes payload, std::size_t rows);

  /// Null if the row has no record.
  const Entry* find(std::size_t row) const { return entries_[row] ? &*entries_[row] : nullptr; }
  void put(std::size_t row, Entry entry) { entries_[row] = std::move(entry); }
  void erase(std::size_t row) { entries_[row].reset(); }

  std::vector<std::uint8_t> payload() const;

 private:
  std::vector<std::optional<Entry>> entries_;
};

}  // namespace facesearch::storage

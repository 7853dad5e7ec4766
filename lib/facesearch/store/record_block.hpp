// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "facesearch/core/timestamp.hpp"
#include "facesearch/store/piece.hpp"
#include "facesearch/store/records.hpp"

/// Names, metadata and times of faces, as they are in the pieces kRecords and kLarge.
namespace facesearch::storage {

/// A record of more bytes has a piece of its own.
inline constexpr std::size_t kMostInBlock = 1024;
/// And none has more than this.
inline constexpr std::size_t kMostRecord = 128U << 10;

/// A record without the ids, which are in a piece of their own. Throws Error(kInvalidValue,
/// RECORD_INVALID) above kMostRecord.
std::vector<std::uint8_t> write_record(const FaceRecord& record);

/// Fills name, metadata and time.
void read_record(Bytes bytes, FaceRecord& record);

/// A record that lies in a piece of its own, which has this tag.
struct LargeRecord {
  Tag tag{};
};

/// A block of records, changed row by row.
class RecordBlock {
 public:
  using Entry = std::variant<std::vector<std::uint8_t>, LargeRecord>;

  RecordBlock() = default;
  /// Throws Error(kStoreDamaged, RECORD_INVALID).
  RecordBlock(Bytes payload, std::size_t rows);

  const Entry* find(std::size_t row) const;
  void put(std::size_t row, Entry entry) { entries_.insert_or_assign(row, std::move(entry)); }
  void erase(std::size_t row) { entries_.erase(row); }
  const std::map<std::size_t, Entry>& entries() const { return entries_; }

  std::vector<std::uint8_t> payload() const;

 private:
  std::map<std::size_t, Entry> entries_;
};

}  // namespace facesearch::storage

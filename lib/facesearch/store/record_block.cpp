// SPDX-License-Identifier: MIT
#include "facesearch/store/record_block.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/byte_codec.hpp"

namespace facesearch::storage {
namespace {

constexpr std::uint8_t kRecordVersion = 2;
constexpr std::uint8_t kInBlock = 0;
constexpr std::uint8_t kInPiece = 1;

}  // namespace

std::vector<std::uint8_t> write_record(const FaceRecord& record) {
  ByteWriter writer;
  writer.number(kRecordVersion, 1);
  writer.number(static_cast<std::uint64_t>(record.created), 8);
  writer.text(record.name);
  writer.number(record.metadata.size(), 4);
  for (const auto& [key, value] : record.metadata) {
    writer.text(key);
    writer.text(value);
  }
  if (writer.size() > kMostRecord) {
    throw Error(Cause::kInvalidValue, "RECORD_INVALID",
                fmt::format("name and metadata of a face take {} bytes, the limit is {}", writer.size(),
                            kMostRecord));
  }
  return writer.take();
}

void read_record(Bytes bytes, FaceRecord& record) {
  ByteReader reader(bytes);
  if (const std::uint64_t version = reader.number(1); version != kRecordVersion) {
    refuse_record(fmt::format("a face record has version {}, known is {}", version, kRecordVersion));
  }
  record.created = static_cast<Timestamp>(reader.number(8));
  record.name = reader.text();
  record.metadata.clear();
  for (std::uint64_t entries = reader.number(4); entries > 0; --entries) {
    std::string key = reader.text();
    if (!record.metadata.emplace(std::move(key), reader.text()).second) {
      refuse_record("a metadata key is there twice");
    }
  }
  reader.end();
}

// A row: its number (2), where it lies (1); then its size (4) and bytes, or the tag of its piece.
RecordBlock::RecordBlock(Bytes payload, std::size_t rows) {
  ByteReader reader(payload);
  while (!reader.at_end()) {
    const std::size_t row = reader.number(2);
    if (row >= rows || (!entries_.empty() && row <= entries_.rbegin()->first)) {
      refuse_record("rows of a block of records are out of order");
    }
    const std::uint64_t place = reader.number(1);
    if (place == kInBlock) {
      const Bytes bytes = reader.take(reader.number(4));
      entries_.emplace_hint(entries_.end(), row, std::vector(bytes.begin(), bytes.end()));
    } else if (place == kInPiece) {
      const Bytes bytes = reader.take(kTagSize);
      LargeRecord large;
      std::copy(bytes.begin(), bytes.end(), large.tag.begin());
      entries_.emplace_hint(entries_.end(), row, large);
    } else {
      refuse_record("a record lies nowhere");
    }
  }
}

const RecordBlock::Entry* RecordBlock::find(std::size_t row) const {
  const auto found = entries_.find(row);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::uint8_t> RecordBlock::payload() const {
  ByteWriter writer;
  for (const auto& [row, entry] : entries_) {
    writer.number(row, 2);
    if (const auto* bytes = std::get_if<std::vector<std::uint8_t>>(&entry)) {
      writer.number(kInBlock, 1);
      writer.number(bytes->size(), 4);
      writer.bytes(*bytes);
    } else {
      writer.number(kInPiece, 1);
      writer.bytes(std::get<LargeRecord>(entry).tag);
    }
  }
  return writer.take();
}

}  // namespace facesearch::storage

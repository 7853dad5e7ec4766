// SPDX-License-Identifier: MIT
#include "facesearch/store/format/record_block.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/format/byte_codec.hpp"

namespace facesearch::storage {
namespace {

constexpr std::uint8_t kRecordVersion = 2;
constexpr std::uint8_t kWithContent = 3;  // the content's digest follows the time
constexpr std::uint8_t kInBlock = 0;
constexpr std::uint8_t kInPiece = 1;

// A row: its number (2), its place (1); then its size (4) and bytes, or the tag of its piece. Rows rise.
template <class Visit>
void read_block(Bytes payload, std::size_t rows, Visit&& visit) {
  ByteReader reader(payload);
  std::size_t least = 0;
  while (!reader.at_end()) {
    const std::size_t row = reader.number(2);
    if (row >= rows || row < least) {
      refuse_record("rows of a block of records are out of order");
    }
    least = row + 1;
    const std::uint64_t place = reader.number(1);
    if (place == kInBlock) {
      visit(row, RecordView(reader.take(reader.number(4))));
    } else if (place == kInPiece) {
      const Bytes bytes = reader.take(kTagSize);
      LargeRecord large;
      std::copy(bytes.begin(), bytes.end(), large.tag.begin());
      visit(row, RecordView(large));
    } else {
      refuse_record("a record has an unknown place");
    }
  }
}

}  // namespace

std::vector<std::uint8_t> write_record(const FaceRecord& record) {
  ByteWriter writer;
  writer.number(record.content ? kWithContent : kRecordVersion, 1);
  writer.number(static_cast<std::uint64_t>(record.created), 8);
  if (record.content) writer.bytes(*record.content);
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
  const std::uint64_t version = reader.number(1);
  if (version != kRecordVersion && version != kWithContent) {
    refuse_record(fmt::format("a face record has version {}, known are {} and {}", version, kRecordVersion,
                              kWithContent));
  }
  record.created = static_cast<Timestamp>(reader.number(8));
  record.content.reset();
  if (version == kWithContent) {
    const Bytes content = reader.take(Sha256{}.size());
    std::copy(content.begin(), content.end(), record.content.emplace().begin());
  }
  record.name = reader.text();
  record.metadata.clear();
  for (std::uint64_t entries = reader.number(4); entries > 0; --entries) {
    std::string key = reader.text();
    if (!record.metadata.emplace(std::move(key), reader.text()).second) {
      refuse_record("a metadata key occurs twice");
    }
  }
  reader.end();
}

std::optional<RecordView> find_record(Bytes payload, std::size_t rows, std::size_t row) {
  std::optional<RecordView> found;
  read_block(payload, rows, [&](std::size_t at, const RecordView& record) {
    if (at == row) found = record;
  });
  return found;
}

std::uint8_t* put_record(std::size_t row, Bytes record, std::uint8_t* out) {
  ByteWriter head;
  head.number(row, 2);
  head.number(kInBlock, 1);
  head.number(record.size(), 4);
  out = std::ranges::copy(head.take(), out).out;
  return std::ranges::copy(record, out).out;
}

RecordBlock::RecordBlock(Bytes payload, std::size_t rows) : entries_(rows) {
  read_block(payload, rows, [&](std::size_t row, const RecordView& record) {
    if (const auto* bytes = std::get_if<Bytes>(&record)) {
      entries_[row] = std::vector(bytes->begin(), bytes->end());
    } else {
      entries_[row] = std::get<LargeRecord>(record);
    }
  });
}

std::vector<std::uint8_t> RecordBlock::payload() const {
  ByteWriter writer;
  for (std::size_t row = 0; row < entries_.size(); ++row) {
    const Entry* entry = find(row);
    if (entry == nullptr) continue;
    writer.number(row, 2);
    if (const auto* bytes = std::get_if<std::vector<std::uint8_t>>(entry)) {
      writer.number(kInBlock, 1);
      writer.number(bytes->size(), 4);
      writer.bytes(*bytes);
    } else {
      writer.number(kInPiece, 1);
      writer.bytes(std::get<LargeRecord>(*entry).tag);
    }
  }
  return writer.take();
}

}  // namespace facesearch::storage

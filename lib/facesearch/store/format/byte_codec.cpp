// SPDX-License-Identifier: MIT
#include "facesearch/store/format/byte_codec.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::storage {

void refuse_record(std::string_view what) {
  throw Error(Cause::kStoreDamaged, "RECORD_INVALID", fmt::format("a stored record is not valid: {}", what));
}

void ByteWriter::number(std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

void ByteWriter::text(std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(Cause::kInvalidValue, "RECORD_INVALID", "a text of a face is longer than 4 GiB");
  }
  number(text.size(), 4);
  out_.insert(out_.end(), text.begin(), text.end());
}

Bytes ByteReader::take(std::size_t size) {
  if (size > rest_.size()) {
    refuse_record("it ends early");
  }
  const Bytes taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

std::uint64_t ByteReader::number(std::size_t bytes) {
  std::uint64_t value = 0;
  const Bytes taken = take(bytes);
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= std::uint64_t{taken[i]} << (8 * i);
  }
  return value;
}

Uuid ByteReader::uuid() {
  return read_uuid(take(Uuid{}.bytes.size()));
}

std::string ByteReader::text() {
  const Bytes taken = take(number(4));
  return {taken.begin(), taken.end()};
}

void ByteReader::end() const {
  if (!rest_.empty()) {
    refuse_record("bytes follow its end");
  }
}

std::array<std::uint8_t, 8> write_slot(std::uint64_t slot) {
  std::array<std::uint8_t, 8> key{};
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<std::uint8_t>(slot >> (8 * (7 - i)));
  }
  return key;
}

std::uint64_t read_slot(Bytes key) {
  if (key.size() != 8) {
    refuse_record(fmt::format("a slot has {} bytes, not 8", key.size()));
  }
  std::uint64_t slot = 0;
  for (const std::uint8_t byte : key) {
    slot = slot << 8 | byte;
  }
  return slot;
}

std::array<std::uint8_t, 8> write_count(std::uint64_t count) {
  std::array<std::uint8_t, 8> value = write_slot(count);
  std::reverse(value.begin(), value.end());
  return value;
}

std::uint64_t read_count(Bytes value) {
  ByteReader reader(value);
  const std::uint64_t count = reader.number(8);
  reader.end();
  return count;
}

Uuid read_uuid(Bytes bytes) {
  Uuid uuid;
  if (bytes.size() != uuid.bytes.size()) {
    refuse_record(fmt::format("an id has {} bytes, not 16", bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "facesearch/store/face_value.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::storage {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are stored as they lie in memory");

constexpr std::uint8_t kFaceVersion = 1;
constexpr std::size_t kUuidSize = 16;
constexpr std::size_t kRowHeader = 2 * kUuidSize;

[[noreturn]] void refuse(std::string_view what) {
  throw Error(Cause::kStoreDamaged, "RECORD_INVALID", fmt::format("a stored record is not valid: {}", what));
}

class Writer {
 public:
  void number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }
  void uuid(const Uuid& uuid) { out_.insert(out_.end(), uuid.bytes.begin(), uuid.bytes.end()); }
  void text(std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
      throw Error(Cause::kInvalidValue, "RECORD_INVALID", "a text of a face is longer than 4 GiB");
    }
    number(text.size(), 4);
    out_.insert(out_.end(), text.begin(), text.end());
  }
  std::vector<std::uint8_t> take() { return std::move(out_); }

 private:
  std::vector<std::uint8_t> out_;
};

class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}

  Bytes take(std::size_t size) {
    if (size > rest_.size()) {
      refuse("it ends early");
    }
    const Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const Bytes taken = take(bytes);
    for (std::size_t i = 0; i < bytes; ++i) {
      value |= std::uint64_t{taken[i]} << (8 * i);
    }
    return value;
  }
  Uuid uuid() { return read_uuid(take(kUuidSize)); }
  std::string text() {
    const Bytes taken = take(number(4));
    return {taken.begin(), taken.end()};
  }
  void end() const {
    if (!rest_.empty()) {
      refuse("bytes follow its end");
    }
  }

 private:
  Bytes rest_;
};

FacePlace read_place(Reader& reader) {
  const std::uint64_t version = reader.number(1);
  if (version != kFaceVersion) {
    refuse(fmt::format("a face record has version {}, known is {}", version, kFaceVersion));
  }
  FacePlace place;
  place.slot = reader.number(8);
  place.person = reader.uuid();
  return place;
}

}  // namespace

std::vector<std::uint8_t> write_face(std::uint64_t slot, const FaceRecord& record) {
  Writer writer;
  writer.number(kFaceVersion, 1);
  writer.number(slot, 8);
  writer.uuid(record.person);
  writer.number(static_cast<std::uint64_t>(record.created), 8);
  writer.text(record.name);
  writer.number(record.metadata.size(), 4);
  for (const auto& [key, value] : record.metadata) {
    writer.text(key);
    writer.text(value);
  }
  return writer.take();
}

FaceValue read_face(const Uuid& face, Bytes value) {
  Reader reader(value);
  const FacePlace place = read_place(reader);
  FaceValue read{place.slot, {}};
  read.record.face = face;
  read.record.person = place.person;
  read.record.created = static_cast<Timestamp>(reader.number(8));
  read.record.name = reader.text();
  const std::uint64_t entries = reader.number(4);
  for (std::uint64_t i = 0; i < entries; ++i) {
    std::string key = reader.text();
    if (!read.record.metadata.emplace(std::move(key), reader.text()).second) {
      refuse("a metadata key is there twice");
    }
  }
  reader.end();
  return read;
}

FacePlace read_face_place(Bytes value) {
  Reader reader(value);
  return read_place(reader);
}

std::vector<std::uint8_t> write_row(const Uuid& face, const Uuid& person, std::span<const float> values) {
  std::vector<std::uint8_t> row(kRowHeader + values.size_bytes());
  std::copy(face.bytes.begin(), face.bytes.end(), row.begin());
  std::copy(person.bytes.begin(), person.bytes.end(), row.begin() + kUuidSize);
  std::copy_n(reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes(),
              row.begin() + kRowHeader);
  return row;
}

Uuid read_row_face(Bytes value, std::size_t dimension) {
  if (value.size() != kRowHeader + dimension * sizeof(float)) {
    refuse(fmt::format("a row has {} bytes, not {}", value.size(), kRowHeader + dimension * sizeof(float)));
  }
  return read_uuid(value.first(kUuidSize));
}

TemplateRow read_row(Bytes value, std::span<float> values) {
  TemplateRow row;
  row.face = read_row_face(value, values.size());
  row.person = read_uuid(value.subspan(kUuidSize, kUuidSize));
  std::copy_n(value.data() + kRowHeader, values.size_bytes(), reinterpret_cast<std::uint8_t*>(values.data()));
  if (!all_finite(values)) {
    refuse("a template holds what is no finite number");
  }
  return row;
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
    refuse(fmt::format("a slot has {} bytes, not 8", key.size()));
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
  Reader reader(value);
  const std::uint64_t count = reader.number(8);
  reader.end();
  return count;
}

Uuid read_uuid(Bytes bytes) {
  Uuid uuid;
  if (bytes.size() != uuid.bytes.size()) {
    refuse(fmt::format("an id has {} bytes, not 16", bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

bool all_finite(std::span<const float> values) {
  // A loop of integers that the compiler can do many at a time; std::isfinite with an early end is not.
  constexpr std::uint32_t kExponent = 0x7f80'0000;
  std::uint32_t bad = 0;
  for (const float value : values) {
    bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent);
  }
  return bad == 0;
}

void require_storable(std::span<const float> values, std::size_t dimension) {
  if (values.size() != dimension || !all_finite(values)) {
    throw Error(Cause::kInvalidValue, "TEMPLATE_INVALID",
                fmt::format("the collection takes templates of {} finite numbers", dimension));
  }
}

}  // namespace facesearch::storage

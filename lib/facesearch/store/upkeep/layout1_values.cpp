// SPDX-License-Identifier: MIT
#include "facesearch/store/upkeep/layout1_values.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"

namespace facesearch::storage::layout1 {
namespace {

constexpr std::uint8_t kFaceVersion = 1;
constexpr std::size_t kUuidSize = 16;
constexpr std::size_t kRowHeader = 2 * kUuidSize;

}  // namespace

FaceRecord read_face(const Uuid& face, Bytes value) {
  ByteReader reader(value);
  if (const std::uint64_t version = reader.number(1); version != kFaceVersion) {
    refuse_record(fmt::format("a face record has version {}, known is {}", version, kFaceVersion));
  }
  reader.number(8);  // the slot, which its row has too
  FaceRecord record;
  record.face = face;
  record.person = reader.uuid();
  record.created = static_cast<Timestamp>(reader.number(8));
  record.name = reader.text();
  const std::uint64_t entries = reader.number(4);
  for (std::uint64_t i = 0; i < entries; ++i) {
    std::string key = reader.text();
    if (!record.metadata.emplace(std::move(key), reader.text()).second) {
      refuse_record("a metadata key is there twice");
    }
  }
  reader.end();
  return record;
}

Uuid read_row(Bytes value, std::span<float> values) {
  if (value.size() != kRowHeader + values.size_bytes()) {
    refuse_record(fmt::format("a row has {} bytes, not {}", value.size(), kRowHeader + values.size_bytes()));
  }
  std::copy_n(value.data() + kRowHeader, values.size_bytes(), reinterpret_cast<std::uint8_t*>(values.data()));
  if (!is_unit(values)) {
    refuse_record("a template is not of finite numbers and length 1");
  }
  return read_uuid(value.first(kUuidSize));
}

}  // namespace facesearch::storage::layout1

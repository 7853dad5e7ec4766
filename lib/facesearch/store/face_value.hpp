// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "facesearch/store/records.hpp"

/// The binary values of a collection's tables; docs/storage-format.md has every byte. Readers copy (LMDB
/// aligns to 2 bytes only), check every size and throw Error(kStoreDamaged, RECORD_INVALID).
namespace facesearch::storage {

using Bytes = std::span<const std::uint8_t>;

inline constexpr int kMaxDimension = 16'384;

/// A value of the table `faces`.
struct FaceValue {
  std::uint64_t slot = 0;
  FaceRecord record;  ///< `face` is the key, not in the value
};

std::vector<std::uint8_t> write_face(std::uint64_t slot, const FaceRecord& record);
FaceValue read_face(const Uuid& face, Bytes value);

/// The slot of a value of `faces`, and its person, without the rest.
struct FacePlace {
  std::uint64_t slot = 0;
  Uuid person;
};
FacePlace read_face_place(Bytes value);

/// A value of the table `rows`.
std::vector<std::uint8_t> write_row(const Uuid& face, const Uuid& person, std::span<const float> values);

/// Fills `values` (its size is the dimension) and answers the rest; checks that every float is finite.
/// `row.values` stays empty.
TemplateRow read_row(Bytes value, std::span<float> values);

/// The face id of a row, without the rest.
Uuid read_row_face(Bytes value, std::size_t dimension);

/// Keys that sort by number: 8 bytes, the most significant first.
std::array<std::uint8_t, 8> write_slot(std::uint64_t slot);
std::uint64_t read_slot(Bytes key);

/// Counters: 8 bytes, the least significant first.
std::array<std::uint8_t, 8> write_count(std::uint64_t count);
std::uint64_t read_count(Bytes value);

Uuid read_uuid(Bytes bytes);

/// True if no value is infinite or no number.
bool all_finite(std::span<const float> values);

/// Throws Error(kInvalidValue, TEMPLATE_INVALID) unless the template can be stored.
void require_storable(std::span<const float> values, std::size_t dimension);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "facesearch/store/format/block_layout.hpp"

/// Rows of the kinds kMeansOf…: a block of codes as kCodes has, then person and number of faces of each row.
namespace facesearch::storage {

/// A person's mean as it is stored.
struct MeanRow {
  Uuid person;
  std::uint32_t faces = 0;
  CodeScale scale;
  std::vector<std::uint8_t> codes;
};

MeanRow mean_row(const Uuid& person, std::size_t faces, std::span<const float> values);

bool is_same(const MeanRow& a, const MeanRow& b);

/// Row `row` of a payload.
MeanRow read_mean(const Geometry& geometry, Bytes payload, std::size_t row);
void put_mean(const Geometry& geometry, std::span<std::uint8_t> payload, std::size_t row,
              const MeanRow& mean);
void erase_mean(const Geometry& geometry, std::span<std::uint8_t> payload, std::size_t row);

/// The codes of a block, as a scan reads them. Throws as read_codes().
CodeBlock read_mean_codes(const Geometry& geometry, std::uint64_t block, Bytes payload);

/// Bit `row` of a payload of kInMean.
inline bool bit_at(Bytes payload, std::size_t row) {
  return (static_cast<unsigned>(payload[row / 8]) >> (row % 8) & 1U) != 0;
}
inline void set_bit(std::span<std::uint8_t> payload, std::size_t row, bool set) {
  const auto bit = static_cast<std::uint8_t>(1U << row % 8);
  payload[row / 8] = static_cast<std::uint8_t>(set ? payload[row / 8] | bit : payload[row / 8] & ~bit);
}

}  // namespace facesearch::storage

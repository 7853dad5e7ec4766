// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "facesearch/core/template_codes.hpp"
#include "facesearch/core/uuid.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/piece.hpp"

/// Offsets in the payloads of pieces of a fixed size. Row r of block b belongs to the slot b × rows + r.
namespace facesearch::storage {

/// Rows in a block of each kind; chosen when a side is made, and stored with it.
struct Geometry {
  std::uint32_t dimension = 0;
  std::uint32_t code_rows = 0;  ///< a multiple of 64
  std::uint32_t template_rows = 0;
  std::uint32_t id_rows = 0;
  std::uint32_t record_rows = 0;

  bool operator==(const Geometry&) const = default;

  /// Rows in a block of this kind; kErased counts entries.
  std::size_t rows(PieceKind kind) const;

  /// Bytes of the payload of a block; 0 where that varies (kRecords, kErased).
  std::size_t size(PieceKind kind) const;
};

inline constexpr std::size_t kErasedRows = 1024;
inline constexpr std::size_t kInMeanRows = 30'720;  ///< bits of a block of kInMean, which fills a page
inline constexpr std::size_t kMeanRowSize = 20;  ///< of kMeansOf…, behind the codes: person, number of faces
inline constexpr int kMaxDimension = 16'384;

/// Throws Error(kInvalidValue, TEMPLATE_INVALID) unless the template can be stored: `dimension` finite
/// numbers of norm 1.
void require_storable(std::span<const float> values, std::size_t dimension);

Geometry geometry_of(int dimension);

/// True if every count is in range and no piece is over 16 MiB.
bool is_usable(const Geometry& geometry);

/// Changes a payload of kCodes. Borrows both arguments.
class CodesView {
 public:
  CodesView(const Geometry& geometry, std::span<std::uint8_t> payload)
      : geometry_(geometry), bytes_(payload) {}

  void put(std::size_t row, std::span<const float> values);
  void put(std::size_t row, const CodeScale& scale, Bytes codes);
  void erase(std::size_t row);

 private:
  void set_live(std::size_t row, bool live);

  const Geometry& geometry_;
  std::span<std::uint8_t> bytes_;
};

/// A payload of kCodes as a scan reads it. Throws Error(kStoreDamaged): RECORD_INVALID for a wrong size,
/// STORE_VERSION_UNKNOWN for an unknown transform.
CodeBlock read_codes(const Geometry& geometry, std::uint64_t block, Bytes payload);

bool is_live(const CodeBlock& block, std::size_t row);

/// A payload of kTemplates.
inline std::span<const float> template_at(const Geometry& geometry, Bytes payload, std::size_t row) {
  return {reinterpret_cast<const float*>(payload.data()) + row * geometry.dimension, geometry.dimension};
}
inline std::span<float> template_at(const Geometry& geometry, std::span<std::uint8_t> payload,
                                    std::size_t row) {
  return {reinterpret_cast<float*>(payload.data()) + row * geometry.dimension, geometry.dimension};
}

/// A row of a payload of kIds; all zeros without a face.
struct IdRow {
  Uuid face;
  Uuid person;
};
inline constexpr std::size_t kIdRowSize = 32;
static_assert(sizeof(IdRow) == kIdRowSize);

/// Throws Error(kStoreDamaged, RECORD_INVALID) if the payload ends before it.
inline IdRow id_at(Bytes payload, std::size_t row) {
  if (payload.size() < (row + 1) * kIdRowSize) {
    refuse_record("a block of ids ends early");
  }
  IdRow ids;
  std::memcpy(&ids, payload.data() + row * kIdRowSize, kIdRowSize);
  return ids;
}
void put_id(std::span<std::uint8_t> payload, std::size_t row, const IdRow& ids);

}  // namespace facesearch::storage

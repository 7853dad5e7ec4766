// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "facesearch/store/format/block_layout.hpp"

/// The payload of a piece of kTail: faces in slots that follow each other.
namespace facesearch::storage {

/// A face that is in no block yet. Borrows template and record.
struct TailRow {
  std::uint64_t slot = 0;
  IdRow ids;
  std::span<const float> values;
  Bytes record;  ///< as in a block of records; never one with a piece of its own
};

AlignedBytes write_tail(const Geometry& geometry, std::span<const TailRow> rows);

/// Borrows the payload, which is aligned to 64 bytes. Throws Error(kStoreDamaged, RECORD_INVALID) unless it
/// has so many rows.
std::vector<TailRow> read_tail(const Geometry& geometry, std::uint64_t first_slot, std::uint64_t rows,
                               Bytes payload);

/// Gives a block of one of kTailedKinds those of the rows that belong to it.
void put_tail_rows(const Geometry& geometry, PieceKind kind, std::uint64_t block,
                   std::span<const TailRow> rows, AlignedBytes& payload);

}  // namespace facesearch::storage

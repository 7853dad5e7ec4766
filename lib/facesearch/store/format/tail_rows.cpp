// SPDX-License-Identifier: MIT
#include "facesearch/store/format/tail_rows.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/record_block.hpp"

namespace facesearch::storage {
namespace {

constexpr std::size_t kSizeOfRecord = 4;  // before its bytes

std::size_t template_bytes(const Geometry& geometry) {
  return std::size_t{geometry.dimension} * sizeof(float);
}

// The tail's slots lie behind all that the block has. In aligned bytes alone, which are overwritten when they
// are freed: a reader of one name must not leave those of others in memory.
void put_records(const Geometry& geometry, std::span<const TailRow> rows, AlignedBytes& payload) {
  const Bytes before = std::as_const(payload).span();
  std::size_t size = before.size();
  for (const TailRow& row : rows) size += kRecordHead + row.record.size();
  AlignedBytes grown(size);
  std::uint8_t* end = std::ranges::copy(before, grown.span().data()).out;
  for (const TailRow& row : rows) end = put_record(row.slot % geometry.record_rows, row.record, end);
  payload = std::move(grown);
}

void put_row(const Geometry& geometry, PieceKind kind, const TailRow& row, std::span<std::uint8_t> payload) {
  const std::size_t at = row.slot % geometry.rows(kind);
  if (kind == PieceKind::kCodes) {
    CodesView(geometry, payload).put(at, row.values);
  } else if (kind == PieceKind::kTemplates) {
    std::ranges::copy(row.values, template_at(geometry, payload, at).begin());
  } else {
    put_id(payload, at, row.ids);
  }
}

}  // namespace

AlignedBytes write_tail(const Geometry& geometry, std::span<const TailRow> rows) {
  const std::size_t values_size = template_bytes(geometry);
  std::size_t size = 0;
  for (const TailRow& row : rows) size += kIdRowSize + values_size + kSizeOfRecord + row.record.size();
  AlignedBytes payload(size);
  std::uint8_t* values = payload.span().data() + rows.size() * kIdRowSize;
  std::uint8_t* record = values + rows.size() * values_size;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    put_id(payload.span(), i, rows[i].ids);
    std::memcpy(values + i * values_size, rows[i].values.data(), values_size);
    ByteWriter length;
    length.number(rows[i].record.size(), kSizeOfRecord);
    record = std::ranges::copy(length.take(), record).out;
    record = std::ranges::copy(rows[i].record, record).out;
  }
  return payload;
}

std::vector<TailRow> read_tail(const Geometry& geometry, std::uint64_t first_slot, std::uint64_t rows,
                               Bytes payload) {
  if (rows > payload.size() / (kIdRowSize + template_bytes(geometry))) {
    refuse_record("a part of the tail ends early");
  }
  const Bytes ids = payload.first(rows * kIdRowSize);
  const Bytes values = payload.subspan(ids.size(), rows * template_bytes(geometry));
  ByteReader records(payload.subspan(ids.size() + values.size()));
  std::vector<TailRow> found(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    found[i] = {first_slot + i, id_at(ids, i), template_at(geometry, values, i),
                records.take(records.number(kSizeOfRecord))};
  }
  records.end();
  return found;
}

void put_tail_rows(const Geometry& geometry, PieceKind kind, std::uint64_t block,
                   std::span<const TailRow> rows, AlignedBytes& payload) {
  const std::uint64_t in_block = geometry.rows(kind);
  const auto begin = std::ranges::lower_bound(rows, block * in_block, {}, &TailRow::slot);
  const auto end = std::ranges::lower_bound(rows, (block + 1) * in_block, {}, &TailRow::slot);
  const std::span<const TailRow> inside(begin, end);
  if (inside.empty()) return;
  if (kind == PieceKind::kRecords) {
    put_records(geometry, inside, payload);
    return;
  }
  for (const TailRow& row : inside) put_row(geometry, kind, row, payload.span());
}

}  // namespace facesearch::storage

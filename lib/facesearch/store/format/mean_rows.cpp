// SPDX-License-Identifier: MIT
#include "facesearch/store/format/mean_rows.hpp"

#include <algorithm>

#include "facesearch/core/template_codes.hpp"

namespace facesearch::storage {
namespace {

std::size_t offset_of(const Geometry& geometry, std::size_t row) {
  return geometry.size(PieceKind::kCodes) + row * kMeanRowSize;
}

}  // namespace

MeanRow mean_row(const Uuid& person, std::size_t faces, std::span<const float> values) {
  MeanRow row{person, static_cast<std::uint32_t>(faces), {}, {}};
  row.codes.resize(code_stride(values.size()));
  row.scale = encode_template(values, row.codes);
  return row;
}

bool is_same(const MeanRow& a, const MeanRow& b) {
  return a.person == b.person && a.faces == b.faces && a.scale.scale == b.scale.scale &&
         a.scale.error == b.scale.error && a.codes == b.codes;
}

MeanRow read_mean(const Geometry& geometry, Bytes payload, std::size_t row) {
  const CodeBlock block = read_mean_codes(geometry, 0, payload);
  ByteReader reader(payload.subspan(offset_of(geometry, row), kMeanRowSize));
  MeanRow mean;
  mean.person = reader.uuid();
  mean.faces = static_cast<std::uint32_t>(reader.number(4));
  if (row >= block.rows || !is_live(block, row) || mean.faces < 2) refuse_record("a mean is none");
  mean.scale = {block.scales[row], block.errors[row]};
  const std::uint8_t* codes = block.codes + row * block.stride;
  mean.codes.assign(codes, codes + block.stride);
  return mean;
}

void put_mean(const Geometry& geometry, std::span<std::uint8_t> payload, std::size_t row,
              const MeanRow& mean) {
  CodesView(geometry, payload).put(row, mean.scale, mean.codes);
  ByteWriter writer;
  writer.uuid(mean.person);
  writer.number(mean.faces, 4);
  std::ranges::copy(writer.take(), payload.begin() + static_cast<std::ptrdiff_t>(offset_of(geometry, row)));
}

void erase_mean(const Geometry& geometry, std::span<std::uint8_t> payload, std::size_t row) {
  CodesView(geometry, payload).erase(row);
  std::ranges::fill(payload.subspan(offset_of(geometry, row), kMeanRowSize), std::uint8_t{0});
}

CodeBlock read_mean_codes(const Geometry& geometry, std::uint64_t block, Bytes payload) {
  return read_codes(geometry, block,
                    payload.first(std::min(payload.size(), geometry.size(PieceKind::kCodes))));
}

}  // namespace facesearch::storage

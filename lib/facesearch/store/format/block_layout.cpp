// SPDX-License-Identifier: MIT
#include "facesearch/store/format/block_layout.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"
#include "facesearch/store/format/byte_codec.hpp"

namespace facesearch::storage {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are stored as they lie in memory");

constexpr std::size_t kMostPiece = 16U << 20;
constexpr std::size_t kBlockBytes = 160U << 10;  // of codes or floats, about
constexpr std::uint32_t kMostCodeRows = 1024;
constexpr std::size_t kPageHeader = 16;  // of LMDB, before a value on pages of its own
constexpr std::size_t kPrologue = 64;
constexpr std::size_t kExpiringRows = 0;  // offset: how many rows have a time of expiry
constexpr std::size_t kTransform = 4;     // offset: id of the templates' transform; 0 is none

// Where the arrays of a payload of kCodes begin.
struct Offsets {
  explicit Offsets(const Geometry& geometry)
      : live(kPrologue),
        scales(live + geometry.code_rows / 8),
        errors(scales + geometry.code_rows * sizeof(float)),
        expires(errors + geometry.code_rows * sizeof(float)),
        codes((expires + geometry.code_rows * sizeof(std::uint32_t) + 63) / 64 * 64),
        size(codes + geometry.code_rows * code_stride(geometry.dimension)) {}

  std::size_t live;
  std::size_t scales;
  std::size_t errors;
  std::size_t expires;
  std::size_t codes;
  std::size_t size;
};

template <class T>
T number_at(Bytes bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::uint32_t rows_for(std::size_t row_bytes, std::size_t least, std::size_t most) {
  return static_cast<std::uint32_t>(std::clamp(std::bit_floor(kBlockBytes / row_bytes), least, most));
}

// The multiple of 64 that wastes the least of a block's last page: at 128 dimensions 960 rows fill 33 pages,
// and 1,024 begin a 36th.
std::uint32_t code_rows_for(std::uint32_t dimension) {
  constexpr std::size_t kPage = 4096;
  std::uint32_t best = 64;
  std::size_t best_pages = 0;
  for (std::uint32_t rows = 64; rows <= kMostCodeRows; rows += 64) {
    const std::size_t size = Offsets({dimension, rows, 1, 1, 1}).size + kPieceExtra + kPageHeader;
    const std::size_t pages = (size + kPage - 1) / kPage;
    if (rows > 64 && size > kBlockBytes) {
      break;
    }
    if (best_pages == 0 || pages * best <= best_pages * rows) {
      best = rows;
      best_pages = pages;
    }
  }
  return best;
}

}  // namespace

Geometry geometry_of(int dimension) {
  const auto size = static_cast<std::uint32_t>(dimension);
  return {size, code_rows_for(size), rows_for(size * sizeof(float), 1, 256), 1024, 64};
}

void require_storable(std::span<const float> values, std::size_t dimension) {
  if (values.size() != dimension || !is_unit(values)) {
    throw Error(Cause::kInvalidValue, "TEMPLATE_INVALID",
                fmt::format("the collection takes templates of {} finite numbers and length 1", dimension));
  }
}

bool is_usable(const Geometry& geometry) {
  const auto in_range = [](std::uint32_t rows) { return rows > 0 && rows <= 1U << 20; };
  return in_range(geometry.code_rows) && geometry.code_rows % 64 == 0 && in_range(geometry.template_rows) &&
         in_range(geometry.id_rows) && in_range(geometry.record_rows) && geometry.record_rows <= 1U << 16 &&
         geometry.dimension > 0 && geometry.dimension <= kMaxDimension &&
         geometry.size(PieceKind::kCodes) <= kMostPiece &&
         geometry.size(PieceKind::kTemplates) <= kMostPiece && geometry.size(PieceKind::kIds) <= kMostPiece;
}

std::size_t Geometry::rows(PieceKind kind) const {
  switch (kind) {
    case PieceKind::kCodes:
      return code_rows;
    case PieceKind::kTemplates:
      return template_rows;
    case PieceKind::kIds:
      return id_rows;
    case PieceKind::kRecords:
      return record_rows;
    case PieceKind::kMeansOfTwo:
    case PieceKind::kMeansOfThree:
    case PieceKind::kMeansOfMore:
      return code_rows;
    case PieceKind::kInMean:
      return kInMeanRows;
    default:
      return kErasedRows;
  }
}

std::size_t Geometry::size(PieceKind kind) const {
  switch (kind) {
    case PieceKind::kCodes:
      return Offsets(*this).size;
    case PieceKind::kTemplates:
      return std::size_t{template_rows} * dimension * sizeof(float);
    case PieceKind::kIds:
      return id_rows * kIdRowSize;
    case PieceKind::kMeansOfTwo:
    case PieceKind::kMeansOfThree:
    case PieceKind::kMeansOfMore:
      return Offsets(*this).size + code_rows * kMeanRowSize;
    case PieceKind::kInMean:
      return kInMeanRows / 8;
    default:
      return 0;
  }
}

void CodesView::put(std::size_t row, std::span<const float> values) {
  const Offsets at(geometry_);
  const std::size_t stride = code_stride(geometry_.dimension);
  const CodeScale scale = encode_template(values, bytes_.subspan(at.codes + row * stride, stride));
  std::memcpy(bytes_.data() + at.scales + row * sizeof(float), &scale.scale, sizeof(float));
  std::memcpy(bytes_.data() + at.errors + row * sizeof(float), &scale.error, sizeof(float));
  set_live(row, true);
}

void CodesView::put(std::size_t row, const CodeScale& scale, Bytes codes) {
  const Offsets at(geometry_);
  std::memcpy(bytes_.data() + at.codes + row * code_stride(geometry_.dimension), codes.data(), codes.size());
  std::memcpy(bytes_.data() + at.scales + row * sizeof(float), &scale.scale, sizeof(float));
  std::memcpy(bytes_.data() + at.errors + row * sizeof(float), &scale.error, sizeof(float));
  set_live(row, true);
}

void CodesView::erase(std::size_t row) {
  const Offsets at(geometry_);
  const std::size_t stride = code_stride(geometry_.dimension);
  std::memset(bytes_.data() + at.codes + row * stride, 0, stride);
  for (const std::size_t array : {at.scales, at.errors, at.expires}) {
    std::memset(bytes_.data() + array + row * 4, 0, 4);
  }
  set_live(row, false);
}

void CodesView::set_live(std::size_t row, bool live) {
  std::uint8_t& byte = bytes_[Offsets(geometry_).live + row / 8];
  const auto bit = static_cast<std::uint8_t>(1U << row % 8);
  byte = static_cast<std::uint8_t>(live ? byte | bit : byte & ~bit);
}

CodeBlock read_codes(const Geometry& geometry, std::uint64_t block, Bytes payload) {
  const Offsets at(geometry);
  if (payload.size() != at.size) {
    refuse_record("a block of codes has the wrong size");
  }
  if (number_at<std::uint32_t>(payload, kTransform) != 0) {
    throw Error(Cause::kStoreDamaged, "STORE_VERSION_UNKNOWN",
                "the collection's templates are stored in a way that this version does not know; use a later "
                "version");
  }
  CodeBlock codes;
  codes.first_slot = block * geometry.code_rows;
  codes.rows = geometry.code_rows;
  codes.stride = code_stride(geometry.dimension);
  codes.codes = payload.data() + at.codes;
  codes.scales = reinterpret_cast<const float*>(payload.data() + at.scales);
  codes.errors = reinterpret_cast<const float*>(payload.data() + at.errors);
  codes.live = reinterpret_cast<const std::uint64_t*>(payload.data() + at.live);
  if (number_at<std::uint32_t>(payload, kExpiringRows) != 0) {
    codes.expires = reinterpret_cast<const std::uint32_t*>(payload.data() + at.expires);
  }
  return codes;
}

bool is_live(const CodeBlock& block, std::size_t row) {
  return (block.live[row / 64] >> (row % 64) & 1U) != 0;
}

void put_id(std::span<std::uint8_t> payload, std::size_t row, const IdRow& ids) {
  std::uint8_t* at = payload.data() + row * kIdRowSize;
  at = std::copy(ids.face.bytes.begin(), ids.face.bytes.end(), at);
  std::copy(ids.person.bytes.begin(), ids.person.bytes.end(), at);
}

}  // namespace facesearch::storage

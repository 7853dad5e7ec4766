// SPDX-License-Identifier: MIT
// AMX multiplies 16 rows of 64 bytes with 64 values of 16 probes at once; a panel lies as it wants its second
// factor. The unit tests run this file with AMX's own instructions emulated (emulated_amx), so that it is
// tested where there is no AMX.
#include "facesearch/match/tiles/tile_kernel.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <limits>

// The attribute and not an option for the file: see kernels/avx2_kernel.cpp.
#define FACESEARCH_AMX __attribute__((target("amx-tile,amx-int8,avx512f"), noinline))
#define FACESEARCH_AVX512 __attribute__((target("avx512f"), always_inline)) inline

namespace facesearch {
namespace {

constexpr std::size_t kSide = 16;                         // rows, and probes, of one of AMX's tiles
constexpr std::size_t kBytes = 64;                        // of a row that it multiplies at once
constexpr std::size_t kStep = kTileProbes * kTileValues;  // bytes of a panel from four values to the next
constexpr std::size_t kLine = kTileProbes * sizeof(std::int32_t);  // of the dots

// As the processor reads it (Intel's manual, LDTILECFG).
struct Shapes {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes[16] = {};  // of a row
  std::uint8_t rows[16] = {};
};
static_assert(sizeof(Shapes) == 64);

constexpr Shapes shapes_of_all() {
  Shapes shapes;
  for (std::size_t i = 0; i < 8; ++i) {
    shapes.bytes[i] = kBytes;
    shapes.rows[i] = kSide;
  }
  return shapes;
}

// No local variable: GCC 12 does not know that LDTILECFG reads all of it, and may leave out what is written.
constexpr Shapes kShapes = shapes_of_all();

FACESEARCH_AVX512 __m512 scaled(const std::int32_t* dots, float scale) {
  return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_load_si512(dots)), _mm512_set1_ps(scale));
}

FACESEARCH_AVX512 unsigned at_or_above(__m512 values, const float* floors) {
  return _mm512_cmp_ps_mask(values, _mm512_load_ps(floors), _CMP_GE_OQ);
}

// The largest of what 16 rows have of each probe is held against its floor.
FACESEARCH_AVX512 unsigned reaches(const Tile& tile, std::size_t row, std::size_t probe) {
  const std::int32_t* dots = tile.dots + row * kTileProbes + probe;
  __m512 most = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kSide; ++r) {
    // In this order: the second is taken where the first is no number, as in a damaged store.
    most = _mm512_max_ps(scaled(dots + r * kTileProbes, tile.scales[row + r]), most);
  }
  return at_or_above(most, tile.floors + probe);
}

FACESEARCH_AVX512 std::uint32_t rows_that_reach(const Tile& tile) {
  std::uint32_t reached = 0;
  for (std::size_t row = 0; row < kTileRows; ++row) {
    const std::int32_t* dots = tile.dots + row * kTileProbes;
    const float scale = tile.scales[row];
    const unsigned probes = at_or_above(scaled(dots, scale), tile.floors) |
                            at_or_above(scaled(dots + kSide, scale), tile.floors + kSide);
    reached |= (probes != 0 ? 1U : 0U) << row;
  }
  return reached;
}

}  // namespace

FACESEARCH_AMX void amx_begin() {
  _tile_loadconfig(&kShapes);
}

FACESEARCH_AMX void amx_end() {
  _tile_release();
}

// Tiles 0–3 are the dots, 4 and 5 the rows, 6 and 7 the probes. Every row of dots begins alike: a stride of
// 0.
FACESEARCH_AMX std::uint32_t amx_tile(const Tile& tile) {
  _tile_loadd(0, tile.beginnings, 0);
  _tile_loadd(1, tile.beginnings + kSide, 0);
  _tile_loadd(2, tile.beginnings, 0);
  _tile_loadd(3, tile.beginnings + kSide, 0);
  const std::int8_t* panel = tile.panel;
  for (std::size_t at = 0; at < tile.stride; at += kBytes, panel += kBytes / kTileValues * kStep) {
    _tile_loadd(4, tile.rows + at, tile.stride);
    _tile_loadd(6, panel, kStep);
    _tile_loadd(7, panel + kStep / 2, kStep);
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_loadd(5, tile.rows + kSide * tile.stride + at, tile.stride);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  std::int32_t* second = tile.dots + kSide * kTileProbes;
  _tile_stored(0, tile.dots, kLine);
  _tile_stored(1, tile.dots + kSide, kLine);
  _tile_stored(2, second, kLine);
  _tile_stored(3, second + kSide, kLine);
  const unsigned any =
      reaches(tile, 0, 0) | reaches(tile, 0, kSide) | reaches(tile, kSide, 0) | reaches(tile, kSide, kSide);
  return any != 0 ? rows_that_reach(tile) : 0;
}

}  // namespace facesearch
#endif

// SPDX-License-Identifier: MIT
#include "facesearch/match/tiles/tile_kernel.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>
#include <limits>

// The attribute and not an option for the file: see kernels/avx2_kernel.cpp.
#define FACESEARCH_VNNI __attribute__((target("avx512f,avx512vnni"), always_inline)) inline

namespace facesearch {
namespace {

constexpr std::size_t kRows = 8;  // at a time, with all probes: sixteen sums
constexpr std::size_t kLanes = 16;
constexpr std::size_t kStep = kTileProbes * kTileValues;  // bytes of a panel from four values to the next

FACESEARCH_VNNI __m512 scaled(__m512i dots, float scale) {
  return _mm512_mul_ps(_mm512_cvtepi32_ps(dots), _mm512_set1_ps(scale));
}

FACESEARCH_VNNI unsigned at_or_above(__m512 values, const float* floors) {
  return _mm512_cmp_ps_mask(values, _mm512_load_ps(floors), _CMP_GE_OQ);
}

// The largest of what eight rows have of each probe is held against its floor: one comparison for eight.
FACESEARCH_VNNI std::uint32_t some_rows(const Tile& tile, std::size_t row) {
  const std::uint8_t* rows = tile.rows + row * tile.stride;
  const float* scales = tile.scales + row;
  const std::int8_t* panel = tile.panel;
  __m512i low[kRows];
  __m512i high[kRows];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRows; ++r) {
    low[r] = _mm512_load_si512(tile.beginnings);
    high[r] = _mm512_load_si512(tile.beginnings + kLanes);
  }
  for (std::size_t at = 0; at < tile.stride; at += kTileValues, panel += kStep) {
    const __m512i first = _mm512_load_si512(panel);
    const __m512i second = _mm512_load_si512(panel + kStep / 2);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) {
      std::int32_t four = 0;
      std::memcpy(&four, rows + r * tile.stride + at, sizeof four);
      const __m512i codes = _mm512_set1_epi32(four);
      low[r] = _mm512_dpbusd_epi32(low[r], codes, first);
      high[r] = _mm512_dpbusd_epi32(high[r], codes, second);
    }
  }
  __m512 most_low = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
  __m512 most_high = most_low;
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRows; ++r) {
    // In this order: the second is taken where the first is no number, as in a damaged store.
    most_low = _mm512_max_ps(scaled(low[r], scales[r]), most_low);
    most_high = _mm512_max_ps(scaled(high[r], scales[r]), most_high);
  }
  const float* floors_high = tile.floors + kLanes;
  if ((at_or_above(most_low, tile.floors) | at_or_above(most_high, floors_high)) == 0) return 0;
  std::uint32_t reached = 0;
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRows; ++r) {
    std::int32_t* to = tile.dots + (row + r) * kTileProbes;
    _mm512_store_si512(to, low[r]);
    _mm512_store_si512(to + kLanes, high[r]);
    const unsigned probes = at_or_above(scaled(low[r], scales[r]), tile.floors) |
                            at_or_above(scaled(high[r], scales[r]), floors_high);
    reached |= (probes != 0 ? 1U : 0U) << (row + r);
  }
  return reached;
}

}  // namespace

__attribute__((target("avx512f,avx512vnni"), noinline)) std::uint32_t vnni_tile(const Tile& tile) {
  std::uint32_t reached = 0;
  for (std::size_t row = 0; row < kTileRows; row += kRows) reached |= some_rows(tile, row);
  return reached;
}

}  // namespace facesearch
#endif

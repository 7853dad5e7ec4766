// SPDX-License-Identifier: MIT
#pragma once

#include "facesearch/match/tiles/tile_kernel.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

/// What the kernels with registers of eight sums have in common: they compare four rows with half of a tile's
/// probes at a time, in eight registers of sums. For functions whose target has AVX2.
namespace facesearch::avx2 {

// The attribute and not an option for the file: see kernels/avx2_kernel.cpp.
#define FACESEARCH_AVX2_SUMS __attribute__((target("avx2"), always_inline)) inline

inline constexpr std::size_t kRows = 4;
inline constexpr std::size_t kRegisters = 2;  // of the sums of a row
inline constexpr std::size_t kLanes = 8;
inline constexpr std::size_t kStep =
    kTileProbes * kTileValues;  // bytes of a panel from four values to the next

FACESEARCH_AVX2_SUMS __m256i load(const void* from) {
  return _mm256_load_si256(static_cast<const __m256i*>(from));
}

FACESEARCH_AVX2_SUMS __m256i four_of_row(const std::uint8_t* row) {
  std::int32_t four = 0;
  __builtin_memcpy(&four, row, sizeof four);
  return _mm256_set1_epi32(four);
}

FACESEARCH_AVX2_SUMS void begin_sums(const Tile& tile, std::size_t probe,
                                     __m256i (&sums)[kRows][kRegisters]) {
#pragma GCC unroll 4
  for (auto& sum : sums) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kRegisters; ++i) sum[i] = load(tile.beginnings + probe + i * kLanes);
  }
}

/// Writes the sums as dots; returns those of the rows that reach a floor.
FACESEARCH_AVX2_SUMS std::uint32_t end_sums(const Tile& tile, std::size_t row, std::size_t probe,
                                            const __m256i (&sums)[kRows][kRegisters]) {
  std::uint32_t reached = 0;
#pragma GCC unroll 4
  for (std::size_t r = 0; r < kRows; ++r) {
    const __m256 scale = _mm256_set1_ps(tile.scales[row + r]);
    int any = 0;
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kRegisters; ++i) {
      const std::size_t first = probe + i * kLanes;
      const __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[r][i]), scale);
      any |= _mm256_movemask_ps(_mm256_cmp_ps(scaled, _mm256_load_ps(tile.floors + first), _CMP_GE_OQ));
      _mm256_store_si256(reinterpret_cast<__m256i*>(tile.dots + (row + r) * kTileProbes + first), sums[r][i]);
    }
    reached |= (any != 0 ? 1U : 0U) << (row + r);
  }
  return reached;
}

}  // namespace facesearch::avx2
#endif

// SPDX-License-Identifier: MIT
#include "facesearch/match/tiles/tile_kernel.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

// The attribute and not an option for the file: see kernels/avx2_kernel.cpp.
#define FACESEARCH_AVX_VNNI __attribute__((target("avx2,avxvnni"), always_inline)) inline

namespace facesearch {
namespace {

constexpr std::size_t kRows = 4;       // at a time, with half of the probes: eight sums
constexpr std::size_t kRegisters = 2;  // of eight probes
constexpr std::size_t kLanes = 8;
constexpr std::size_t kStep = kTileProbes * kTileValues;  // bytes of a panel from four values to the next

FACESEARCH_AVX_VNNI __m256i load(const void* from) {
  return _mm256_load_si256(static_cast<const __m256i*>(from));
}

FACESEARCH_AVX_VNNI std::uint32_t some_rows(const Tile& tile, std::size_t row, std::size_t probe) {
  const std::uint8_t* rows = tile.rows + row * tile.stride;
  const std::int8_t* panel = tile.panel + probe * kTileValues;
  __m256i sums[kRows][kRegisters];
#pragma GCC unroll 4
  for (auto& sum : sums) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kRegisters; ++i) sum[i] = load(tile.beginnings + probe + i * kLanes);
  }
  for (std::size_t at = 0; at < tile.stride; at += kTileValues, panel += kStep) {
    const __m256i values[kRegisters] = {load(panel), load(panel + kLanes * kTileValues)};
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kRows; ++r) {
      std::int32_t four = 0;
      std::memcpy(&four, rows + r * tile.stride + at, sizeof four);
      const __m256i codes = _mm256_set1_epi32(four);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < kRegisters; ++i) {
        sums[r][i] = _mm256_dpbusd_avx_epi32(sums[r][i], codes, values[i]);
      }
    }
  }
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

}  // namespace

__attribute__((target("avx2,avxvnni"), noinline)) std::uint32_t avx_vnni_tile(const Tile& tile) {
  std::uint32_t reached = 0;
  for (std::size_t probe = 0; probe < kTileProbes; probe += kRegisters * kLanes) {
    for (std::size_t row = 0; row < kTileRows; row += kRows) reached |= some_rows(tile, row, probe);
  }
  return reached;
}

}  // namespace facesearch
#endif

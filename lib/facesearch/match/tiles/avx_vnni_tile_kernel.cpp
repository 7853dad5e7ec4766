// SPDX-License-Identifier: MIT
// The unit tests run this file with AVX-512's form of its one instruction beyond AVX2 (emulated_avx_vnni), so
// that it is tested where there is no AVX-VNNI.
#include "facesearch/match/tiles/avx2_sums.hpp"

#if defined(__x86_64__)

#ifndef FACESEARCH_AVX_VNNI_TARGET
#define FACESEARCH_AVX_VNNI_TARGET "avx2,avxvnni"
#endif
#define FACESEARCH_AVX_VNNI __attribute__((target(FACESEARCH_AVX_VNNI_TARGET), always_inline)) inline

namespace facesearch {
namespace {

using namespace avx2;

FACESEARCH_AVX_VNNI std::uint32_t some_rows(const Tile& tile, std::size_t row, std::size_t probe) {
  const std::uint8_t* rows = tile.rows + row * tile.stride;
  const std::int8_t* panel = tile.panel + probe * kTileValues;
  __m256i sums[kRows][kRegisters];
  begin_sums(tile, probe, sums);
  for (std::size_t at = 0; at < tile.stride; at += kTileValues, panel += kStep) {
    const __m256i values[kRegisters] = {load(panel), load(panel + kLanes * kTileValues)};
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kRows; ++r) {
      const __m256i codes = four_of_row(rows + r * tile.stride + at);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < kRegisters; ++i) {
        sums[r][i] = _mm256_dpbusd_avx_epi32(sums[r][i], codes, values[i]);
      }
    }
  }
  return end_sums(tile, row, probe, sums);
}

}  // namespace

__attribute__((target(FACESEARCH_AVX_VNNI_TARGET), noinline)) std::uint32_t avx_vnni_tile(const Tile& tile) {
  std::uint32_t reached = 0;
  for (std::size_t probe = 0; probe < kTileProbes; probe += kRegisters * kLanes) {
    for (std::size_t row = 0; row < kTileRows; row += kRows) reached |= some_rows(tile, row, probe);
  }
  return reached;
}

}  // namespace facesearch
#endif

// SPDX-License-Identifier: MIT
#include "facesearch/match/tiles/avx2_sums.hpp"

#if defined(__x86_64__)

#define FACESEARCH_AVX2 __attribute__((target("avx2"), always_inline)) inline

namespace facesearch {
namespace {

using namespace avx2;

constexpr std::size_t kBytes = 64;
constexpr std::size_t kHalf = 32;

// The products of kRows rows with 16 probes. Nothing saturates: the four codes of a probe that come together
// in one of the sums of 16 bits have magnitudes of at most 128 together (ProbeCodes).
FACESEARCH_AVX2 std::uint32_t some_rows(const Tile& tile, std::size_t row, std::size_t probe) {
  const std::uint8_t* rows = tile.rows + row * tile.stride;
  const std::int8_t* panel = tile.panel + probe * kTileValues;
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sums[kRows][kRegisters];
  begin_sums(tile, probe, sums);
  for (std::size_t block = 0; block < tile.stride; block += kBytes) {
    for (std::size_t at = block; at < block + kHalf; at += kTileValues, panel += kStep) {
      const std::int8_t* later = panel + kHalf / kTileValues * kStep;
      const __m256i low[kRegisters] = {load(panel), load(panel + kHalf)};
      const __m256i high[kRegisters] = {load(later), load(later + kHalf)};
#pragma GCC unroll 4
      for (std::size_t r = 0; r < kRows; ++r) {
        const __m256i first = four_of_row(rows + r * tile.stride + at);
        const __m256i second = four_of_row(rows + r * tile.stride + at + kHalf);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kRegisters; ++i) {
          const __m256i fours =
              _mm256_add_epi16(_mm256_maddubs_epi16(first, low[i]), _mm256_maddubs_epi16(second, high[i]));
          sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(fours, ones));
        }
      }
    }
    panel += kHalf / kTileValues * kStep;
  }
  return end_sums(tile, row, probe, sums);
}

}  // namespace

__attribute__((target("avx2"), noinline)) std::uint32_t avx2_tile(const Tile& tile) {
  std::uint32_t reached = 0;
  for (std::size_t probe = 0; probe < kTileProbes; probe += kRegisters * kLanes) {
    for (std::size_t row = 0; row < kTileRows; row += kRows) reached |= some_rows(tile, row, probe);
  }
  return reached;
}

}  // namespace facesearch
#endif

// SPDX-License-Identifier: MIT
#include "float_product.hpp"

#include <immintrin.h>

#include <algorithm>

namespace {

constexpr std::size_t kRunRows = 64;  // that panels pass over

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") != 0;
}

// Eight rows × 32 probes: sixteen sums.
__attribute__((target("avx512f"), noinline)) float tile_avx512(const float* rows, const float* panel,
                                                               std::size_t dimension) {
  constexpr std::size_t kRows = 8;
  __m512 low[kRows];
  __m512 high[kRows];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRows; ++r) low[r] = high[r] = _mm512_setzero_ps();
  for (std::size_t i = 0; i < dimension; ++i, panel += 32) {
    const __m512 first = _mm512_load_ps(panel);
    const __m512 second = _mm512_load_ps(panel + 16);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kRows; ++r) {
      const __m512 value = _mm512_set1_ps(rows[r * dimension + i]);
      low[r] = _mm512_fmadd_ps(value, first, low[r]);
      high[r] = _mm512_fmadd_ps(value, second, high[r]);
    }
  }
  __m512 most = low[0];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kRows; ++r) most = _mm512_max_ps(most, _mm512_max_ps(low[r], high[r]));
  return _mm512_reduce_max_ps(most);
}

// Four rows × 16 probes: eight sums.
__attribute__((target("avx2,fma"), noinline)) float tile_avx2(const float* rows, const float* panel,
                                                              std::size_t dimension) {
  constexpr std::size_t kRows = 4;
  __m256 low[kRows];
  __m256 high[kRows];
#pragma GCC unroll 4
  for (std::size_t r = 0; r < kRows; ++r) low[r] = high[r] = _mm256_setzero_ps();
  for (std::size_t i = 0; i < dimension; ++i, panel += 16) {
    const __m256 first = _mm256_load_ps(panel);
    const __m256 second = _mm256_load_ps(panel + 8);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < kRows; ++r) {
      const __m256 value = _mm256_set1_ps(rows[r * dimension + i]);
      low[r] = _mm256_fmadd_ps(value, first, low[r]);
      high[r] = _mm256_fmadd_ps(value, second, high[r]);
    }
  }
  __m256 most = low[0];
#pragma GCC unroll 4
  for (std::size_t r = 0; r < kRows; ++r) most = _mm256_max_ps(most, _mm256_max_ps(low[r], high[r]));
  alignas(32) float values[8];
  _mm256_store_ps(values, most);
  return *std::max_element(values, values + 8);
}

}  // namespace

bool FloatProduct::is_available() {
  return has_avx512() || (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0);
}

FloatProduct::FloatProduct(std::span<const facesearch::Template> probes)
    : dimension_(probes.front().size()),
      width_(has_avx512() ? 32 : 16),
      panels_((probes.size() + width_ - 1) / width_),
      values_(new (kLine) float[panels_ * width_ * dimension_]()) {
  for (std::size_t p = 0; p < probes.size(); ++p) {
    float* panel = &values_[p / width_ * width_ * dimension_];
    for (std::size_t i = 0; i < dimension_; ++i) panel[i * width_ + p % width_] = probes[p][i];
  }
}

float FloatProduct::run(std::span<const float> rows) const {
  const auto tile = has_avx512() ? tile_avx512 : tile_avx2;
  const std::size_t tile_rows = has_avx512() ? 8 : 4;
  const std::size_t count = rows.size() / dimension_ / kRunRows * kRunRows;
  float most = -1;
  for (std::size_t run = 0; run < count; run += kRunRows) {
    for (std::size_t panel = 0; panel < panels_; ++panel) {
      for (std::size_t row = run; row < run + kRunRows; row += tile_rows) {
        most =
            std::max(most, tile(&rows[row * dimension_], &values_[panel * width_ * dimension_], dimension_));
      }
    }
  }
  return most;
}

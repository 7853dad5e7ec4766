// SPDX-License-Identifier: MIT
#include "facesearch/match/stream_read.hpp"

#include <immintrin.h>

#include <cstddef>

namespace facesearch {
namespace {

constexpr std::size_t kAtOnce = 8;  // sums that do not wait for each other

__attribute__((target("avx2"), noinline)) double read_avx2(std::span<const float> values) {
  __m256 sums[kAtOnce] = {};
  for (std::size_t i = 0; i < values.size(); i += 8 * kAtOnce) {
    for (std::size_t k = 0; k < kAtOnce; ++k) {
      sums[k] = _mm256_add_ps(sums[k], _mm256_load_ps(values.data() + i + 8 * k));
    }
  }
  double total = 0;
  for (const __m256& sum : sums) {
    alignas(32) float parts[8];
    _mm256_store_ps(parts, sum);
    for (const float part : parts) total += static_cast<double>(part);
  }
  return total;
}

__attribute__((target("avx512f"), noinline)) double read_avx512(std::span<const float> values) {
  __m512 sums[kAtOnce] = {};
  for (std::size_t i = 0; i < values.size(); i += 16 * kAtOnce) {
    for (std::size_t k = 0; k < kAtOnce; ++k) {
      sums[k] = _mm512_add_ps(sums[k], _mm512_load_ps(values.data() + i + 16 * k));
    }
  }
  double total = 0;
  for (const __m512& sum : sums) {
    alignas(64) float parts[16];
    _mm512_store_ps(parts, sum);
    for (const float part : parts) total += static_cast<double>(part);
  }
  return total;
}

}  // namespace

double read_once(std::span<const float> values) {
  if (__builtin_cpu_supports("avx512f") != 0) return read_avx512(values);
  if (__builtin_cpu_supports("avx2") != 0) return read_avx2(values);
  double total = 0;
  for (const float value : values) total += static_cast<double>(value);
  return total;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/row_kernel.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

// The attribute and not an option for the file: what an option compiles from headers may end up in the place
// of the same functions of other files, and a processor without AVX2 would meet it there.
#define FACESEARCH_AVX2 __attribute__((target("avx2"), always_inline)) inline

namespace facesearch {
namespace {

constexpr std::size_t kRows = 8;
constexpr std::size_t kBytes = 64;

FACESEARCH_AVX2 __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

// Two sums of neighbours, of x and of y, in turn, in each half.
FACESEARCH_AVX2 __m256i add_pairs(__m256i x, __m256i y) {
  return _mm256_add_epi32(_mm256_unpacklo_epi32(x, y), _mm256_unpackhi_epi32(x, y));
}

FACESEARCH_AVX2 __m256i add_fours(__m256i xy, __m256i zw) {
  return _mm256_add_epi32(_mm256_unpacklo_epi64(xy, zw), _mm256_unpackhi_epi64(xy, zw));
}

FACESEARCH_AVX2 __m256i add_halves(__m256i low, __m256i high) {
  return _mm256_add_epi32(_mm256_permute2x128_si256(low, high, 0x20),
                          _mm256_permute2x128_si256(low, high, 0x31));
}

// Adds the products of 64 bytes. Nothing saturates: the four codes of the probe that come together in one of
// the sums of 16 bits have magnitudes of at most 128 together (ProbeCodes).
FACESEARCH_AVX2 __m256i add_products(__m256i sum, const std::uint8_t* row, __m256i low, __m256i high) {
  const __m256i fours =
      _mm256_add_epi16(_mm256_maddubs_epi16(load(row), low), _mm256_maddubs_epi16(load(row + 32), high));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(fours, _mm256_set1_epi16(1)));
}

// Σ byte × probe code of four rows, a part of each in each half.
FACESEARCH_AVX2 __m256i four_rows(const std::uint8_t* codes, std::size_t stride, const std::int8_t* probe) {
  __m256i a = _mm256_setzero_si256();
  __m256i b = a;
  __m256i c = a;
  __m256i d = a;
  for (std::size_t at = 0; at < stride; at += kBytes) {
    const __m256i low = load(probe + at);
    const __m256i high = load(probe + at + 32);
    const std::uint8_t* row = codes + at;
    a = add_products(a, row, low, high);
    b = add_products(b, row + stride, low, high);
    c = add_products(c, row + 2 * stride, low, high);
    d = add_products(d, row + 3 * stride, low, high);
  }
  return add_fours(add_pairs(a, b), add_pairs(c, d));
}

FACESEARCH_AVX2 __m256i dot_products(const std::uint8_t* codes, std::size_t stride,
                                     const std::int8_t* probe) {
  return add_halves(four_rows(codes, stride, probe), four_rows(codes + 4 * stride, stride, probe));
}

FACESEARCH_AVX2 std::uint64_t bits(__m256 mask) {
  return static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_ps(mask)));
}

// With a stride that the compiler knows, a fifth of the work is gone; 0: that of the rows.
template <std::size_t kStride>
FACESEARCH_AVX2 RowMarks mark_rows(const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds,
                                   std::int32_t* dots) {
  const std::size_t stride = kStride != 0 ? kStride : rows.stride;
  const __m256i offset = _mm256_set1_epi32(probe.offset);
  const __m256 dot_scale = _mm256_set1_ps(bounds.dot_scale);
  const __m256 per_error = _mm256_set1_ps(bounds.per_error);
  const __m256 base = _mm256_set1_ps(bounds.base);
  RowMarks marks;
  std::size_t row = 0;
  for (; row + kRows <= rows.count; row += kRows) {
    read_ahead(rows, row, kRows);
    const __m256i dot =
        _mm256_sub_epi32(dot_products(rows.codes + row * stride, stride, probe.codes.data()), offset);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(dots + row), dot);
    const __m256 cosine =
        _mm256_mul_ps(_mm256_loadu_ps(rows.scales + row), _mm256_mul_ps(dot_scale, _mm256_cvtepi32_ps(dot)));
    const __m256 off = _mm256_add_ps(_mm256_mul_ps(_mm256_loadu_ps(rows.errors + row), per_error), base);
    const __m256 upper = _mm256_add_ps(cosine, off);
    const __m256 lower = _mm256_sub_ps(cosine, off);
    const auto reach = bits(_mm256_cmp_ps(upper, _mm256_set1_ps(bounds.reach), _CMP_GE_OQ));
    const auto open = bits(_mm256_cmp_ps(upper, _mm256_set1_ps(bounds.match_open), _CMP_GE_OQ));
    const auto sure = bits(_mm256_cmp_ps(lower, _mm256_set1_ps(bounds.match_sure), _CMP_GE_OQ));
    marks.wanted |= (reach | (open & ~sure)) << row;
    marks.sure |= sure << row;
  }
  mark_rest(row, rows, probe, bounds, dots, marks);
  return marks;
}

}  // namespace

__attribute__((target("avx2"), noinline)) RowMarks avx2_row_kernel(const RowGroup& rows,
                                                                   const ProbeCodes& probe,
                                                                   const RowBounds& bounds,
                                                                   std::int32_t* dots) {
  constexpr std::size_t kMostUsed = 128;
  return rows.stride == kMostUsed ? mark_rows<kMostUsed>(rows, probe, bounds, dots)
                                  : mark_rows<0>(rows, probe, bounds, dots);
}

}  // namespace facesearch
#endif

// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/row_kernel.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

// An attribute and not an option for the file: see avx2_kernel.cpp.
#define FACESEARCH_VNNI __attribute__((target("avx512f,avx512vnni"), always_inline)) inline

namespace facesearch {
namespace {

constexpr std::size_t kRows = 16;
constexpr std::size_t kBytes = 64;

FACESEARCH_VNNI __m512i add_pairs(__m512i x, __m512i y) {
  return _mm512_add_epi32(_mm512_unpacklo_epi32(x, y), _mm512_unpackhi_epi32(x, y));
}

FACESEARCH_VNNI __m512i add_fours(__m512i xy, __m512i zw) {
  return _mm512_add_epi32(_mm512_unpacklo_epi64(xy, zw), _mm512_unpackhi_epi64(xy, zw));
}

// The sums of four rows are in each quarter; of two such registers, the sums of their halves.
FACESEARCH_VNNI __m512i add_quarters(__m512i low, __m512i high) {
  constexpr int kEven = 0x88;
  constexpr int kOdd = 0xdd;
  return _mm512_add_epi32(_mm512_shuffle_i32x4(low, high, kEven), _mm512_shuffle_i32x4(low, high, kOdd));
}

// Σ byte × probe code of four rows, a part of each in every quarter. Four at a time: the addresses and sums
// of sixteen do not fit into the registers.
FACESEARCH_VNNI __m512i four_rows(const std::uint8_t* codes, std::size_t stride, const std::int8_t* probe) {
  __m512i a = _mm512_setzero_si512();
  __m512i b = a;
  __m512i c = a;
  __m512i d = a;
  for (std::size_t at = 0; at < stride; at += kBytes) {
    const __m512i values = _mm512_loadu_si512(probe + at);
    const std::uint8_t* row = codes + at;
    a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(row), values);
    b = _mm512_dpbusd_epi32(b, _mm512_loadu_si512(row + stride), values);
    c = _mm512_dpbusd_epi32(c, _mm512_loadu_si512(row + 2 * stride), values);
    d = _mm512_dpbusd_epi32(d, _mm512_loadu_si512(row + 3 * stride), values);
  }
  return add_fours(add_pairs(a, b), add_pairs(c, d));
}

FACESEARCH_VNNI __m512i dot_products(const std::uint8_t* codes, std::size_t stride,
                                     const std::int8_t* probe) {
  const std::size_t four = 4 * stride;
  return add_quarters(
      add_quarters(four_rows(codes, stride, probe), four_rows(codes + four, stride, probe)),
      add_quarters(four_rows(codes + 2 * four, stride, probe), four_rows(codes + 3 * four, stride, probe)));
}

// With a stride that the compiler knows, a fifth of the work is gone; 0: that of the rows.
template <std::size_t kStride>
FACESEARCH_VNNI RowMarks mark_rows(const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds,
                                   std::int32_t* dots) {
  const std::size_t stride = kStride != 0 ? kStride : rows.stride;
  const __m512i offset = _mm512_set1_epi32(probe.offset);
  const __m512 dot_scale = _mm512_set1_ps(bounds.dot_scale);
  const __m512 per_error = _mm512_set1_ps(bounds.per_error);
  const __m512 base = _mm512_set1_ps(bounds.base);
  RowMarks marks;
  std::size_t row = 0;
  for (; row + kRows <= rows.count; row += kRows) {
    read_ahead(rows, row, kRows);
    const __m512i dot =
        _mm512_sub_epi32(dot_products(rows.codes + row * stride, stride, probe.codes.data()), offset);
    _mm512_storeu_si512(dots + row, dot);
    const __m512 cosine =
        _mm512_mul_ps(_mm512_loadu_ps(rows.scales + row), _mm512_mul_ps(dot_scale, _mm512_cvtepi32_ps(dot)));
    const __m512 off = _mm512_add_ps(_mm512_mul_ps(_mm512_loadu_ps(rows.errors + row), per_error), base);
    const __m512 upper = _mm512_add_ps(cosine, off);
    const __m512 lower = _mm512_sub_ps(cosine, off);
    const std::uint64_t reach = _mm512_cmp_ps_mask(upper, _mm512_set1_ps(bounds.reach), _CMP_GE_OQ);
    const std::uint64_t open = _mm512_cmp_ps_mask(upper, _mm512_set1_ps(bounds.match_open), _CMP_GE_OQ);
    const std::uint64_t sure = _mm512_cmp_ps_mask(lower, _mm512_set1_ps(bounds.match_sure), _CMP_GE_OQ);
    marks.wanted |= (reach | (open & ~sure)) << row;
    marks.sure |= sure << row;
  }
  mark_rest(row, rows, probe, bounds, dots, marks);
  return marks;
}

}  // namespace

__attribute__((target("avx512f,avx512vnni"), noinline)) RowMarks vnni_row_kernel(const RowGroup& rows,
                                                                                 const ProbeCodes& probe,
                                                                                 const RowBounds& bounds,
                                                                                 std::int32_t* dots) {
  constexpr std::size_t kMostUsed = 128;
  return rows.stride == kMostUsed ? mark_rows<kMostUsed>(rows, probe, bounds, dots)
                                  : mark_rows<0>(rows, probe, bounds, dots);
}

}  // namespace facesearch
#endif

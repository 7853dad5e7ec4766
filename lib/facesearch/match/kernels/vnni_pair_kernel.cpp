// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/pair_kernel.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <cstring>

// An attribute and not an option for the file: see avx2_kernel.cpp.
#define FACESEARCH_VNNI __attribute__((target("avx512f,avx512vnni"), always_inline)) inline

namespace facesearch {
namespace {

constexpr std::size_t kLanes = 16;                       // rows of one register
constexpr std::size_t kRegisters = kGroupRows / kLanes;  // of one group
constexpr std::size_t kProbes = 6;  // 24 sums, four registers of rows and a probe's bytes
constexpr std::size_t kFour = 4;    // bytes that one instruction adds up

// Puts four bytes of sixteen rows side by side, so that every sum stays in its lane: no row's parts have to
// be gathered at the end. Rows that are not there are zero.
void pack(const RowGroup& rows, std::uint8_t* room) {
  if (rows.count < kGroupRows) std::memset(room, 0, kGroupRows * rows.stride);
  for (std::size_t row = 0; row < rows.count; ++row) {
    const std::uint8_t* from = rows.codes + row * rows.stride;
    std::uint8_t* to = room + row * kFour;
    for (std::size_t at = 0; at < rows.stride; at += kFour)
      std::memcpy(to + at * kGroupRows, from + at, kFour);
  }
}

// The scales and errors of a group.
struct Lanes {
  __m512 scale[kRegisters];
  __m512 error[kRegisters];
};

FACESEARCH_VNNI __m512 load_some(const float* from, std::size_t count) {
  const auto mask = count >= kLanes ? 0xFFFFU : (1U << count) - 1;
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), from);
}

FACESEARCH_VNNI RowMarks marks_of(const std::int32_t* dots, const Lanes& lanes, const RowBounds& bounds) {
  const __m512 dot_scale = _mm512_set1_ps(bounds.dot_scale);
  const __m512 per_error = _mm512_set1_ps(bounds.per_error);
  const __m512 base = _mm512_set1_ps(bounds.base);
  RowMarks marks;
  for (std::size_t i = 0; i < kRegisters; ++i) {
    const __m512 dot = _mm512_cvtepi32_ps(_mm512_load_si512(dots + i * kLanes));
    const __m512 cosine = _mm512_mul_ps(lanes.scale[i], _mm512_mul_ps(dot_scale, dot));
    const __m512 off = _mm512_add_ps(_mm512_mul_ps(lanes.error[i], per_error), base);
    const __m512 upper = _mm512_add_ps(cosine, off);
    const std::uint64_t reach = _mm512_cmp_ps_mask(upper, _mm512_set1_ps(bounds.reach), _CMP_GE_OQ);
    const std::uint64_t open = _mm512_cmp_ps_mask(upper, _mm512_set1_ps(bounds.match_open), _CMP_GE_OQ);
    if ((reach | open) == 0) continue;
    const __m512 lower = _mm512_sub_ps(cosine, off);
    const std::uint64_t sure = _mm512_cmp_ps_mask(lower, _mm512_set1_ps(bounds.match_sure), _CMP_GE_OQ);
    marks.wanted |= (reach | (open & ~sure)) << (i * kLanes);
    marks.sure |= sure << (i * kLanes);
  }
  return marks;
}

template <std::size_t kCount>
FACESEARCH_VNNI void mark_probes(const std::uint8_t* packed, std::size_t stride, const Lanes& lanes,
                                 const ProbeCodes* probes, const RowBounds* bounds, std::uint64_t there,
                                 RowMarks* marks) {
  __m512i sums[kCount][kRegisters];
  const std::int8_t* codes[kCount];
#pragma GCC unroll 8
  for (std::size_t p = 0; p < kCount; ++p) {
    codes[p] = probes[p].codes.data();
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRegisters; ++i) sums[p][i] = _mm512_set1_epi32(-probes[p].offset);
  }
  for (std::size_t at = 0; at < stride; at += kFour, packed += kGroupRows * kFour) {
    __m512i rows[kRegisters];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRegisters; ++i) rows[i] = _mm512_load_si512(packed + i * kLanes * kFour);
#pragma GCC unroll 8
    for (std::size_t p = 0; p < kCount; ++p) {
      std::int32_t four = 0;
      std::memcpy(&four, codes[p] + at, kFour);
      const __m512i values = _mm512_set1_epi32(four);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kRegisters; ++i) {
        sums[p][i] = _mm512_dpbusd_epi32(sums[p][i], rows[i], values);
      }
    }
  }
  // By way of memory: sums whose address is taken would be written there in every turn.
  alignas(64) std::int32_t dots[kCount][kGroupRows];
#pragma GCC unroll 8
  for (std::size_t p = 0; p < kCount; ++p) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kRegisters; ++i) _mm512_store_si512(&dots[p][i * kLanes], sums[p][i]);
  }
  for (std::size_t p = 0; p < kCount; ++p) {
    marks[p] = marks_of(dots[p], lanes, bounds[p]);
    marks[p].wanted &= there;
    marks[p].sure &= there;
  }
}

}  // namespace

__attribute__((target("avx512f,avx512vnni"), noinline)) void vnni_pair_kernel(
    const RowGroup& rows, std::span<const ProbeCodes> probes, std::span<const RowBounds> bounds,
    RowMarks* marks, std::uint8_t* room) {
  pack(rows, room);
  Lanes lanes;
  for (std::size_t i = 0; i < kRegisters; ++i) {
    const std::size_t first = std::min(i * kLanes, rows.count);
    lanes.scale[i] = load_some(rows.scales + first, rows.count - first);
    lanes.error[i] = load_some(rows.errors + first, rows.count - first);
  }
  const std::uint64_t there =
      rows.count == kGroupRows ? ~std::uint64_t{0} : (std::uint64_t{1} << rows.count) - 1;
  std::size_t i = 0;
  for (; i + kProbes <= probes.size(); i += kProbes) {
    mark_probes<kProbes>(room, rows.stride, lanes, &probes[i], &bounds[i], there, marks + i);
  }
  for (; i < probes.size(); ++i) {
    mark_probes<1>(room, rows.stride, lanes, &probes[i], &bounds[i], there, marks + i);
  }
}

}  // namespace facesearch
#endif

// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "facesearch/match/kernels/kernel.hpp"
#include "facesearch/match/kernels/probe_codes.hpp"

namespace facesearch {

/// As many rows as one call of a kernel looks at; one word of marks.
inline constexpr std::size_t kGroupRows = 64;

/// Neighbouring rows of codes, for a row kernel 1 ≤ count ≤ kGroupRows. Borrowed memory, of any alignment.
struct RowGroup {
  const std::uint8_t* codes = nullptr;  ///< count × stride bytes, each a code + 128
  std::size_t stride = 0;               ///< a multiple of 64
  std::size_t count = 0;
  const float* scales = nullptr;  ///< count
  const float* errors = nullptr;  ///< count
  std::size_t coming =
      0;  ///< bytes of codes from `codes` on that are soon read from memory; 0: all are in cache
};

/// What a row's cosine is held against. It lies within error × per_error + base of
/// row scale × (dot_scale × dot), computed in float.
struct RowBounds {
  float dot_scale = 0;
  float per_error = 0;
  float base = 0;
  float reach = 0;       ///< rows that may reach it are wanted
  float match_open = 0;  ///< rows that may reach this …
  float match_sure = 0;  ///< … and do not surely reach this are wanted too; match_open ≤ match_sure
};

/// Bit i is of row i; bits past the rows are 0.
struct RowMarks {
  std::uint64_t wanted = 0;
  std::uint64_t sure = 0;  ///< surely at or above match_sure
};

/// What a row is found to be, by the formulas of every kernel.
struct RowFinding {
  bool wanted = false;
  bool sure = false;
};

inline RowFinding find_row(const RowBounds& bounds, float scale, float error, std::int32_t dot) {
  const float cosine = scale * (bounds.dot_scale * static_cast<float>(dot));
  const float off = error * bounds.per_error + bounds.base;
  const bool sure = cosine - off >= bounds.match_sure;
  const bool reaches = cosine + off >= bounds.reach;
  const bool is_open = cosine + off >= bounds.match_open;
  return {reaches || (is_open && !sure), sure};
}

/// A kernel writes Σ code × probe code of each row to `dots`, which has room for count numbers: the same with
/// every kernel. The floats that the marks are made of may differ in their last digits.
using RowKernel = RowMarks (*)(const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds,
                               std::int32_t* dots);

/// The function of a kernel that is available; throws Error(kInternal) where it is not. With one probe
/// reading rows is all that costs time, so not every kernel has a function of its own.
RowKernel row_kernel(Kernel kernel);

RowMarks scalar_row_kernel(const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds,
                           std::int32_t* dots);
#if defined(__x86_64__)
RowMarks avx2_row_kernel(const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds,
                         std::int32_t* dots);
RowMarks vnni_row_kernel(const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds,
                         std::int32_t* dots);
#endif

/// Asks memory for as many bytes as `count` rows have, some rows behind `row`: without it a processor waits
/// for each of them, as its own foresight ends with each page and the work between two loads is too long.
inline void read_ahead(const RowGroup& rows, std::size_t row, std::size_t count) {
  constexpr std::size_t kRowsAhead = 32;
  constexpr std::size_t kLine = 64;
  const std::size_t begin = (row + kRowsAhead) * rows.stride;
  const std::size_t end = std::min(begin + count * rows.stride, rows.coming);
  for (std::size_t at = begin; at < end; at += kLine) __builtin_prefetch(rows.codes + at);
}

/// Adds the marks of the rows from `first` on, which a kernel's wide steps leave over, with the scalar
/// kernel.
void mark_rest(std::size_t first, const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds,
               std::int32_t* dots, RowMarks& marks);

}  // namespace facesearch

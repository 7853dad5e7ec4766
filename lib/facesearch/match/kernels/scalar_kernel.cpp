// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/row_kernel.hpp"

namespace facesearch {

RowMarks scalar_row_kernel(const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds,
                           std::int32_t* dots) {
  RowMarks marks;
  for (std::size_t row = 0; row < rows.count; ++row) {
    const std::uint8_t* codes = rows.codes + row * rows.stride;
    std::int32_t dot = -probe.offset;
    for (std::size_t i = 0; i < rows.stride; ++i) dot += codes[i] * probe.codes[i];
    dots[row] = dot;
    const RowFinding found = find_row(bounds, rows.scales[row], rows.errors[row], dot);
    const std::uint64_t bit = std::uint64_t{1} << row;
    if (found.sure) marks.sure |= bit;
    if (found.wanted) marks.wanted |= bit;
  }
  return marks;
}

void mark_rest(std::size_t first, const RowGroup& rows, const ProbeCodes& probe, const RowBounds& bounds,
               std::int32_t* dots, RowMarks& marks) {
  if (first == rows.count) return;
  const RowGroup rest{rows.codes + first * rows.stride, rows.stride, rows.count - first, rows.scales + first,
                      rows.errors + first};
  const RowMarks more = scalar_row_kernel(rest, probe, bounds, dots + first);
  marks.wanted |= more.wanted << first;
  marks.sure |= more.sure << first;
}

}  // namespace facesearch

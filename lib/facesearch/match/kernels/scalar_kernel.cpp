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
    const float cosine = rows.scales[row] * (bounds.dot_scale * static_cast<float>(dot));
    const float off = rows.errors[row] * bounds.per_error + bounds.base;
    const bool sure = cosine - off >= bounds.match_sure;
    const bool wanted = cosine + off >= bounds.reach || (!sure && cosine + off >= bounds.match_open);
    const std::uint64_t bit = std::uint64_t{1} << row;
    if (sure) marks.sure |= bit;
    if (wanted) marks.wanted |= bit;
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

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace facesearch {

/// Bytes from one row of codes to the next: `dimension` rounded up to a multiple of 64.
constexpr std::size_t code_stride(std::size_t dimension) {
  return (dimension + 63) / 64 * 64;
}

/// The meaning of codes: value i ≈ scale × (codes[i] − 128). The Euclidean distance of the two vectors is at
/// most `error` (computed in double, rounded up).
struct CodeScale {
  float scale = 0;
  float error = 0;
};

/// Writes one byte for each value: 128 + round(value / scale), the rounded number in [−127, 127], where scale
/// is the largest magnitude / 127. `codes` has code_stride(values.size()) bytes; those after the values
/// become 128. Throws Error(kInternal) if it has another length. `values` are finite, in practice of norm 1.
CodeScale encode_template(std::span<const float> values, std::span<std::uint8_t> codes);

/// One block of rows as a scan reads it; row i belongs to slot first_slot + i. Borrowed memory.
struct CodeBlock {
  std::uint64_t first_slot = 0;
  std::size_t rows = 0;                 ///< in the block, live or not
  std::size_t stride = 0;               ///< code_stride of the templates
  const std::uint8_t* codes = nullptr;  ///< rows × stride bytes; any alignment is correct, 64 is fast
  const float* scales = nullptr;        ///< one a row
  const float* errors = nullptr;        ///< one a row
  const std::uint64_t* live = nullptr;  ///< row i: bit i % 64 of word i / 64; bits past the rows are not read
  const std::uint32_t* expires =
      nullptr;  ///< seconds since 1970, 0: never; null: no row of the block expires
};

}  // namespace facesearch

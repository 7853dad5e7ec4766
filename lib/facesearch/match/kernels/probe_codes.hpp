// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace facesearch {

/// A probe as kernels read it: value i ≈ scale × codes[i]. The codes at 64 j + 2 k + {0, 1, 32, 33}, k < 16,
/// have magnitudes of at most 128 together, so that the sum of their products with four bytes fits into 16
/// bits, in which AVX2 adds them: a digit less of the probe for half of the multiplications.
struct ProbeCodes {
  std::vector<std::int8_t> codes;  ///< code_stride of them, 0 past the values
  std::int32_t offset = 0;         ///< 128 × the sum of the codes
  float scale = 0;
  double norm = 0;   ///< Euclidean norm of scale × codes, rounded up
  double error = 0;  ///< the probe's distance from scale × codes, rounded up
};

/// `probe` is of norm 1.
ProbeCodes encode_probe(std::span<const float> probe);

}  // namespace facesearch

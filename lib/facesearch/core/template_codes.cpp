// SPDX-License-Identifier: MIT
#include "facesearch/core/template_codes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

constexpr double kLargestCode = 127;
constexpr int kZero = 128;

// Values too small for a scale with all its digits are coded as 0, which the error then says.
float scale_of(std::span<const float> values) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  const auto scale = static_cast<float>(static_cast<double>(largest) / kLargestCode);
  return scale >= std::numeric_limits<float>::min() ? scale : 0;
}

// The nearest whole number, ties to even, without a call: below 2⁵¹ a sum with 1.5 × 2⁵² has no digit behind
// the point. The clamp holds what rounding the scale down may have put past 127.
double code_of(float value, float scale) {
  constexpr double kNoFraction = 1.5 * (1ULL << 52U);
  if (scale == 0) return 0;
  const double code = static_cast<double>(value) / static_cast<double>(scale);
  return std::clamp(code + kNoFraction - kNoFraction, -kLargestCode, kLargestCode);
}

float rounded_up(double value) {
  return value == 0 ? 0 : std::nextafter(static_cast<float>(value), std::numeric_limits<float>::infinity());
}

}  // namespace

CodeScale encode_template(std::span<const float> values, std::span<std::uint8_t> codes) {
  if (codes.size() != code_stride(values.size())) {
    throw Error(Cause::kInternal, "INTERNAL", "the codes of a template were given the wrong room");
  }
  const float scale = scale_of(values);
  // Four sums that do not wait for each other.
  constexpr std::size_t kSums = 4;
  double squares[kSums] = {};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double code = code_of(values[i], scale);
    codes[i] = static_cast<std::uint8_t>(static_cast<int>(code) + kZero);
    const double off = static_cast<double>(values[i]) - static_cast<double>(scale) * code;
    squares[i % kSums] += off * off;
  }
  const double square = squares[0] + squares[1] + squares[2] + squares[3];
  std::fill(codes.begin() + static_cast<std::ptrdiff_t>(values.size()), codes.end(),
            static_cast<std::uint8_t>(kZero));
  // scale × code is exact in double; each `off`, its square and the sum lose at most (n + 4) × 2⁻⁵³ of the
  // square, which 10⁻⁹ covers for any n that fits into memory.
  constexpr double kRounding = 1 + 1e-9;
  return {scale, rounded_up(std::sqrt(square) * kRounding)};
}

}  // namespace facesearch

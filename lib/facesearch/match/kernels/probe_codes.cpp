// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/probe_codes.hpp"

#include <algorithm>
#include <cmath>

#include "facesearch/core/template_codes.hpp"

namespace facesearch {
namespace {

constexpr std::int32_t kBias = 128;  // of a row's codes

// Four codes that are added in 16 bits come to at most 126 together before they are rounded, so to 128 after.
float scale_of(std::span<const float> probe) {
  constexpr double kLargestSum = 126;
  const auto magnitude = [&](std::size_t i) {
    return i < probe.size() ? std::abs(static_cast<double>(probe[i])) : 0;
  };
  double largest = 0;
  for (std::size_t i = 0; i < probe.size(); i += 2) {
    if (i % 64 >= 32) continue;
    largest = std::max(largest, magnitude(i) + magnitude(i + 1) + magnitude(i + 32) + magnitude(i + 33));
  }
  return static_cast<float>(largest / kLargestSum);
}

}  // namespace

ProbeCodes encode_probe(std::span<const float> probe) {
  ProbeCodes result;
  result.codes.resize(code_stride(probe.size()));
  result.scale = scale_of(probe);
  const auto scale = static_cast<double>(result.scale);
  double norm = 0;
  double error = 0;
  for (std::size_t i = 0; i < probe.size(); ++i) {
    const auto value = static_cast<double>(probe[i]);
    const double code = std::nearbyint(value / scale);
    result.codes[i] = static_cast<std::int8_t>(code);
    result.offset += kBias * result.codes[i];
    norm += code * code;
    error += (value - scale * code) * (value - scale * code);
  }
  // As in encode_template, with what the square roots and products round.
  constexpr double kRounding = 1 + 1e-9;
  result.norm = scale * std::sqrt(norm) * kRounding;
  result.error = std::sqrt(error) * kRounding;
  return result;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/match/probe_codes.hpp"

#include <algorithm>
#include <cmath>

#include "facesearch/core/template_codes.hpp"

namespace facesearch {
namespace {

constexpr double kLargestCode = 127;
constexpr std::int32_t kBias = 128;  // of a row's codes

// Two neighbours together come to at most 127 before they are rounded, so to 128 after.
float scale_of(std::span<const float> probe) {
  double largest = 0;
  for (std::size_t i = 0; i < probe.size(); i += 2) {
    double pair = std::abs(static_cast<double>(probe[i]));
    if (i + 1 < probe.size()) pair += std::abs(static_cast<double>(probe[i + 1]));
    largest = std::max(largest, pair);
  }
  return static_cast<float>(largest / kLargestCode);
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
    const double code = std::clamp(std::nearbyint(value / scale), -kLargestCode, kLargestCode);
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

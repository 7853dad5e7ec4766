// SPDX-License-Identifier: MIT
#include "facesearch/core/template.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

double norm(std::span<const float> values) {
  double square = 0;
  for (const float value : values) square += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(square);
}

// The same except for the last digits, and faster: four sums that do not depend on each other.
double quick_norm(std::span<const float> values) {
  constexpr std::size_t kSums = 4;
  double squares[kSums] = {};
  for (std::size_t i = 0; i < values.size(); ++i) {
    squares[i % kSums] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  }
  return std::sqrt(squares[0] + squares[1] + squares[2] + squares[3]);
}

bool is_unit_length(double length) {
  return std::abs(length - 1) <= 1e-6;
}

// Products of two floats are exact in double, so a fused multiply-add changes no bit of the sum.
double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

// A sum of unit vectors that is shorter has no direction that says anything.
constexpr double kShortestSum = 1e-3;

}  // namespace

double exact_cosine(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) {
    throw Error(Cause::kInternal, "INTERNAL", "two templates of different length were compared");
  }
  // The product of two floats is exact in double, so a fused multiply-add changes nothing; eight sums in a
  // fixed order leave the compiler free to use vectors without changing a digit.
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> sums{};
  const std::size_t whole = a.size() - a.size() % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
    }
  }
  for (std::size_t i = whole; i < a.size(); ++i) {
    sums[i - whole] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

bool is_unit(std::span<const float> values) {
  return is_unit_length(quick_norm(values));
}

Template normalised(Template values) {
  const double length = norm(values);
  if (!std::isfinite(length) || length < 1e-12) {
    throw Error(Cause::kInternal, "INTERNAL",
                "the network answered a face with a template that has no length");
  }
  for (float& value : values) value = static_cast<float>(value / length);
  return values;
}

void TemplateMean::add(std::span<const float> values) {
  for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += static_cast<double>(values[i]);
  ++count_;
}

std::vector<float> TemplateMean::rounded() const {
  std::vector<float> values(sum_.size());
  for (std::size_t i = 0; i < sum_.size(); ++i) values[i] = static_cast<float>(sum_[i]);
  return values;
}

std::optional<Template> TemplateMean::take() const {
  Template values = rounded();
  const double length = std::sqrt(dot(values, values));
  if (!(length >= kShortestSum)) return std::nullopt;
  for (float& value : values) value = static_cast<float>(static_cast<double>(value) / length);
  return values;
}

double TemplateMean::cosine_to_others(std::span<const float> values) const {
  const std::vector<float> sum = rounded();
  const double with_all = dot(sum, values);
  const double own = dot(values, values);
  const double square = dot(sum, sum) - 2 * with_all + own;  // of the length of the others' sum
  if (!(square >= kShortestSum * kShortestSum)) return -1;
  return (with_all - own) / std::sqrt(square);
}

void require_template(const Template& values, int dimension) {
  const auto refuse = [](std::string why) {
    throw Error(Cause::kInvalidValue, "TEMPLATE_INVALID", std::move(why));
  };
  if (values.size() != static_cast<std::size_t>(dimension)) {
    refuse(fmt::format("the template has {} numbers, those of its model have {}", values.size(), dimension));
  }
  const double length = quick_norm(values);
  if (!std::isfinite(length)) refuse("the template holds what is no finite number");
  if (!is_unit_length(length)) {
    refuse(fmt::format("the template has the length {:.8g}, not 1: it is not as it was extracted", length));
  }
}

}  // namespace facesearch

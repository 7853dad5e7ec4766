// SPDX-License-Identifier: MIT
#include "facesearch/core/template.hpp"

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

}  // namespace

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

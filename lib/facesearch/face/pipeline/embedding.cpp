// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/embedding.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch {

namespace {

constexpr double kLeastSquare = 1e-24;

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Template lifted(const Template& values, const SphereSpec& sphere) {
  std::vector<double> axis(sphere.centre.begin(), sphere.centre.end());
  const double length = std::sqrt(dot(axis, axis));
  std::vector<double> kept(values.begin(), values.end());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i] -= axis[i];
    axis[i] /= length;
  }
  const double along = dot(kept, axis);
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] -= along * axis[i];
  const double size = std::sqrt(dot(kept, kept));
  const double share = size > sphere.radius ? sphere.radius / size : 1;
  const double height = std::sqrt(std::max(0.0, sphere.radius * sphere.radius - share * size * share * size));
  Template place;
  for (std::size_t i = 0; i < kept.size(); ++i)
    place.push_back(static_cast<float>(share * kept[i] + height * axis[i]));
  return normalised(std::move(place));
}

// A broken network answers every picture so: it is named, and no template is made of it.
void require_length(std::span<const float> answer, const EmbedderSpec& spec) {
  double square = 0;
  for (const float value : answer) square += double{value} * double{value};
  if (std::isfinite(square) && square > kLeastSquare) return;
  throw Error(Cause::kModelMissing, reason::kModelUnusable,
              fmt::format("the network {} cannot be used: its answer to a face {}", spec.network.file,
                          std::isfinite(square) ? "has no length" : "holds what is no number"));
}

}  // namespace

Template template_of(std::span<const float> answer, const EmbedderSpec& spec) {
  require_length(answer, spec);
  Template values = normalised({answer.begin(), answer.end()});
  return spec.sphere ? lifted(values, *spec.sphere) : values;
}

Template mean_of_sides(Template one, const Template& other) {
  std::transform(one.begin(), one.end(), other.begin(), one.begin(), std::plus<>());
  return normalised(std::move(one));
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "face_like.hpp"

#include <cmath>
#include <utility>

namespace {

constexpr double kLastVariance = 0.1;  // of the first
constexpr double kMean = 0.27;         // of the standard deviation in all directions together
constexpr float kPhotograph = 0.816F;  // what a photograph adds to its person: 1 / (1 + 0.816²) = 0.6

void make_unit(std::vector<double>& values) {
  double square = 0;
  for (const double value : values) square += value * value;
  for (double& value : values) value /= std::sqrt(square);
}

// Orthogonal directions, by Gram and Schmidt.
std::vector<std::vector<double>> directions(std::size_t dimension, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> all;
  while (all.size() < dimension) {
    std::vector<double> next(dimension);
    for (double& value : next) value = normal(random);
    for (const auto& other : all) {
      double product = 0;
      for (std::size_t i = 0; i < dimension; ++i) product += next[i] * other[i];
      for (std::size_t i = 0; i < dimension; ++i) next[i] -= product * other[i];
    }
    make_unit(next);
    all.push_back(std::move(next));
  }
  return all;
}

}  // namespace

FaceLike::FaceLike(std::size_t dimension, std::uint64_t seed) : random_(seed) {
  std::mt19937_64 shape(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same axes for every seed
  const auto axes = directions(dimension, shape);
  double variance = 0;
  for (std::size_t i = 0; i < dimension; ++i) {
    const double of_axis = std::pow(kLastVariance, static_cast<double>(i) / static_cast<double>(dimension));
    variance += of_axis;
    for (const double value : axes[i]) axes_.push_back(static_cast<float>(value * std::sqrt(of_axis)));
  }
  std::vector<double> mean(dimension);
  std::normal_distribution<double> normal;
  for (double& value : mean) value = normal(shape);
  make_unit(mean);
  for (const double value : mean) mean_.push_back(static_cast<float>(value * kMean * std::sqrt(variance)));
}

std::vector<float> FaceLike::drawn() {
  std::normal_distribution<float> normal;
  const std::size_t dimension = mean_.size();
  std::vector<float> values(dimension);
  for (std::size_t axis = 0; axis < dimension; ++axis) {
    const float along = normal(random_);
    for (std::size_t i = 0; i < dimension; ++i) values[i] += along * axes_[axis * dimension + i];
  }
  return values;
}

facesearch::Template FaceLike::person() {
  std::vector<float> values = drawn();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += mean_[i];
  return facesearch::normalised(std::move(values));
}

facesearch::Template FaceLike::photograph(const facesearch::Template& person) {
  std::vector<float> values = facesearch::normalised(drawn());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = person[i] + kPhotograph * values[i];
  return facesearch::normalised(std::move(values));
}

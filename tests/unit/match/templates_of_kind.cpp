// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "code_gallery.hpp"

namespace facesearch {
namespace {

Template normal_template(std::size_t dimension, std::mt19937& random) {
  std::normal_distribution<float> normal;
  Template values(dimension);
  for (float& value : values) value = normal(random) + 1e-6F;  // never without length
  return normalised(values);
}

// `base`, moved by about `distance`.
Template near(const Template& base, float distance, std::mt19937& random) {
  std::normal_distribution<float> normal(0, distance / std::sqrt(static_cast<float>(base.size())));
  Template values = base;
  for (float& value : values) value += normal(random);
  return normalised(values);
}

Template one_hot(std::size_t dimension, std::mt19937& random) {
  Template values(dimension);
  values[random() % dimension] = random() % 2 == 0 ? 1.0F : -1.0F;
  return values;
}

// Magnitudes from 1 down to what float just holds, and below.
Template wide_range(std::size_t dimension, std::mt19937& random) {
  std::uniform_real_distribution<float> exponent(-149, 0);
  Template values(dimension);
  for (float& value : values) value = std::exp2(exponent(random)) * (random() % 2 == 0 ? 1.0F : -1.0F);
  values[random() % dimension] = 1;
  return normalised(values);
}

// Every value of the same magnitude: the codes are all ±127, what comes together in 16 bits is the most.
Template flat(std::size_t dimension, bool signs, std::mt19937& random) {
  Template values(dimension, 1.0F);
  if (signs) {
    for (float& value : values) value = random() % 2 == 0 ? 1.0F : -1.0F;
  }
  return normalised(values);
}

// Whole numbers over a power of two, the largest of them 127, of norm exactly 1: codes hold them without any
// error, so that the rounding of sums is all that a bound is made of.
Template without_error(std::size_t dimension, std::mt19937& random) {
  if (dimension < 8) return normal_template(dimension, random);
  int left = 1 << 16;  // the squares of the numbers over 256
  Template values;
  while (values.size() < dimension) {
    const bool free = !values.empty() && dimension - values.size() > 24;
    const int most = std::min(127, static_cast<int>(std::sqrt(static_cast<double>(left))));
    const int number = free ? static_cast<int>(random() % 30) % (most + 1) : most;
    left -= number * number;
    values.push_back(static_cast<float>(random() % 2 == 0 ? number : -number) / 256);
  }
  std::shuffle(values.begin(), values.end(), random);
  return values;
}

}  // namespace

std::vector<Template> templates_of_kind(int kind, std::size_t count, std::size_t dimension,
                                        std::mt19937& random) {
  std::vector<Template> centres;
  for (int i = 0; i < 4; ++i) centres.push_back(normal_template(dimension, random));
  std::vector<Template> rows;
  while (rows.size() < count) {
    const Template& centre = centres[random() % centres.size()];
    switch (kind) {
      case 0:
        rows.push_back(normal_template(dimension, random));
        break;
      case 1:
        rows.push_back(near(centre, 0.7F, random));
        break;
      case 2:
        rows.push_back(centre);
        break;
      case 3:
        rows.push_back(near(centre, 1e-7F, random));
        break;
      case 4:
        rows.push_back(one_hot(dimension, random));
        break;
      case 5:
        rows.push_back(wide_range(dimension, random));
        break;
      case 6:
        rows.push_back(flat(dimension, random() % 2 == 0, random));
        break;
      case 7:
        rows.push_back(centre);
        for (float& value : rows.back()) value = random() % 2 == 0 ? value : -value;
        break;
      case 8:
        rows.push_back(without_error(dimension, random));
        break;
      default:
        rows.push_back(templates_of_kind(static_cast<int>(random() % 9), 1, dimension, random).front());
    }
  }
  return rows;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/face/embedding.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace facesearch {

Template template_of(std::span<const float> answer, const EmbedderSpec& spec) {
  Template values(answer.begin(), answer.end());
  if (!spec.offset.empty()) {
    std::transform(values.begin(), values.end(), spec.offset.begin(), values.begin(), std::minus<>());
  }
  return normalised(std::move(values));
}

Template mean_of_sides(Template one, const Template& other) {
  std::transform(one.begin(), one.end(), other.begin(), one.begin(), std::plus<>());
  return normalised(std::move(one));
}

}  // namespace facesearch

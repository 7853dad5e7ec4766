// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace facesearch {

/// The vector that an embedder computes from a face: `dimension` finite floats of Euclidean norm 1 (to 1e-6).
/// The cosine of two templates is their dot product. Biometric: never logged, never in an error text.
using Template = std::vector<float>;

/// The dot product of two equally long vectors, summed in double in a fixed order, so that it has the same
/// digits on every processor. Throws Error(kInternal) if they are not equally long.
double exact_cosine(std::span<const float> a, std::span<const float> b);

/// The values scaled to norm 1. Throws Error(kInternal) if they are not finite or their norm is 0.
Template normalised(Template values);

/// The mean of templates, scaled to norm 1. The order in which they are added counts for the last bits; the
/// processor does not, so that a mean can be compared with one that was made elsewhere.
class TemplateMean {
 public:
  explicit TemplateMean(std::size_t dimension) : sum_(dimension) {}

  /// `values` are as many as the dimension.
  void add(std::span<const float> values);

  std::size_t count() const { return count_; }

  /// None where the templates cancel each other out, or there are none.
  std::optional<Template> take() const;

  /// The cosine of a template that was added to the mean of the others; −1 where those have none.
  double cosine_to_others(std::span<const float> values) const;

 private:
  std::vector<float> rounded() const;

  std::vector<double> sum_;
  std::size_t count_ = 0;
};

/// True if the values are finite and their norm is 1 to 1e-6. The one rule for what may be stored or
/// compared.
bool is_unit(std::span<const float> values);

/// Checks values that a caller sent. Throws Error(kInvalidValue, TEMPLATE_INVALID) unless they are
/// `dimension` floats for which is_unit holds.
void require_template(const Template& values, int dimension);

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/row_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace facesearch {
namespace {

// With x a row's template, x̂ its codes × scale, |x − x̂| ≤ e, and q, q̂, |q − q̂| ≤ e_q of the probe:
//   ⟨x,q⟩ − ⟨x̂,q̂⟩ = ⟨x − x̂,q̂⟩ + ⟨x,q − q̂⟩, so the two differ by at most e·|q̂| + |x|·e_q   (a kernel's bound)
//   ⟨x,q⟩ − ⟨x̂,q⟩ = ⟨x − x̂,q⟩,              so the two differ by at most e·|q|                (ExactSearch's
//   refine)
//   and of two rows ⟨x,y⟩ − ⟨x̂,ŷ⟩ = ⟨x − x̂,y⟩ + ⟨x̂,y − ŷ⟩: at most e·|y| + (|x| + e)·e_y      (PairSearch's)
// (Cauchy–Schwarz). What rounding adds, for n ≤ 16384 values, |x|, |q| ≤ 1 + 10⁻⁶ (is_unit):
// * A row's scale is at most 1/127 and a probe's 2/126, a value is off by at most half of it (and the scale's
//   own rounding), so e < 0.51, e_q < 1.02, |x̂| < 1.52, |q̂| < 2.03 and |⟨x̂,q̂⟩| < 3.1.
// * exact_cosine: products of floats are exact in double; each of n additions errs by at most 2⁻⁵³ of the
//   sum of magnitudes, which is at most |x|·|q|: together n · 2⁻⁵³ · 1.00001 < 1.9 · 10⁻¹².
// * refine, in float, u = 2⁻²⁴: a product and n / 16 additions in each of 16 sums, and up to 15 products that
//   are left over in the first: together less than (n / 16 + 17) u · |x̂|·|q| < (n / 16 + 17) · 9.2 · 10⁻⁸,
//   and three roundings in double. PairSearch's sum is of whole numbers and exact.
// * a kernel, in float: ⟨x̂,q̂⟩ is made by a conversion and two products, 3.1 u · 3.1; the bound,
//   at most 0.51 · 2.03 + 1.03 < 2.1, by a product and a sum, 2.1 u · 2.1; their sum by one more, u · 5.2:
//   together < 20 u < 1.2 · 10⁻⁶. A fused multiply-add leaves roundings out.
constexpr double kFloatSlack = 2e-6;

// Far outside of any cosine and inside of float.
constexpr double kFar = 1e30;

}  // namespace

float rounded_down(double value) {
  value = std::clamp(value, -kFar, kFar);
  const auto result = static_cast<float>(value);
  return static_cast<double>(result) > value ? std::nextafter(result, -std::numeric_limits<float>::infinity())
                                             : result;
}

float rounded_up(double value) {
  return -rounded_down(-value);
}

RowBounds bounds_of(const ProbeCodes& probe, double min_cosine) {
  RowBounds bounds;
  bounds.dot_scale = probe.scale;
  bounds.per_error = rounded_up(probe.norm);
  bounds.base = rounded_up(kLongest * probe.error + kFloatSlack);
  bounds.match_open = rounded_down(min_cosine);
  bounds.match_sure = rounded_up(min_cosine);
  return bounds;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "facesearch/core/template.hpp"

/// The floor of exact searches by floats: every number of every row is multiplied with each probe's and added
/// up, in the best tiles we know, and no sum is looked at but to know the largest.
class FloatProduct {
 public:
  /// True if this processor has AVX2 and FMA, or AVX-512.
  static bool is_available();

  explicit FloatProduct(std::span<const facesearch::Template> probes);

  /// The largest product. `rows` are aligned to 64; those that fill no tile are left out.
  float run(std::span<const float> rows) const;

 private:
  static constexpr std::align_val_t kLine{64};
  struct Free {
    void operator()(float* values) const { operator delete[](values, kLine); }
  };

  std::size_t dimension_;
  std::size_t width_;  // probes of a panel
  std::size_t panels_;
  std::unique_ptr<float[], Free> values_;  // of a panel: all first values, all second ones, …
};

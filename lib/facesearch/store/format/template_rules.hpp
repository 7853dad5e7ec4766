// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

namespace facesearch::storage {

inline constexpr int kMaxDimension = 16'384;

/// Throws Error(kInvalidValue, TEMPLATE_INVALID) unless the template can be stored: `dimension` finite
/// numbers of norm 1.
void require_storable(std::span<const float> values, std::size_t dimension);

}  // namespace facesearch::storage

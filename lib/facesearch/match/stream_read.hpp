// SPDX-License-Identifier: MIT
#pragma once

#include <span>

namespace facesearch {

/// The sum of the floats, read once as fast as this processor reads memory: the floor that searches are held
/// against. The pointer is aligned to 64, the count a multiple of 128.
double read_once(std::span<const float> values);

}  // namespace facesearch

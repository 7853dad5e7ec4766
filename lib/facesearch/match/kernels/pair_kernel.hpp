// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

#include "facesearch/match/kernels/row_kernel.hpp"

namespace facesearch {

/// Marks a group's rows for each of many probes, `marks[i]` as a row kernel does for probes[i] and bounds[i].
/// `room` has kGroupRows × stride bytes, aligned to 64, and is written to.
using PairKernel = void (*)(const RowGroup& rows, std::span<const ProbeCodes> probes,
                            std::span<const RowBounds> bounds, RowMarks* marks, std::uint8_t* room);

/// The function of a kernel that is available; throws Error(kInternal) where it is not.
PairKernel pair_kernel(Kernel kernel);

#if defined(__x86_64__)
void vnni_pair_kernel(const RowGroup& rows, std::span<const ProbeCodes> probes,
                      std::span<const RowBounds> bounds, RowMarks* marks, std::uint8_t* room);
#endif

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/pair_kernel.hpp"

#include <array>

namespace facesearch {
namespace {

// The rows stay in cache while the probes pass over them.
template <RowKernel kRowKernel>
void one_by_one(const RowGroup& rows, std::span<const ProbeCodes> probes, std::span<const RowBounds> bounds,
                RowMarks* marks, std::uint8_t* /*room*/) {
  std::array<std::int32_t, kGroupRows>
      dots;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before read
  for (std::size_t i = 0; i < probes.size(); ++i) {
    marks[i] = kRowKernel(rows, probes[i], bounds[i], dots.data());
  }
}

}  // namespace

PairKernel pair_kernel(Kernel kernel) {
  (void)row_kernel(kernel);  // throws where it is not available
#if defined(__x86_64__)
  if (kernel == Kernel::kVnni) return vnni_pair_kernel;
  if (kernel == Kernel::kAvx2) return one_by_one<avx2_row_kernel>;
#endif
  return one_by_one<scalar_row_kernel>;
}

}  // namespace facesearch

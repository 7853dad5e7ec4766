// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/kernel.hpp"

#include <array>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/kernels/row_kernel.hpp"

namespace facesearch {
namespace {

constexpr std::array kAll{Kernel::kScalar, Kernel::kAvx2, Kernel::kVnni};

}  // namespace

std::span<const Kernel> all_kernels() {
  return kAll;
}

std::string_view name_of(Kernel kernel) {
  switch (kernel) {
    case Kernel::kScalar:
      return "scalar";
    case Kernel::kAvx2:
      return "avx2";
    case Kernel::kVnni:
      return "vnni";
  }
  return "";
}

std::optional<Kernel> kernel_named(std::string_view name) {
  for (const Kernel kernel : kAll) {
    if (name_of(kernel) == name) return kernel;
  }
  return std::nullopt;
}

// GCC's own table asks the operating system too whether it keeps the wide registers.
bool is_available(Kernel kernel) {
  if (kernel == Kernel::kScalar) return true;
#if defined(__x86_64__)
  if (kernel == Kernel::kAvx2) return __builtin_cpu_supports("avx2") != 0;
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
#else
  return false;
#endif
}

Kernel best_kernel() {
  Kernel best = Kernel::kScalar;
  for (const Kernel kernel : kAll) {
    if (is_available(kernel)) best = kernel;
  }
  return best;
}

RowKernel row_kernel(Kernel kernel) {
  if (!is_available(kernel)) {
    throw Error(Cause::kInternal, "INTERNAL",
                fmt::format("this processor does not have what the kernel {} needs", name_of(kernel)));
  }
#if defined(__x86_64__)
  if (kernel == Kernel::kVnni) return vnni_row_kernel;
  if (kernel == Kernel::kAvx2) return avx2_row_kernel;
#endif
  return scalar_row_kernel;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/match/kernels/kernel.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <array>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/kernels/row_kernel.hpp"

namespace facesearch {
namespace {

constexpr std::array kAll{Kernel::kScalar, Kernel::kAvx2, Kernel::kAvxVnni, Kernel::kVnni, Kernel::kAmx};

#if defined(__x86_64__)
struct Features {
  unsigned eax = 0;
  unsigned edx = 0;
};

// Of leaf 7; the compilers' own tables lack what is new.
Features features(unsigned subleaf) {
  Features found;
  unsigned ebx = 0;
  unsigned ecx = 0;
  if (__get_cpuid_count(7, subleaf, &found.eax, &ebx, &ecx, &found.edx) == 0) return {};
  return found;
}

bool has_avx_vnni() {
  constexpr unsigned kAvxVnniBit = 1U << 4U;
  return __builtin_cpu_supports("avx2") != 0 && (features(1).eax & kAvxVnniBit) != 0;
}

// A process may use the registers of AMX once it has asked Linux for permission (its documentation,
// arch/x86/xstate).
bool has_amx() {
  constexpr unsigned kTileBit = 1U << 24U;
  constexpr unsigned kInt8Bit = 1U << 25U;
  if ((features(0).edx & kTileBit) == 0 || (features(0).edx & kInt8Bit) == 0) return false;
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

// GCC's own table asks the operating system too whether it keeps the wide registers.
bool runs_here(Kernel kernel) {
  if (kernel == Kernel::kScalar) return true;
#if defined(__x86_64__)
  if (kernel == Kernel::kAvx2) return __builtin_cpu_supports("avx2") != 0;
  if (kernel == Kernel::kAvxVnni) return has_avx_vnni();
  const bool vnni = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
  return vnni && (kernel == Kernel::kVnni || has_amx());
#else
  return false;
#endif
}

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
    case Kernel::kAvxVnni:
      return "avx-vnni";
    case Kernel::kVnni:
      return "vnni";
    case Kernel::kAmx:
      return "amx";
  }
  return "";
}

std::optional<Kernel> kernel_named(std::string_view name) {
  for (const Kernel kernel : kAll) {
    if (name_of(kernel) == name) return kernel;
  }
  return std::nullopt;
}

bool is_available(Kernel kernel) {
  static const auto available = [] {
    std::array<bool, kAll.size()> found{};
    for (const Kernel each : kAll) found.at(static_cast<std::size_t>(each)) = runs_here(each);
    return found;
  }();
  return available.at(static_cast<std::size_t>(kernel));
}

Kernel best_kernel() {
  Kernel best = Kernel::kScalar;
  for (const Kernel kernel : kAll) {
    if (is_available(kernel)) best = kernel;
  }
  return best;
}

void require_available(Kernel kernel) {
  if (is_available(kernel)) return;
  throw Error(Cause::kInternal, "INTERNAL",
              fmt::format("this processor does not have what the kernel {} needs", name_of(kernel)));
}

RowKernel row_kernel(Kernel kernel) {
  require_available(kernel);
#if defined(__x86_64__)
  if (kernel == Kernel::kVnni || kernel == Kernel::kAmx) return vnni_row_kernel;
  if (kernel == Kernel::kAvx2 || kernel == Kernel::kAvxVnni) return avx2_row_kernel;
#endif
  return scalar_row_kernel;
}

}  // namespace facesearch

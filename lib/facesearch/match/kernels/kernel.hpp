// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace facesearch {

/// The ways to compare probes with rows of codes: any processor; AVX2; AVX2 with VNNI; AVX-512 with VNNI;
/// that with AMX for many probes at once. All give the same answers.
enum class Kernel { kScalar, kAvx2, kAvxVnni, kVnni, kAmx };

/// Every kernel, slowest first.
std::span<const Kernel> all_kernels();

/// `scalar`, `avx2`, `avx-vnni`, `vnni`, `amx`.
std::string_view name_of(Kernel kernel);

/// The kernel of that name, if there is one.
std::optional<Kernel> kernel_named(std::string_view name);

/// True if this processor and operating system run it. Asked once in a process; Linux, too, for permission to
/// use AMX.
bool is_available(Kernel kernel);

/// Throws Error(kInternal) where it is not available.
void require_available(Kernel kernel);

/// The fastest that is available.
Kernel best_kernel();

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace facesearch {

/// The ways to compare a probe with rows of codes: any processor; AVX2; AVX-512 with VNNI. All give the same
/// answers.
enum class Kernel { kScalar, kAvx2, kVnni };

/// Every kernel, slowest first.
std::span<const Kernel> all_kernels();

/// `scalar`, `avx2`, `vnni`.
std::string_view name_of(Kernel kernel);

/// The kernel of that name, if there is one.
std::optional<Kernel> kernel_named(std::string_view name);

/// True if this processor and operating system run it.
bool is_available(Kernel kernel);

/// The fastest that is available.
Kernel best_kernel();

}  // namespace facesearch

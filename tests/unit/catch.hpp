// SPDX-License-Identifier: MIT
#pragma once

// Catch2 2.13 (Debian 12) or 3 (Debian 13) by the names of Catch2 2. Every test includes this file, never
// Catch2 itself.

#if __has_include(<catch2/catch_all.hpp>)
#include <string>

#include <catch2/catch_all.hpp>

using Catch::Approx;

namespace Catch {
using Matchers::EndsWith;
using Matchers::StartsWith;
inline auto Contains(const std::string& part) {
  return Matchers::ContainsSubstring(part);
}
}  // namespace Catch
#else
#include <catch2/catch.hpp>
#endif

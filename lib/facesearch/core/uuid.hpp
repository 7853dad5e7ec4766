// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace facesearch {

/// Sixteen bytes that name a face, a person, a search, a key, a collection generation. Ordered by its
/// bytes, which for version 7 is the order of making (to the millisecond).
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;  // NOLINT(modernize-use-nullptr): false in clang-tidy 14

  /// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, lower case.
  std::string text() const;

  /// Reads the form that text() writes, upper case accepted; nothing else.
  static std::optional<Uuid> parse(std::string_view text);

  /// Version 7 (RFC 9562): 48 bits of Unix milliseconds, 74 random bits.
  /// Thread-safe. Throws Error(kInternal) if there are no random bytes.
  static Uuid make();

  /// So many of them, of the same millisecond, with one question to the kernel.
  static std::vector<Uuid> make_many(std::size_t count);
};

}  // namespace facesearch

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

/// The id of a face, person, search, key or generation of a collection. Ordered by its bytes; for version 7
/// that is the order of creation, to the millisecond.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;  // NOLINT(modernize-use-nullptr): false in clang-tidy 14

  /// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, lower case.
  std::string text() const;

  /// Reads the form that text() writes, in lower or upper case; nothing else.
  static std::optional<Uuid> parse(std::string_view text);

  /// Version 7 (RFC 9562): 48 bits of Unix milliseconds, 74 random bits.
  /// Thread-safe. Throws Error(kInternal) if there are no random bytes.
  static Uuid make();

  /// `count` of them, of the same millisecond, from one call of the random generator.
  static std::vector<Uuid> make_many(std::size_t count);
};

}  // namespace facesearch

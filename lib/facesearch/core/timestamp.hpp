// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace facesearch {

/// Milliseconds since 1970-01-01 UTC.
using Timestamp = std::int64_t;

/// The machine's clock, clamped to 1970 through 9999: a UUID cannot hold an earlier time, RFC 3339 no later
/// one.
Timestamp now();

/// RFC 3339, UTC, milliseconds: `2026-11-23T08:44:56.123Z`.
std::string rfc3339(Timestamp time);

/// Reads `YYYY-MM-DD` (midnight UTC) or RFC 3339 with `Z` or an offset; nothing else.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace facesearch

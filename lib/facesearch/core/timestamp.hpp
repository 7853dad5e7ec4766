// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace facesearch {

/// Milliseconds since 1970-01-01 UTC.
using Timestamp = std::int64_t;

/// The clock of the machine; where that is before 1970 or after 9999, which neither a UUID nor RFC 3339 can
/// say, the first or last time that they can.
Timestamp now();

/// RFC 3339, UTC, milliseconds: `2026-11-23T08:44:56.123Z`.
std::string rfc3339(Timestamp time);

/// Reads `YYYY-MM-DD` (midnight UTC) or RFC 3339 with `Z` or an offset; nothing else.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/core/uuid.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/timestamp.hpp"

namespace facesearch {
namespace {

constexpr std::array<std::size_t, 4> kDashes{8, 13, 18, 23};

bool is_dash(std::size_t position) {
  return std::ranges::find(kDashes, position) != kDashes.end();
}

std::optional<std::uint8_t> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

// Makes a UUID of 16 random bytes.
void stamp(Uuid& uuid, std::uint64_t at) {
  for (std::size_t i = 0; i < 6; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(at >> (8 * (5 - i)));
  }
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70U | (uuid.bytes[6] & 0x0FU));  // version 7
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80U | (uuid.bytes[8] & 0x3FU));  // variant of RFC 9562
}

}  // namespace

std::string Uuid::text() const {
  std::string out = hex(bytes);
  for (const std::size_t dash : kDashes) out.insert(dash, 1, '-');
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const auto digit = digit_of(text[i]);
    if (!digit) return std::nullopt;
    std::uint8_t& byte = uuid.bytes[digits / 2];
    byte = static_cast<std::uint8_t>(byte << 4U | *digit);
    ++digits;
  }
  return uuid;
}

Uuid Uuid::make() {
  Uuid uuid;
  random_bytes(uuid.bytes);
  stamp(uuid, static_cast<std::uint64_t>(now()));
  return uuid;
}

std::vector<Uuid> Uuid::make_many(std::size_t count) {
  static_assert(sizeof(Uuid) == 16);
  std::vector<Uuid> uuids(count);
  random_bytes({reinterpret_cast<std::uint8_t*>(uuids.data()), count * sizeof(Uuid)});
  const auto milliseconds = static_cast<std::uint64_t>(now());
  for (Uuid& uuid : uuids) stamp(uuid, milliseconds);
  return uuids;
}

}  // namespace facesearch

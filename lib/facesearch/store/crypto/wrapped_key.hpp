// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "facesearch/core/json_reader.hpp"
#include "facesearch/core/secret.hpp"
#include "facesearch/store/crypto/piece_cipher.hpp"

/// A key sealed under another key, in memory and as members of a JSON object. Which keys seal which is
/// decided in master_keys.hpp.
namespace facesearch::storage {

struct WrappedKey {
  PieceCipher::Nonce nonce{};
  std::array<std::uint8_t, Secret::kSize> bytes{};
  PieceCipher::Tag tag{};
};

/// Seals with AES-256-GCM, a random nonce and a key derived from `under` for this `purpose`. `associated`
/// says what the key belongs to; it is authenticated and not stored.
WrappedKey wrap_key(const Secret& key, const Secret& under, std::string_view purpose,
                    std::span<const std::uint8_t> associated);

/// None if anything differs from what was sealed.
std::optional<Secret> unwrap_key(const WrappedKey& wrapped, const Secret& under, std::string_view purpose,
                                 std::span<const std::uint8_t> associated);

/// The members `nonce`, `wrapped` and `tag` of a JSON object.
std::string json_members(const WrappedKey& wrapped);
WrappedKey read_wrapped_key(const JsonValue& object);

}  // namespace facesearch::storage

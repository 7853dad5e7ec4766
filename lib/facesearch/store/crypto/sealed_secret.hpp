// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "facesearch/core/secret.hpp"
#include "facesearch/store/crypto/piece_cipher.hpp"

namespace facesearch::storage {

/// A key under another key.
struct SealedSecret {
  PieceCipher::Nonce nonce{};
  std::array<std::uint8_t, Secret::kSize> bytes{};
  PieceCipher::Tag tag{};
};

/// Seals with AES-256-GCM, a random nonce and a key derived from `under` for this `purpose`.
SealedSecret seal_secret(const Secret& secret, const Secret& under, std::string_view purpose,
                         std::span<const std::uint8_t> associated);

/// Nothing if anything is not as it was sealed.
std::optional<Secret> open_secret(const SealedSecret& sealed, const Secret& under, std::string_view purpose,
                                  std::span<const std::uint8_t> associated);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "facesearch/core/secret.hpp"

/// Keys from keys (HKDF) and from passphrases (scrypt).
namespace facesearch::storage {

/// The first 32 bytes of HKDF-SHA256 (RFC 5869). Quick: under 3 µs.
Secret derive_key(const Secret& key, std::span<const std::uint8_t> salt, std::string_view info);

/// What scrypt (RFC 7914) costs: 128 · r · 2^log2_n bytes of memory, and time as that times p.
struct ScryptCost {
  unsigned log2_n = 17;
  unsigned r = 8;
  unsigned p = 1;

  bool operator==(const ScryptCost&) const = default;
};

/// 32 bytes of scrypt. Throws Error(kInternal) for a cost that scrypt does not know or over 1 GiB, or where
/// memory is short.
Secret derive_from_passphrase(std::string_view passphrase, std::span<const std::uint8_t> salt,
                              const ScryptCost& cost);

/// How a passphrase becomes a key; kept beside what the key seals.
struct Stretching {
  ScryptCost cost;
  std::array<std::uint8_t, 16> salt{};

  bool operator==(const Stretching&) const = default;
};

/// The key that a passphrase became.
struct PassphraseKey {
  Stretching stretching;
  Secret key;
};

/// Throws Error(kInvalidValue, PASSPHRASE_EMPTY).
PassphraseKey stretch(std::string_view passphrase, const Stretching& stretching);

/// The same with a new salt.
PassphraseKey stretch(std::string_view passphrase, const ScryptCost& cost);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "facesearch/core/secret.hpp"
#include "facesearch/store/crypto/key_derivation.hpp"

namespace facesearch::storage {

/// How a passphrase becomes a key.
struct Stretching {
  ScryptCost cost;
  std::array<std::uint8_t, 16> salt{};

  bool operator==(const Stretching&) const = default;
};

/// What a passphrase became.
struct PassphraseKey {
  Stretching stretching;
  Secret key;
};

/// Throws Error(kInvalidValue, PASSPHRASE_EMPTY).
PassphraseKey stretch(std::string_view passphrase, const Stretching& stretching);

/// The same with a new salt.
PassphraseKey stretch(std::string_view passphrase, const ScryptCost& cost);

}  // namespace facesearch::storage

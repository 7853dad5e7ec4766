// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "facesearch/core/secret.hpp"

namespace facesearch::storage {

/// AES-256-GCM. A nonce must never be used twice with one key. One thread. Every function throws
/// Error(kInternal) if OpenSSL refuses, as it does before set_key().
class PieceCipher {
 public:
  using Tag = std::array<std::uint8_t, 16>;
  using Nonce = std::array<std::uint8_t, 12>;

  PieceCipher();
  PieceCipher(PieceCipher&&) noexcept;
  PieceCipher& operator=(PieceCipher&&) noexcept;
  ~PieceCipher();

  /// For all calls until the next set_key().
  void set_key(const Secret& key);

  /// Writes `plain.size()` bytes to `cipher_out`, which may be `plain` itself.
  void seal(const Nonce& nonce, std::span<const std::uint8_t> associated, std::span<const std::uint8_t> plain,
            std::uint8_t* cipher_out, Tag& tag);

  /// Writes `cipher.size()` bytes to `plain_out`, which may be `cipher` itself. False if anything differs
  /// from what was sealed; the bytes are zeros then.
  bool open(const Nonce& nonce, std::span<const std::uint8_t> associated,
            std::span<const std::uint8_t> cipher, const Tag& tag, std::uint8_t* plain_out);

  /// The tag of `a` followed by `b`, with nothing encrypted (GMAC). Under a public key it is a checksum.
  void sum(const Nonce& nonce, std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, Tag& tag);

 private:
  struct Context;  // OpenSSL's
  std::unique_ptr<Context> context_;
};

}  // namespace facesearch::storage

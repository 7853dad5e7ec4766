// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace facesearch {

using Sha256 = std::array<std::uint8_t, 32>;

/// SHA-256 of the bytes. Throws Error(kInternal) if the library refuses.
Sha256 sha256(std::span<const std::uint8_t> bytes);
Sha256 sha256(std::string_view text);

/// HMAC-SHA256 (RFC 2104). Throws as sha256().
Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> message);

/// SHA-256 of bytes that come in parts, or, under a key, their HMAC-SHA256. Throws as sha256().
class RunningSha256 {
 public:
  RunningSha256();
  explicit RunningSha256(std::span<const std::uint8_t> key);
  RunningSha256(RunningSha256&&) noexcept;
  RunningSha256& operator=(RunningSha256&&) = delete;
  ~RunningSha256();

  void add(std::span<const std::uint8_t> bytes);
  void add(std::string_view bytes);

  /// Of all bytes added so far; more may follow.
  Sha256 value() const;

  /// Forgets what was added; the key stays.
  void restart();

 private:
  struct Context;  // OpenSSL's
  std::unique_ptr<Context> context_;
};

/// Lower-case hexadecimal, two digits a byte.
std::string hex(std::span<const std::uint8_t> bytes);

/// Reads what hex() writes. False unless `text` is exactly two lower-case digits for every byte of `out`.
bool from_hex(std::string_view text, std::span<std::uint8_t> out);

/// Fills a buffer of any size from OpenSSL's random generator, which the kernel seeds. Throws
/// Error(kInternal).
void random_bytes(std::span<std::uint8_t> out);

}  // namespace facesearch

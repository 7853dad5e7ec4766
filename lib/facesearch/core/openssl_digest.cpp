// SPDX-License-Identifier: MIT
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"

namespace facesearch {

Sha256 sha256(std::span<const std::uint8_t> bytes) {
  Sha256 digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw Error(Cause::kInternal, "INTERNAL", "SHA-256 is not available in this OpenSSL");
  }
  return digest;
}

Sha256 sha256(std::string_view text) {
  return sha256(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

void random_bytes(std::span<std::uint8_t> out) {
  if (!out.empty() && RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
    throw Error(Cause::kInternal, "INTERNAL", "the kernel gives no random bytes");
  }
}

}  // namespace facesearch

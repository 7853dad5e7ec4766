// SPDX-License-Identifier: MIT
#include "facesearch/core/secret.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "facesearch/core/error.hpp"

namespace facesearch {

void cleanse(void* bytes, std::size_t size) noexcept {
  OPENSSL_cleanse(bytes, size);
}

bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Secret::Secret(std::span<const std::uint8_t, kSize> bytes) noexcept {
  std::ranges::copy(bytes, bytes_.begin());
}

Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_) {
  cleanse(other.bytes_.data(), kSize);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    cleanse(other.bytes_.data(), kSize);
  }
  return *this;
}

Secret Secret::random() {
  Secret made(std::array<std::uint8_t, kSize>{});
  if (RAND_priv_bytes(made.bytes_.data(), static_cast<int>(kSize)) != 1) {
    throw Error(Cause::kInternal, "INTERNAL", "OpenSSL has no random bytes for a key");
  }
  return made;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/secret.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "facesearch/core/error.hpp"

namespace facesearch::storage {

void cleanse(void* bytes, std::size_t size) noexcept {
  OPENSSL_cleanse(bytes, size);
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
  // OpenSSL keeps a generator apart for what must never be seen.
  if (RAND_priv_bytes(made.bytes_.data(), static_cast<int>(kSize)) != 1) {
    throw Error(Cause::kInternal, "INTERNAL", "OpenSSL gives no random bytes for a key");
  }
  return made;
}

bool Secret::operator==(const Secret& other) const noexcept {
  return CRYPTO_memcmp(bytes_.data(), other.bytes_.data(), kSize) == 0;
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/sealed_secret.hpp"

#include "facesearch/core/digest.hpp"
#include "facesearch/store/crypto/key_derivation.hpp"

namespace facesearch::storage {

SealedSecret seal_secret(const Secret& secret, const Secret& under, std::string_view purpose,
                         std::span<const std::uint8_t> associated) {
  SealedSecret sealed;
  random_bytes(sealed.nonce);
  PieceCipher cipher;
  cipher.set_key(derive_key(under, {}, purpose));
  cipher.seal(sealed.nonce, associated, secret.bytes(), sealed.bytes.data(), sealed.tag);
  return sealed;
}

std::optional<Secret> open_secret(const SealedSecret& sealed, const Secret& under, std::string_view purpose,
                                  std::span<const std::uint8_t> associated) {
  std::array<std::uint8_t, Secret::kSize> plain{};
  PieceCipher cipher;
  cipher.set_key(derive_key(under, {}, purpose));
  if (!cipher.open(sealed.nonce, associated, sealed.bytes, sealed.tag, plain.data())) return std::nullopt;
  std::optional<Secret> secret(std::in_place, plain);
  cleanse(plain.data(), plain.size());
  return secret;
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/wrapped_key.hpp"

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/store/crypto/key_derivation.hpp"

namespace facesearch::storage {

WrappedKey wrap_key(const Secret& key, const Secret& under, std::string_view purpose,
                    std::span<const std::uint8_t> associated) {
  WrappedKey wrapped;
  random_bytes(wrapped.nonce);
  PieceCipher cipher;
  cipher.set_key(derive_key(under, {}, purpose));
  cipher.seal(wrapped.nonce, associated, key.bytes(), wrapped.bytes.data(), wrapped.tag);
  return wrapped;
}

std::optional<Secret> unwrap_key(const WrappedKey& wrapped, const Secret& under, std::string_view purpose,
                                 std::span<const std::uint8_t> associated) {
  std::array<std::uint8_t, Secret::kSize> plain{};
  PieceCipher cipher;
  cipher.set_key(derive_key(under, {}, purpose));
  if (!cipher.open(wrapped.nonce, associated, wrapped.bytes, wrapped.tag, plain.data())) return std::nullopt;
  std::optional<Secret> key(std::in_place, plain);
  cleanse(plain.data(), plain.size());
  return key;
}

std::string json_members(const WrappedKey& wrapped) {
  return fmt::format(R"("nonce":"{}","wrapped":"{}","tag":"{}")", hex(wrapped.nonce), hex(wrapped.bytes),
                     hex(wrapped.tag));
}

WrappedKey read_wrapped_key(const JsonValue& object) {
  WrappedKey wrapped;
  object["nonce"].bytes(wrapped.nonce);
  object["wrapped"].bytes(wrapped.bytes);
  object["tag"].bytes(wrapped.tag);
  return wrapped;
}

}  // namespace facesearch::storage

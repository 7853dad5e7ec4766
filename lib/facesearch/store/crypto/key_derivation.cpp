// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/key_derivation.hpp"

#include <string>

#include <openssl/evp.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"

namespace facesearch::storage {
namespace {

using Block = std::array<std::uint8_t, Secret::kSize>;

Secret take(Block& block) {
  Secret secret(block);
  cleanse(block.data(), block.size());
  return secret;
}

Secret hmac(std::span<const std::uint8_t> key, std::span<const std::uint8_t> message) {
  Block code = hmac_sha256(key, message);
  return take(code);
}

}  // namespace

// Two one-shot HMACs: fetching EVP_KDF's HKDF takes several times as long.
Secret derive_key(const Secret& key, std::span<const std::uint8_t> salt, std::string_view info) {
  const Secret extracted = hmac(salt, key.bytes());
  std::string message(info);
  message += '\x01';
  return hmac(extracted.bytes(),
              std::span(reinterpret_cast<const std::uint8_t*>(message.data()), message.size()));
}

Secret derive_from_passphrase(std::string_view passphrase, std::span<const std::uint8_t> salt,
                              const ScryptCost& cost) {
  constexpr std::uint64_t kMaxMemory =
      (1ULL << 30) + (1ULL << 20);  // OpenSSL counts a little more than the table
  constexpr unsigned kMaxLog2 = 62;
  Block block{};
  if (cost.log2_n > kMaxLog2 ||
      EVP_PBE_scrypt(passphrase.data(), passphrase.size(), salt.data(), salt.size(), 1ULL << cost.log2_n,
                     cost.r, cost.p, kMaxMemory, block.data(), block.size()) != 1) {
    throw Error(Cause::kInternal, "INTERNAL", "scrypt failed: not enough memory, or a cost it does not know");
  }
  return take(block);
}

PassphraseKey stretch(std::string_view passphrase, const Stretching& stretching) {
  if (passphrase.empty()) throw Error(Cause::kInvalidValue, "PASSPHRASE_EMPTY", "the passphrase is empty");
  return {stretching, derive_from_passphrase(passphrase, stretching.salt, stretching.cost)};
}

PassphraseKey stretch(std::string_view passphrase, const ScryptCost& cost) {
  Stretching stretching{cost, {}};
  random_bytes(stretching.salt);
  return stretch(passphrase, stretching);
}

}  // namespace facesearch::storage

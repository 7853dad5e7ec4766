// SPDX-License-Identifier: MIT
// Key derivation and AES-256-GCM against published answers and against OpenSSL's own.
#include <algorithm>
#include <random>
#include <type_traits>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "catch.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/secret.hpp"
#include "facesearch/store/crypto/key_derivation.hpp"
#include "facesearch/store/crypto/piece_cipher.hpp"

using namespace facesearch;
using namespace facesearch::storage;

namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer bytes_of(const std::string& digits) {
  Buffer bytes(digits.size() / 2);
  REQUIRE(from_hex(digits, bytes));
  return bytes;
}

Secret secret_of(const std::string& digits) {
  const Buffer bytes = bytes_of(digits);
  return Secret(std::span(bytes).first<Secret::kSize>());
}

template <class Array>
Array array_of(const std::string& digits) {
  Array array{};
  REQUIRE(from_hex(digits, array));
  return array;
}

Buffer random_buffer(std::size_t size) {
  Buffer bytes(size);
  random_bytes(bytes);
  return bytes;
}

std::string hkdf_of_openssl(const Secret& key, Buffer salt, std::string info) {
  salt.reserve(1);  // without an address it is refused
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
  Buffer secret(key.bytes().begin(), key.bytes().end());
  std::string digest = "SHA256";
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  Buffer derived(32);
  REQUIRE(EVP_KDF_derive(context, derived.data(), derived.size(), parameters.data()) == 1);
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
  return hex(derived);
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

constexpr const char* kGcmKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr const char* kGcmNonce = "cafebabefacedbaddecaf888";
constexpr const char* kGcmAssociated = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr const char* kGcmPlain =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
constexpr const char* kGcmSealed =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";
constexpr const char* kGcmTag = "76fc6ece0f4e1768cddf8853bb2d551b";

}  // namespace

TEST_CASE("a secret is copied only when told, and is gone where it was moved from", "[keys]") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Secret>);
  STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<Secret>);
  Secret one = Secret::random();
  CHECK_FALSE(one == Secret::random());
  const Secret copy = one.copy();
  CHECK(copy == one);
  Secret moved = std::move(one);
  CHECK(moved == copy);
  // NOLINTNEXTLINE(bugprone-use-after-move): that is the point
  CHECK(std::ranges::all_of(one.bytes(), [](std::uint8_t byte) { return byte == 0; }));
  Secret assigned = Secret::random();
  assigned = std::move(moved);
  CHECK(assigned == copy);
  // NOLINTNEXTLINE(bugprone-use-after-move)
  CHECK(std::ranges::all_of(moved.bytes(), [](std::uint8_t byte) { return byte == 0; }));
}

TEST_CASE("keys are derived as HKDF-SHA256 does", "[keys]") {
  const Secret key = secret_of(std::string(64, 'b'));
  CHECK(hex(derive_key(key, {}, "facesearch").bytes()) == hkdf_of_openssl(key, {}, "facesearch"));
  for (std::size_t size = 1; size < 200; size += 13) {
    const Buffer salt = random_buffer(size);
    const std::string info(size, 'x');
    CHECK(hex(derive_key(key, salt, info).bytes()) == hkdf_of_openssl(key, salt, info));
    CHECK(hex(derive_key(key, salt, "").bytes()) == hkdf_of_openssl(key, salt, ""));
  }
}

TEST_CASE("a passphrase is stretched as RFC 7914 says", "[keys]") {
  CHECK(hex(derive_from_passphrase("", {}, {4, 1, 1}).bytes()) ==
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442");
  CHECK(hex(derive_from_passphrase("password", as_bytes("NaCl"), {10, 8, 16}).bytes()) ==
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
  for (const ScryptCost& cost :
       {ScryptCost{0, 8, 1}, ScryptCost{63, 8, 1}, ScryptCost{40, 8, 1}, ScryptCost{4, 0, 1}}) {
    CHECK_THROWS_AS(derive_from_passphrase("password", {}, cost), Error);
  }
}

TEST_CASE("pieces are sealed as AES-256-GCM's published vectors are", "[keys]") {
  PieceCipher cipher;
  cipher.set_key(secret_of(kGcmKey));
  const auto nonce = array_of<PieceCipher::Nonce>(kGcmNonce);
  const Buffer plain = bytes_of(kGcmPlain);
  const Buffer associated = bytes_of(kGcmAssociated);
  Buffer out(plain.size());
  PieceCipher::Tag tag{};
  cipher.seal(nonce, associated, plain, out.data(), tag);
  CHECK(hex(out) == kGcmSealed);
  CHECK(hex(tag) == kGcmTag);
  CHECK(cipher.open(nonce, associated, out, tag, out.data()));  // in place
  CHECK(out == plain);
  cipher.seal(nonce, associated, out, out.data(), tag);
  CHECK(hex(out) == kGcmSealed);

  cipher.set_key(secret_of(std::string(64, '0')));
  cipher.seal({}, {}, {}, nullptr, tag);
  CHECK(hex(tag) == "530f8afbc74536b9a963b4f1c4cb738b");
  CHECK(cipher.open({}, {}, {}, tag, nullptr));
  out = Buffer(16);
  cipher.seal({}, {}, Buffer(16), out.data(), tag);
  CHECK(hex(out) == "cea7403d4d606b6e074ec5d3baf39d18");
  CHECK(hex(tag) == "d0d1c8a799996bf0265b98b5d48ab919");
}

TEST_CASE("a piece that was changed is not opened, and leaves zeros", "[keys]") {
  PieceCipher cipher;
  cipher.set_key(secret_of(kGcmKey));
  auto nonce = array_of<PieceCipher::Nonce>(kGcmNonce);
  auto tag = array_of<PieceCipher::Tag>(kGcmTag);
  Buffer associated = bytes_of(kGcmAssociated);
  Buffer sealed = bytes_of(kGcmSealed);
  Buffer out(sealed.size());
  const auto opens = [&] {
    std::ranges::fill(out, std::uint8_t{7});
    const bool opened = cipher.open(nonce, associated, sealed, tag, out.data());
    if (!opened) CHECK(out == Buffer(out.size()));
    return opened;
  };
  CHECK(opens());
  for (const std::span<std::uint8_t> part :
       {std::span<std::uint8_t>(nonce), std::span<std::uint8_t>(tag), std::span<std::uint8_t>(associated),
        std::span<std::uint8_t>(sealed)}) {
    for (std::size_t bit = 0; bit < 8 * part.size(); ++bit) {
      const auto flip = static_cast<std::uint8_t>(1U << bit % 8);
      part[bit / 8] ^= flip;
      CHECK_FALSE(opens());
      part[bit / 8] ^= flip;
    }
  }
  CHECK(opens());
  cipher.set_key(Secret::random());
  CHECK_FALSE(opens());
}

TEST_CASE("a sum is the tag of what is only associated", "[keys]") {
  PieceCipher cipher;
  cipher.set_key(secret_of(std::string(64, '0')));
  const Buffer all = random_buffer(1000);
  PieceCipher::Tag whole{};
  PieceCipher::Tag tag{};
  cipher.seal({}, all, {}, nullptr, whole);
  for (const std::size_t cut : {0U, 1U, 15U, 16U, 500U, 1000U}) {
    cipher.sum({}, std::span(all).first(cut), std::span(all).subspan(cut), tag);
    CHECK(tag == whole);
  }
  CHECK(cipher.open({}, all, {}, tag, nullptr));
  cipher.sum({}, all, Buffer(1), tag);
  CHECK_FALSE(tag == whole);
}

TEST_CASE("one cipher seals and opens by turns, under changing keys", "[keys]") {
  std::minstd_rand random(1);
  PieceCipher cipher;
  for (int round = 0; round < 200; ++round) {
    const Secret key = Secret::random();
    cipher.set_key(key);
    for (int piece = 0; piece < 3; ++piece) {
      const Buffer plain = random_buffer(random() % 5000);
      const Buffer associated = random_buffer(random() % 60);
      PieceCipher::Nonce nonce{};
      nonce[0] = static_cast<std::uint8_t>(piece);
      Buffer sealed(plain.size());
      PieceCipher::Tag tag{};
      cipher.seal(nonce, associated, plain, sealed.data(), tag);
      Buffer opened(plain.size());
      PieceCipher other;
      other.set_key(key);
      REQUIRE(other.open(nonce, associated, sealed, tag, opened.data()));
      CHECK(opened == plain);
      REQUIRE(cipher.open(nonce, associated, sealed, tag, sealed.data()));
      CHECK(sealed == plain);
    }
  }
}

TEST_CASE("a cipher without a key refuses", "[keys]") {
  PieceCipher cipher;
  PieceCipher::Tag tag{};
  Buffer bytes(16);
  CHECK_THROWS_AS(cipher.seal({}, {}, bytes, bytes.data(), tag), Error);
}

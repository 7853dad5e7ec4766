// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/piece_cipher.hpp"

#include <limits>

#include <openssl/evp.h>

#include "facesearch/core/error.hpp"

namespace facesearch::storage {
namespace {

void must(bool done) {
  if (!done) throw Error(Cause::kInternal, "INTERNAL", "AES-256-GCM is not available in this OpenSSL");
}

int length_of(std::span<const std::uint8_t> bytes) {
  must(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(bytes.size());
}

}  // namespace

struct PieceCipher::Context {
  Context() {
    if (state == nullptr || cipher == nullptr ||
        EVP_EncryptInit_ex(state, cipher, nullptr, nullptr, nullptr) != 1) {
      free();
      must(false);
    }
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { free(); }

  // An empty span adds nothing: OpenSSL would take one without an address as something else.
  void add_associated(std::span<const std::uint8_t> bytes) {
    int done = 0;
    must(bytes.empty() || EVP_CipherUpdate(state, nullptr, &done, bytes.data(), length_of(bytes)) == 1);
  }
  void add(std::span<const std::uint8_t> from, std::uint8_t* to) {
    int done = 0;
    must(from.empty() || EVP_CipherUpdate(state, to, &done, from.data(), length_of(from)) == 1);
  }
  void finish(Tag& tag) {
    std::array<std::uint8_t, 16> nothing{};
    int done = 0;
    must(EVP_EncryptFinal_ex(state, nothing.data(), &done) == 1);
    must(EVP_CIPHER_CTX_ctrl(state, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1);
  }
  void free() {
    EVP_CIPHER_CTX_free(state);
    EVP_CIPHER_free(cipher);
  }

  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  EVP_CIPHER_CTX* state = EVP_CIPHER_CTX_new();
};

PieceCipher::PieceCipher() : context_(std::make_unique<Context>()) {}
PieceCipher::PieceCipher(PieceCipher&&) noexcept = default;
PieceCipher& PieceCipher::operator=(PieceCipher&&) noexcept = default;
PieceCipher::~PieceCipher() = default;

void PieceCipher::set_key(const Secret& key) {
  must(EVP_EncryptInit_ex(context_->state, nullptr, nullptr, key.bytes().data(), nullptr) == 1);
}

void PieceCipher::seal(const Nonce& nonce, std::span<const std::uint8_t> associated,
                       std::span<const std::uint8_t> plain, std::uint8_t* cipher_out, Tag& tag) {
  must(EVP_EncryptInit_ex(context_->state, nullptr, nullptr, nullptr, nonce.data()) == 1);
  context_->add_associated(associated);
  context_->add(plain, cipher_out);
  context_->finish(tag);
}

bool PieceCipher::open(const Nonce& nonce, std::span<const std::uint8_t> associated,
                       std::span<const std::uint8_t> cipher, const Tag& tag, std::uint8_t* plain_out) {
  EVP_CIPHER_CTX* state = context_->state;
  Tag wanted = tag;  // OpenSSL's parameter is not const
  must(EVP_DecryptInit_ex(state, nullptr, nullptr, nullptr, nonce.data()) == 1);
  context_->add_associated(associated);
  context_->add(cipher, plain_out);
  must(EVP_CIPHER_CTX_ctrl(state, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(wanted.size()), wanted.data()) ==
       1);
  std::array<std::uint8_t, 16> nothing{};
  int done = 0;
  if (EVP_DecryptFinal_ex(state, nothing.data(), &done) == 1) return true;
  if (!cipher.empty()) cleanse(plain_out, cipher.size());
  return false;
}

void PieceCipher::sum(const Nonce& nonce, std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                      Tag& tag) {
  must(EVP_EncryptInit_ex(context_->state, nullptr, nullptr, nullptr, nonce.data()) == 1);
  context_->add_associated(a);
  context_->add_associated(b);
  context_->finish(tag);
}

}  // namespace facesearch::storage

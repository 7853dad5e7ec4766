// SPDX-License-Identifier: MIT
#include "facesearch/core/digest.hpp"

#include <limits>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void must(int result) {
  if (result != 1) {
    throw Error(Cause::kInternal, "INTERNAL", "SHA-256 is not available in this OpenSSL");
  }
}

}  // namespace

Sha256 sha256(std::span<const std::uint8_t> bytes) {
  Sha256 digest{};
  must(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr));
  return digest;
}

Sha256 sha256(std::string_view text) {
  return sha256(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Sha256 hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> message) {
  static constexpr std::uint8_t kNothing = 0;  // an empty span may have no address
  must(key.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()) ? 1 : 0);
  Sha256 code{};
  const unsigned char* done =
      HMAC(EVP_sha256(), key.empty() ? &kNothing : key.data(), static_cast<int>(key.size()),
           message.empty() ? &kNothing : message.data(), message.size(), code.data(), nullptr);
  must(done != nullptr ? 1 : 0);
  return code;
}

// One of the two is set: a plain digest, or a MAC that OpenSSL keeps with its key.
struct RunningSha256::Context {
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    EVP_MD_CTX_free(digest);
    EVP_MAC_CTX_free(mac);
  }

  EVP_MD_CTX* digest = nullptr;
  EVP_MAC_CTX* mac = nullptr;
};

RunningSha256::RunningSha256() : context_(std::make_unique<Context>()) {
  context_->digest = EVP_MD_CTX_new();
  must(context_->digest != nullptr ? 1 : 0);
  restart();
}

RunningSha256::RunningSha256(std::span<const std::uint8_t> key) : context_(std::make_unique<Context>()) {
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  context_->mac = EVP_MAC_CTX_new(hmac);
  EVP_MAC_free(hmac);  // the context keeps its own reference
  must(context_->mac != nullptr ? 1 : 0);
  std::string name("SHA256");  // OpenSSL's parameter is not const
  const std::array params{OSSL_PARAM_construct_utf8_string("digest", name.data(), 0),
                          OSSL_PARAM_construct_end()};
  must(EVP_MAC_init(context_->mac, key.data(), key.size(), params.data()));
}

RunningSha256::RunningSha256(RunningSha256&&) noexcept = default;
RunningSha256::~RunningSha256() = default;

void RunningSha256::add(std::span<const std::uint8_t> bytes) {
  must(context_->mac != nullptr ? EVP_MAC_update(context_->mac, bytes.data(), bytes.size())
                                : EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()));
}

void RunningSha256::add(std::string_view bytes) {
  add(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

// Finishing ends a context, so a copy is finished.
Sha256 RunningSha256::value() const {
  Sha256 value{};
  Context copy;
  if (context_->mac != nullptr) {
    std::size_t size = 0;
    copy.mac = EVP_MAC_CTX_dup(context_->mac);
    must(copy.mac != nullptr ? EVP_MAC_final(copy.mac, value.data(), &size, value.size()) : 0);
  } else {
    copy.digest = EVP_MD_CTX_new();
    must(copy.digest != nullptr ? EVP_MD_CTX_copy_ex(copy.digest, context_->digest) : 0);
    must(EVP_DigestFinal_ex(copy.digest, value.data(), nullptr));
  }
  return value;
}

void RunningSha256::restart() {
  must(context_->mac != nullptr ? EVP_MAC_init(context_->mac, nullptr, 0, nullptr)
                                : EVP_DigestInit_ex(context_->digest, EVP_sha256(), nullptr));
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t high = kDigits.find(text[2 * i]);
    const std::size_t low = kDigits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    out[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return true;
}

void random_bytes(std::span<std::uint8_t> out) {
  // Not RAND_bytes(): its size is an int, which 2 GiB and more do not fit.
  if (!out.empty() && RAND_bytes_ex(nullptr, out.data(), out.size(), 0) != 1) {
    throw Error(Cause::kInternal, "INTERNAL", "OpenSSL has no random bytes");
  }
}

}  // namespace facesearch

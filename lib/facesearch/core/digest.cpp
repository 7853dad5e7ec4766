// SPDX-License-Identifier: MIT
#include "facesearch/core/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
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
  Sha256 code{};
  const unsigned char* done =
      HMAC(EVP_sha256(), key.empty() ? &kNothing : key.data(), static_cast<int>(key.size()),
           message.empty() ? &kNothing : message.data(), message.size(), code.data(), nullptr);
  must(done != nullptr ? 1 : 0);
  return code;
}

struct RunningSha256::Context {
  Context() { must(state != nullptr ? 1 : 0); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(state); }

  EVP_MD_CTX* state = EVP_MD_CTX_new();
};

RunningSha256::RunningSha256() : context_(std::make_unique<Context>()) {
  restart();
}

RunningSha256::~RunningSha256() = default;

void RunningSha256::add(std::string_view bytes) {
  must(EVP_DigestUpdate(context_->state, bytes.data(), bytes.size()));
}

Sha256 RunningSha256::value() const {
  const Context copy;  // the end of a digest is the end of its state
  must(EVP_MD_CTX_copy_ex(copy.state, context_->state));
  Sha256 digest{};
  must(EVP_DigestFinal_ex(copy.state, digest.data(), nullptr));
  return digest;
}

void RunningSha256::restart() {
  must(EVP_DigestInit_ex(context_->state, EVP_sha256(), nullptr));
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
  if (!out.empty() && RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
    throw Error(Cause::kInternal, "INTERNAL", "the kernel gives no random bytes");
  }
}

}  // namespace facesearch

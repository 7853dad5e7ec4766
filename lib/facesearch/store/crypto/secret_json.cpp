// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/secret_json.hpp"

#include "facesearch/core/digest.hpp"

namespace facesearch::storage {
namespace {

using Json = nlohmann::ordered_json;

// No file of keys is deeper; what is must not end the stack.
constexpr int kDeepest = 4;

void wipe(Json& value, int depth) noexcept {
  if (auto* text = value.get_ptr<std::string*>()) cleanse(text->data(), text->size());
  if (depth == kDeepest) return;
  if (auto* parts = value.get_ptr<Json::array_t*>()) {
    for (Json& part : *parts) wipe(part, depth + 1);
  }
  if (auto* members = value.get_ptr<Json::object_t*>()) {
    for (auto& entry : *members) wipe(entry.second, depth + 1);
  }
}

}  // namespace

SecretJson::~SecretJson() {
  wipe(value, 0);
}

bool read_hex(const Json& object, const char* key, std::span<std::uint8_t> out) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() && from_hex(found->get_ref<const std::string&>(), out);
}

void put_sealed(Json& object, const SealedSecret& sealed) {
  object["nonce"] = hex(sealed.nonce);
  object["wrapped"] = hex(sealed.bytes);
  object["tag"] = hex(sealed.tag);
}

std::optional<SealedSecret> read_sealed(const Json& object) {
  SealedSecret sealed;
  if (!read_hex(object, "nonce", sealed.nonce) || !read_hex(object, "wrapped", sealed.bytes) ||
      !read_hex(object, "tag", sealed.tag)) {
    return std::nullopt;
  }
  return sealed;
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "facesearch/store/crypto/sealed_secret.hpp"

/// What the files of keys have in common.
namespace facesearch::storage {

/// A JSON value whose texts are overwritten when it goes.
struct SecretJson {
  nlohmann::ordered_json value;

  explicit SecretJson(nlohmann::ordered_json held) : value(std::move(held)) {}
  explicit SecretJson(std::string_view text) : value(nlohmann::ordered_json::parse(text, nullptr, false)) {}
  SecretJson(const SecretJson&) = delete;
  SecretJson& operator=(const SecretJson&) = delete;
  ~SecretJson();
};

/// Reads the member's hexadecimal digits. False unless it is there and has exactly as many bytes as `out`.
bool read_hex(const nlohmann::ordered_json& object, const char* key, std::span<std::uint8_t> out);

/// The members `nonce`, `wrapped` and `tag`.
void put_sealed(nlohmann::ordered_json& object, const SealedSecret& sealed);
std::optional<SealedSecret> read_sealed(const nlohmann::ordered_json& object);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/wrapped_key.hpp"

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/store/crypto/secret_json.hpp"

namespace facesearch::storage {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kWrapFormat = 2;
constexpr std::string_view kWrapInfo = "facesearch data key under a master key";

struct Wrap {
  std::string master;
  SealedSecret sealed;
};

[[noreturn]] void refuse_wrap(const char* why) {
  throw Error(Cause::kStoreDamaged, "KEY_FILE_INVALID",
              fmt::format("a key file of the store is damaged: {}; restore it from a backup", why));
}

Wrap parse(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) refuse_wrap("it is no JSON object");
  const auto format = json.find("format");
  if (format == json.end() || !format->is_number_unsigned() || *format != kWrapFormat) {
    refuse_wrap("its format is not known");
  }
  std::array<std::uint8_t, 8> id{};
  const auto sealed = read_sealed(json);
  if (!read_hex(json, "master", id) || !sealed) refuse_wrap("a part of it is not there, or not whole");
  return {hex(id), *sealed};
}

}  // namespace

std::string write_wrap(const Secret& data_key, const MasterKeys::Named& master,
                       std::span<const std::uint8_t> associated) {
  Json json{{"format", kWrapFormat}, {"master", master.id}};
  put_sealed(json, seal_secret(data_key, master.key, kWrapInfo, associated));
  return json.dump() + '\n';
}

Secret read_wrap(std::string_view text, MasterKeys& masters, std::span<const std::uint8_t> associated) {
  const Wrap wrap = parse(text);
  auto data_key = open_secret(wrap.sealed, masters.find(wrap.master), kWrapInfo, associated);
  if (!data_key) refuse_wrap("it is not authentic");
  return std::move(*data_key);
}

std::string rewrap(std::string_view text, MasterKeys& masters, std::span<const std::uint8_t> associated) {
  const Secret data_key = read_wrap(text, masters, associated);
  const MasterKeys::Named& present = masters.present();
  if (parse(text).master == present.id) return std::string(text);
  return write_wrap(data_key, present, associated);
}

}  // namespace facesearch::storage

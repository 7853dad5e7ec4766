// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/master_key_file.hpp"

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/store/crypto/secret_json.hpp"

namespace facesearch::storage {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kKeyFileFormat = 1;
constexpr std::size_t kKeyIdBytes = 8;
constexpr std::size_t kMaxKeys = 2;
// Up to 1 GiB: what somebody else chose must not take all memory.
constexpr ScryptCost kHighest{.log2_n = 20, .r = 8, .p = 16};

// The caller adds the file's name; never what is in it.
struct Refused {
  const char* why;
};

const Json& member(const Json& object, const char* key, bool (Json::*is_kind)() const noexcept,
                   const char* why) {
  const auto found = object.find(key);
  if (found == object.end() || !((*found).*is_kind)()) throw Refused{why};
  return *found;
}

unsigned cost_of(const Json& object, const char* key, unsigned highest) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned() || found->get<std::uint64_t>() < 1 ||
      found->get<std::uint64_t>() > highest) {
    throw Refused{"the cost of its passphrase is out of range"};
  }
  return found->get<unsigned>();
}

Stretching stretching_of(const Json& object) {
  Stretching read{{cost_of(object, "log2_n", kHighest.log2_n), cost_of(object, "r", kHighest.r),
                   cost_of(object, "p", kHighest.p)},
                  {}};
  if (!read_hex(object, "salt", read.salt)) throw Refused{"'salt' is not 32 hexadecimal digits"};
  return read;
}

std::variant<Secret, SealedSecret> key_of(const Json& object, bool sealed) {
  if (sealed) {
    const auto read = read_sealed(object);
    if (!read) throw Refused{"a wrapped key is not whole"};
    return *read;
  }
  std::array<std::uint8_t, Secret::kSize> bytes{};
  const bool read = read_hex(object, "key", bytes);
  Secret key(bytes);
  cleanse(bytes.data(), bytes.size());
  if (!read) throw Refused{"a key is not 64 hexadecimal digits"};
  return key;
}

StoredMasterKey entry_of(const Json& object, bool sealed) {
  std::array<std::uint8_t, kKeyIdBytes> id{};
  if (!object.is_object() || !read_hex(object, "id", id))
    throw Refused{"a key's id is not 16 hexadecimal digits"};
  return {hex(id), key_of(object, sealed)};
}

MasterKeyFile content_of(const Json& json) {
  if (!json.is_object()) throw Refused{"it is no JSON object"};
  const Json& format = member(json, "format", &Json::is_number_unsigned, "it has no format number");
  if (format != kKeyFileFormat) throw Refused{"its format is of a later version"};
  MasterKeyFile content;
  const char* const kNoStore = "it names no store";
  const auto store =
      Uuid::parse(member(json, "store", &Json::is_string, kNoStore).get_ref<const std::string&>());
  if (!store) throw Refused{kNoStore};
  content.store = *store;
  if (json.contains("scrypt")) {
    content.stretching = stretching_of(
        member(json, "scrypt", &Json::is_object, "what it says of its passphrase is no object"));
  }
  const Json& keys = member(json, "keys", &Json::is_array, "it has no list of keys");
  if (keys.empty() || keys.size() > kMaxKeys) throw Refused{"it has not one or two keys"};
  for (const Json& key : keys) content.keys.push_back(entry_of(key, content.stretching.has_value()));
  return content;
}

}  // namespace

std::string write_master_key_file(const MasterKeyFile& content) {
  SecretJson json(Json{{"format", kKeyFileFormat}, {"store", content.store.text()}});
  if (const auto& stretching = content.stretching) {
    json.value["scrypt"] = {{"log2_n", stretching->cost.log2_n},
                            {"r", stretching->cost.r},
                            {"p", stretching->cost.p},
                            {"salt", hex(stretching->salt)}};
  }
  Json& keys = json.value["keys"] = Json::array();
  for (const StoredMasterKey& key : content.keys) {
    Json& entry = keys.emplace_back(Json{{"id", key.id}});
    if (const auto* sealed = std::get_if<SealedSecret>(&key.key)) {
      put_sealed(entry, *sealed);
    } else {
      entry["key"] = hex(std::get<Secret>(key.key).bytes());
    }
  }
  return json.value.dump() + '\n';
}

MasterKeyFile read_master_key_file(std::string_view text, const std::filesystem::path& file) {
  const SecretJson json(text);
  try {
    return content_of(json.value);
  } catch (const Refused& refused) {
    throw Error(Cause::kMasterKey, "MASTER_KEY_INVALID",
                fmt::format("{} is no master key file that can be read: {}; restore it from its backup",
                            file.string(), refused.why));
  }
}

}  // namespace facesearch::storage

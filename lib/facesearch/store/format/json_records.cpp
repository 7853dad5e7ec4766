// SPDX-License-Identifier: MIT
#include "facesearch/store/format/json_records.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/store/format/template_rules.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::storage {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxSide = 1ULL << 48;
constexpr std::uint64_t kMaxU64 = std::numeric_limits<std::uint64_t>::max();

[[noreturn]] void refuse(std::string_view member, std::string_view wanted) {
  throw Error(Cause::kStoreDamaged, "RECORD_INVALID",
              fmt::format("a stored record is not valid: '{}' is not {}", member, wanted));
}

Json parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    throw Error(Cause::kStoreDamaged, "RECORD_INVALID", "a stored record is no JSON object");
  }
  return json;
}

const Json& member(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) {
    refuse(key, "there");
  }
  return *found;
}

const Json& object_of(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_object()) {
    refuse(key, "an object");
  }
  return value;
}

const Json& array_of(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_array()) {
    refuse(key, "an array");
  }
  return value;
}

std::uint64_t count_of(const Json& object, const char* key, std::uint64_t min, std::uint64_t max) {
  const Json& value = member(object, key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() < min || value.get<std::uint64_t>() > max) {
    refuse(key, fmt::format("a whole number of {} to {}", min, max));
  }
  return value.get<std::uint64_t>();
}

double number_of(const Json& object, const char* key, double min, double max) {
  const Json& value = member(object, key);
  if (!value.is_number() || !(value.get<double>() >= min && value.get<double>() <= max)) {
    refuse(key, fmt::format("a number of {} to {}", min, max));
  }
  return value.get<double>();
}

Timestamp time_of(const Json& value, const char* key) {
  constexpr std::uint64_t kMax = std::numeric_limits<Timestamp>::max();
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > kMax)) {
    refuse(key, "a time in milliseconds");
  }
  return value.get<Timestamp>();
}

std::optional<Timestamp> optional_time_of(const Json& object, const char* key) {
  return object.contains(key) ? std::optional(time_of(object[key], key)) : std::nullopt;
}

bool flag_of(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_boolean()) {
    refuse(key, "true or false");
  }
  return value.get<bool>();
}

std::string text_of(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_string()) {
    refuse(key, "a string");
  }
  return value.get<std::string>();
}

Uuid uuid_of(const Json& object, const char* key) {
  const std::optional<Uuid> uuid = Uuid::parse(text_of(object, key));
  if (!uuid) {
    refuse(key, "a UUID");
  }
  return *uuid;
}

Sha256 digest_of(const Json& object, const char* key) {
  Sha256 digest{};
  if (!from_hex(text_of(object, key), digest)) {
    refuse(key, "64 hexadecimal digits");
  }
  return digest;
}

Json json_of(const SidePolicy& side) {
  return {{"liveness", side.liveness},
          {"liveness_threshold", side.liveness_threshold},
          {"several_faces", static_cast<unsigned>(side.several_faces)}};
}

SidePolicy side_of(const Json& json) {
  return {flag_of(json, "liveness"), number_of(json, "liveness_threshold", 0, 100),
          static_cast<SeveralFaces>(count_of(json, "several_faces", 0, 1))};
}

Json json_of(const Policy& policy) {
  return {{"similarity", policy.similarity},
          {"enroll", json_of(policy.enroll)},
          {"search", json_of(policy.search)},
          {"duplicates", static_cast<unsigned>(policy.duplicates)},
          {"quality", static_cast<unsigned>(policy.quality)},
          {"min_face_px", policy.min_face_px},
          {"image",
           {{"max_bytes", policy.image.max_bytes},
            {"max_pixels", policy.image.max_pixels},
            {"max_side", policy.image.max_side}}}};
}

Policy policy_of(const Json& json) {
  constexpr std::uint64_t kMaxU32 = std::numeric_limits<std::uint32_t>::max();
  const Json& image = object_of(json, "image");
  Policy policy;
  policy.similarity = number_of(json, "similarity", 0, 100);
  policy.enroll = side_of(object_of(json, "enroll"));
  policy.search = side_of(object_of(json, "search"));
  policy.duplicates = static_cast<Duplicates>(count_of(json, "duplicates", 0, 2));
  policy.quality = static_cast<QualityLevel>(count_of(json, "quality", 0, 2));
  policy.min_face_px = static_cast<std::uint32_t>(count_of(json, "min_face_px", 0, kMaxU32));
  policy.image.max_bytes = count_of(image, "max_bytes", 0, kMaxU64);
  policy.image.max_pixels = count_of(image, "max_pixels", 0, kMaxU64);
  policy.image.max_side = static_cast<std::uint32_t>(count_of(image, "max_side", 0, kMaxU32));
  return policy;
}

Json json_of(const PackBinding& binding) {
  return {{"pack", binding.pack},
          {"fingerprint", binding.fingerprint},
          {"dimension", static_cast<std::int64_t>(binding.dimension)},
          {"calibration",
           {{"cosine_at_fmr", binding.calibration.cosine_at_fmr},
            {"measured_to", binding.calibration.measured_to},
            {"source", binding.calibration.source}}}};
}

PackBinding binding_of(const Json& json) {
  const Json& calibration = object_of(json, "calibration");
  const Json& cosines = array_of(calibration, "cosine_at_fmr");
  PackBinding binding;
  binding.pack = text_of(json, "pack");
  binding.fingerprint = text_of(json, "fingerprint");
  binding.dimension = static_cast<int>(count_of(json, "dimension", 1, kMaxDimension));
  if (cosines.size() != binding.calibration.cosine_at_fmr.size() ||
      !std::all_of(cosines.begin(), cosines.end(), [](const Json& value) { return value.is_number(); })) {
    refuse("cosine_at_fmr", "five numbers");
  }
  std::transform(cosines.begin(), cosines.end(), binding.calibration.cosine_at_fmr.begin(),
                 [](const Json& value) { return value.get<double>(); });
  binding.calibration.measured_to = number_of(calibration, "measured_to", 0, 1);
  binding.calibration.source = text_of(calibration, "source");
  return binding;
}

Json json_of(const ApiKeyRecord& key) {
  Json json{{"id", key.id.text()},
            {"label", key.label},
            {"digest", hex(key.digest)},
            {"scopes", static_cast<unsigned>(key.scopes)},
            {"collections", key.collections},
            {"created", key.created}};
  if (key.expires) {
    json["expires"] = *key.expires;
  }
  if (key.revoked) {
    json["revoked"] = *key.revoked;
  }
  return json;
}

ApiKeyRecord key_of(const Json& json) {
  if (!json.is_object()) {
    refuse("keys", "an array of objects");
  }
  ApiKeyRecord key;
  key.id = uuid_of(json, "id");
  key.label = text_of(json, "label");
  key.digest = digest_of(json, "digest");
  key.scopes = static_cast<std::uint8_t>(count_of(json, "scopes", 0, 15));
  for (const Json& collection : array_of(json, "collections")) {
    if (!collection.is_string() || !is_collection_id(collection.get_ref<const std::string&>())) {
      refuse("collections", "an array of collection ids");
    }
    key.collections.push_back(collection.get<std::string>());
  }
  key.created = time_of(member(json, "created"), "created");
  key.expires = optional_time_of(json, "expires");
  key.revoked = optional_time_of(json, "revoked");
  return key;
}

// A writer reads back what it is about to write, so no record is ever stored that cannot be read.
template <class Read>
std::string checked_dump(const Json& json, Read&& read) {
  try {
    std::string text = json.dump();
    read(text);
    return text;
  } catch (const Json::exception&) {
    throw Error(Cause::kInvalidValue, "RECORD_INVALID", "a text to be stored is not UTF-8");
  } catch (const Error& error) {
    throw Error(Cause::kInvalidValue, "RECORD_INVALID", error.detail());
  }
}

}  // namespace

void require_collection_id(std::string_view id) {
  if (!is_collection_id(id)) {
    throw Error(Cause::kInvalidValue, "COLLECTION_ID_INVALID",
                fmt::format("a collection id has {}", kCollectionIdRule));
  }
}

void require_known_version(std::uint64_t version, std::uint64_t known) {
  if (version != known) {
    throw Error(Cause::kStoreDamaged, "STORE_VERSION_UNKNOWN",
                fmt::format("the store has layout version {}, this program knows version {}; use the "
                            "facesearch that made it or a later one",
                            version, known));
  }
}

std::string write_store(const StoreRecord& store) {
  return checked_dump(Json{{"format", store.layout}, {"uuid", store.id.text()}, {"created", store.created}},
                      read_store);
}

StoreRecord read_store(std::string_view text) {
  const Json json = parse(text);
  const std::uint64_t layout = count_of(json, "format", 0, kMaxU64);
  if (layout != kFirstLayout) {
    require_known_version(layout, kLayoutVersion);
  }
  return {uuid_of(json, "uuid"), time_of(member(json, "created"), "created"), layout};
}

std::string write_keys(const std::vector<ApiKeyRecord>& keys) {
  Json array = Json::array();
  for (const ApiKeyRecord& key : keys) {
    array.push_back(json_of(key));
  }
  return checked_dump(Json{{"format", kKeysFormat}, {"keys", std::move(array)}}, read_keys);
}

std::vector<ApiKeyRecord> read_keys(std::string_view text) {
  const Json json = parse(text);
  require_known_version(count_of(json, "format", 0, kMaxU64), kKeysFormat);
  std::vector<ApiKeyRecord> keys;
  for (const Json& key : array_of(json, "keys")) {
    keys.push_back(key_of(key));
  }
  return keys;
}

std::string write_sides(const SidesRecord& sides) {
  Json json{{"format", kLayoutVersion}, {"live", sides.live}};
  if (sides.kept) {
    json["kept"] = *sides.kept;
  }
  return checked_dump(json, read_sides);
}

SidesRecord read_sides(std::string_view text) {
  const Json json = parse(text);
  require_known_version(count_of(json, "format", 0, kMaxU64), kLayoutVersion);
  SidesRecord sides{count_of(json, "live", 1, kMaxSide), std::nullopt};
  if (json.contains("kept")) {
    sides.kept = count_of(json, "kept", 1, kMaxSide);
  }
  return sides;
}

std::string write_collection(const CollectionRecord& collection) {
  Json json{{"id", collection.id},
            {"generation", collection.generation.text()},
            {"created", collection.created},
            {"binding", json_of(collection.binding)},
            {"policy", json_of(collection.policy)},
            {"sealed", collection.sealed}};
  if (collection.contents_key) json["contents_key"] = hex(*collection.contents_key);
  return checked_dump(json, read_collection);
}

CollectionRecord read_collection(std::string_view text) {
  const Json json = parse(text);
  CollectionRecord collection;
  collection.id = text_of(json, "id");
  if (!is_collection_id(collection.id)) {
    refuse("id", "a collection id");
  }
  collection.generation = uuid_of(json, "generation");
  collection.created = time_of(member(json, "created"), "created");
  collection.binding = binding_of(object_of(json, "binding"));
  collection.policy = policy_of(object_of(json, "policy"));
  collection.sealed = json.contains("sealed") && flag_of(json, "sealed");  // layout 1 has no such member
  if (json.contains("contents_key")) collection.contents_key = digest_of(json, "contents_key");
  return collection;
}

}  // namespace facesearch::storage

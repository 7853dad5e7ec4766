// SPDX-License-Identifier: MIT
#include "facesearch/store/format/json_records.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/json_reader.hpp"
#include "facesearch/store/format/block_layout.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::storage {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxSide = 1ULL << 48;
constexpr std::uint64_t kMaxU64 = std::numeric_limits<std::uint64_t>::max();

const JsonDocument::Rules kRules{.refuse = [](const std::string& why) { refuse_record(why); }};

Sha256 digest_of(const JsonValue& value) {
  Sha256 digest{};
  value.bytes(digest);
  return digest;
}

std::optional<Timestamp> optional_time(const JsonValue& object, const char* name) {
  return object.has(name) ? std::optional(object[name].milliseconds()) : std::nullopt;
}

Json json_of(const SidePolicy& side) {
  return {{"liveness", side.liveness},
          {"liveness_threshold", side.liveness_threshold},
          {"several_faces", static_cast<unsigned>(side.several_faces)}};
}

SidePolicy side_of(const JsonValue& json) {
  return {json["liveness"].flag(), json["liveness_threshold"].number(0, 100),
          static_cast<SeveralFaces>(json["several_faces"].integer(0, 1))};
}

Json json_of(const Policy& policy) {
  Json json{{"similarity", policy.similarity},
            {"enroll", json_of(policy.enroll)},
            {"search", json_of(policy.search)},
            {"duplicates", static_cast<unsigned>(policy.duplicates)},
            {"quality", static_cast<unsigned>(policy.quality)},
            {"min_face_px", policy.min_face_px},
            {"image",
             {{"max_bytes", policy.image.max_bytes},
              {"max_pixels", policy.image.max_pixels},
              {"max_side", policy.image.max_side}}}};
  if (policy.match_by == MatchBy::kPerson) json["match_by"] = static_cast<unsigned>(policy.match_by);
  return json;
}

Policy policy_of(const JsonValue& json) {
  constexpr std::uint64_t kMaxU32 = std::numeric_limits<std::uint32_t>::max();
  const JsonValue image = json["image"];
  Policy policy;
  policy.similarity = json["similarity"].number(0, 100);
  policy.enroll = side_of(json["enroll"]);
  policy.search = side_of(json["search"]);
  policy.duplicates = static_cast<Duplicates>(json["duplicates"].integer(0, 2));
  policy.quality = static_cast<QualityLevel>(json["quality"].integer(0, 2));
  policy.min_face_px = static_cast<std::uint32_t>(json["min_face_px"].integer(0, kMaxU32));
  policy.image.max_bytes = image["max_bytes"].integer(0, kMaxU64);
  policy.image.max_pixels = image["max_pixels"].integer(0, kMaxU64);
  policy.image.max_side = static_cast<std::uint32_t>(image["max_side"].integer(0, kMaxU32));
  if (json.has("match_by")) policy.match_by = static_cast<MatchBy>(json["match_by"].integer(0, 1));
  return policy;
}

Json json_of(const PackBinding& binding) {
  Json calibration{{"cosine_at_fmr", binding.calibration.cosine_at_fmr},
                   {"measured_to", binding.calibration.measured_to},
                   {"source", binding.calibration.source}};
  if (binding.calibration.provisional) calibration["provisional"] = true;
  if (binding.calibration.of_means) calibration["of_means"] = *binding.calibration.of_means;
  return {{"pack", binding.pack},
          {"fingerprint", binding.fingerprint},
          {"dimension", static_cast<std::int64_t>(binding.dimension)},
          {"calibration", std::move(calibration)}};
}

Calibration::Points points_of(const JsonValue& list) {
  Calibration::Points cosines{};
  const std::vector<JsonValue> values = list.items(cosines.size(), cosines.size());
  std::ranges::transform(values, cosines.begin(), [](const JsonValue& value) { return value.number(); });
  return cosines;
}

PackBinding binding_of(const JsonValue& json) {
  const JsonValue calibration = json["calibration"];
  PackBinding binding;
  binding.pack = json["pack"].text();
  binding.fingerprint = json["fingerprint"].text();
  binding.dimension = static_cast<int>(json["dimension"].integer(1, kMaxDimension));
  binding.calibration.cosine_at_fmr = points_of(calibration["cosine_at_fmr"]);
  if (calibration.has("of_means")) {
    auto& of_means = binding.calibration.of_means.emplace();
    const std::vector<JsonValue> lists = calibration["of_means"].items(of_means.size(), of_means.size());
    std::ranges::transform(lists, of_means.begin(), points_of);
  }
  binding.calibration.measured_to = calibration["measured_to"].number(0, 1);
  binding.calibration.source = calibration["source"].text();
  binding.calibration.provisional = calibration.has("provisional") && calibration["provisional"].flag();
  return binding;
}

Json json_of(const ApiKeyRecord& key) {
  Json json{{"id", key.id.text()},
            {"label", key.label},
            {"digest", hex(key.digest)},
            {"scopes", static_cast<unsigned>(key.scopes)},
            {"collections", key.collections},
            {"created", key.created}};
  if (key.expires) json["expires"] = *key.expires;
  if (key.revoked) json["revoked"] = *key.revoked;
  return json;
}

ApiKeyRecord key_of(const JsonValue& json) {
  ApiKeyRecord key;
  key.id = json["id"].uuid();
  key.label = json["label"].text();
  key.digest = digest_of(json["digest"]);
  key.scopes = static_cast<std::uint8_t>(json["scopes"].integer(0, 15));
  for (const JsonValue& collection : json["collections"].items()) {
    key.collections.push_back(collection.text());
    if (!is_collection_id(key.collections.back())) collection.refuse("a collection id");
  }
  key.created = json["created"].milliseconds();
  key.expires = optional_time(json, "expires");
  key.revoked = optional_time(json, "revoked");
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

void require_known_version(std::uint64_t version, std::uint64_t least, std::uint64_t most) {
  most = std::max(least, most);
  if (version >= least && version <= most) return;
  const std::string known =
      least == most ? fmt::format("version {} only", least) : fmt::format("versions {} to {}", least, most);
  throw Error(Cause::kStoreDamaged, "STORE_VERSION_UNKNOWN",
              fmt::format("the store has layout version {}, and this program reads {}; use the version of "
                          "facesearch that wrote it",
                          version, known));
}

std::string write_store(const StoreRecord& store) {
  return checked_dump(Json{{"format", kLayoutVersion}, {"uuid", store.id.text()}, {"created", store.created}},
                      read_store);
}

StoreRecord read_store(std::string_view text) {
  const JsonDocument document(text, kRules);
  const JsonValue json = document.root();
  require_known_version(json["format"].integer(0, kMaxU64), kLayoutVersion);
  return {json["uuid"].uuid(), json["created"].milliseconds()};
}

std::string write_keys(const std::vector<ApiKeyRecord>& keys) {
  Json array = Json::array();
  for (const ApiKeyRecord& key : keys) array.push_back(json_of(key));
  return checked_dump(Json{{"format", kKeysFormat}, {"keys", std::move(array)}}, read_keys);
}

std::vector<ApiKeyRecord> read_keys(std::string_view text) {
  const JsonDocument document(text, kRules);
  const JsonValue json = document.root();
  require_known_version(json["format"].integer(0, kMaxU64), kKeysFormat);
  std::vector<ApiKeyRecord> keys;
  for (const JsonValue& key : json["keys"].items()) keys.push_back(key_of(key));
  return keys;
}

std::string write_sides(const SidesRecord& sides) {
  Json json{{"format", kLayoutVersion}, {"live", sides.live}};
  if (sides.kept) json["kept"] = *sides.kept;
  return checked_dump(json, read_sides);
}

SidesRecord read_sides(std::string_view text) {
  const JsonDocument document(text, kRules);
  const JsonValue json = document.root();
  require_known_version(json["format"].integer(0, kMaxU64), kLayoutVersion);
  SidesRecord sides{json["live"].integer(1, kMaxSide), std::nullopt};
  if (json.has("kept")) sides.kept = json["kept"].integer(1, kMaxSide);
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
  const JsonDocument document(text, kRules);
  const JsonValue json = document.root();
  CollectionRecord collection;
  collection.id = json["id"].text();
  if (!is_collection_id(collection.id)) json["id"].refuse("a collection id");
  collection.generation = json["generation"].uuid();
  collection.created = json["created"].milliseconds();
  collection.binding = binding_of(json["binding"]);
  collection.policy = policy_of(json["policy"]);
  collection.sealed = json.has("sealed") && json["sealed"].flag();
  if (json.has("contents_key")) collection.contents_key = digest_of(json["contents_key"]);
  return collection;
}

}  // namespace facesearch::storage

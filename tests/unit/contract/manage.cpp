// SPDX-License-Identifier: MIT
#include <string>

#include "catch.hpp"
#include "facesearch/contract/responses/response.hpp"

namespace facesearch::contract {
namespace {

const std::string kKey = "0197a0b1-0000-7000-8000-000000000004";

service::CollectionInfo sample_collection() {
  CollectionRecord record;
  record.id = "staff";
  record.created = 1'790'000'000'123;
  record.binding = {"mini", "ab12", 128, {{0.1, 0.2, 0.3, 0.4, 0.5}, 1e-5, "pairs of people"}};
  return {record, 7};
}

ApiKeyRecord sample_key() {
  ApiKeyRecord key;
  key.id = Uuid::parse(kKey).value();
  key.label = "door";
  key.digest.fill(0xAB);
  key.scopes = static_cast<std::uint8_t>(Scope::kSearch) | static_cast<std::uint8_t>(Scope::kEnroll);
  key.collections = {"a", "b"};
  return key;
}

}  // namespace

TEST_CASE("a collection, letter for letter") {
  const std::string expected =
      R"({"id":"staff","created":"2026-09-21T14:13:20.123Z","faces":7,"pack":"mini","fingerprint":"ab12","encrypted":true,)"
      R"("policy":{"similarity":80,)"
      R"("enroll":{"liveness":false,"liveness_threshold":50,"several_faces":"reject"},)"
      R"("search":{"liveness":false,"liveness_threshold":50,"several_faces":"largest"},)"
      R"("duplicates":"allow","quality":"basic","min_face_px":32,)"
      R"("image":{"max_bytes":20971520,"max_pixels":50000000,"max_side":16384},"match_by":"face"},)"
      R"("calibration":{"measured_to":1e-05,"source":"pairs of people"}})";
  CHECK(to_json(sample_collection()) == R"({"message":"success","collection":)" + expected + "}");
  CHECK(to_json(std::vector{sample_collection(), sample_collection()}) ==
        R"({"message":"success","result":[)" + expected + "," + expected + R"(],"totalCount":2})");
  CHECK(to_json(std::vector<service::CollectionInfo>{}) ==
        R"({"message":"success","result":[],"totalCount":0})");
  CHECK(collection_deleted_json("staff") == R"({"message":"success","collectionId":"staff"})");
}

TEST_CASE("a policy names every rule as the options do") {
  service::CollectionInfo info = sample_collection();
  Policy& policy = info.record.policy;
  policy.enroll = {true, 12.5, SeveralFaces::kLargest};
  policy.search.several_faces = SeveralFaces::kReject;
  policy.duplicates = Duplicates::kReject;
  policy.quality = QualityLevel::kStrict;
  const std::string json = to_json(info);
  CHECK(json.find(R"("enroll":{"liveness":true,"liveness_threshold":12.5,"several_faces":"largest"},)"
                  R"("search":{"liveness":false,"liveness_threshold":50,"several_faces":"reject"},)"
                  R"("duplicates":"reject","quality":"strict")") != std::string::npos);
  policy.duplicates = Duplicates::kWarn;
  policy.quality = QualityLevel::kNone;
  CHECK(to_json(info).find(R"("duplicates":"warn","quality":"none")") != std::string::npos);
}

TEST_CASE("a collection that moved to another pack says what is kept, and a migration what it did") {
  service::MigrateResult result;
  result.collection = sample_collection();
  const std::string before = to_json(result.collection);
  const std::string shown = before.substr(0, before.size() - 2);
  result.collection.kept = {sample_collection().record, 9};
  result.collection.kept->record.binding.pack = "old";
  result.collection.kept->record.binding.fingerprint = "cd34";
  const std::string collection = shown + R"(,"kept":{"pack":"old","fingerprint":"cd34","faces":9}})";
  CHECK(to_json(result.collection) == collection + "}");
  result.migrated = 7;
  CHECK(to_json(result) == collection + R"(,"migrated":7,"missing":[],"unused":{}})");
  result.collection.kept.reset();
  result.dry_run = true;
  result.missing = {Uuid::parse(kKey).value()};
  result.unused = {{"FACE_NOT_FOUND", 2}, {"IMAGE_EMPTY", 1}};
  CHECK(to_json(result) == R"({"message":"success","dry_run":true,)" + shown.substr(21) +
                               R"(},"migrated":7,"missing":[")" + kKey +
                               R"("],"unused":{"FACE_NOT_FOUND":2,"IMAGE_EMPTY":1}})");
}

TEST_CASE("a collection that cannot be read is listed with its fault") {
  service::CollectionInfo bad;
  bad.record.id = "x";
  bad.fault = "f";
  CHECK(to_json(std::vector{bad}) ==
        R"({"message":"success","result":[{"id":"x","fault":"f"}],"totalCount":1})");
}

TEST_CASE("keys, letter for letter; a digest is never shown") {
  ApiKeyRecord key = sample_key();
  const std::string start = R"("id":")" + kKey + R"(","label":"door",)";
  CHECK(to_json(service::NewKey{key, "fsk_00"}) ==
        R"({"message":"success","key":"fsk_00",)" + start +
            R"("scopes":["enroll","search"],"collections":["a","b"],"created":"1970-01-01T00:00:00.000Z",)"
            R"("expires":null,"revoked":null})");
  key.scopes = static_cast<std::uint8_t>(Scope::kAdmin) | static_cast<std::uint8_t>(Scope::kDelete);
  key.collections.clear();
  key.expires = 1000;
  key.revoked = 2000;
  CHECK(to_json(std::vector{key}) == R"({"message":"success","result":[{)" + start +
                                         R"("scopes":["delete","admin"],"collections":[],)"
                                         R"("created":"1970-01-01T00:00:00.000Z",)"
                                         R"("expires":"1970-01-01T00:00:01.000Z",)"
                                         R"("revoked":"1970-01-01T00:00:02.000Z"}],"totalCount":1})");
  CHECK(key_revoked_json(kKey) == R"({"message":"success","keyId":")" + kKey + R"("})");
  CHECK(master_rotated_json("/k") == R"({"message":"success","masterKeyFile":"/k"})");
}

}  // namespace facesearch::contract

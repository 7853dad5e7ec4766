// SPDX-License-Identifier: MIT
#include <string>

#include <fmt/format.h>

#include "catch.hpp"
#include "facesearch/contract/responses/response.hpp"

namespace facesearch::contract {
namespace {

constexpr const char* kFaceId = "0197a0b1-0000-7000-8000-000000000001";
constexpr const char* kPersonId = "0197a0b1-0000-7000-8000-000000000002";
constexpr const char* kSearchId = "0197a0b1-0000-7000-8000-000000000003";

Uuid id(const char* text) {
  return Uuid::parse(text).value();
}

DetectedFace sample_face() {
  return {{10.004, 20.5, 99.999, -0.001}, 0.91234, {{{1, 2}, {3.25, 4}, {5, 6}, {7, 8}, {9, 10.129}}}};
}

service::SearchResult sample_search() {
  service::SearchResult result;
  result.search_id = id(kSearchId);
  result.request_name = "door 1";
  result.policy_similarity = 80;
  result.matches = {{id(kFaceId), id(kPersonId), "Ann", {}, 97.3}};
  result.matches_total = 1;
  result.expected_false_candidates = 0.00123456;
  result.seen = service::Sighting{sample_face(), 2, "first", {}, {}};
  return result;
}

}  // namespace

TEST_CASE("search's answer, letter for letter") {
  CHECK(
      to_json(sample_search()) ==
      R"({"message":"success","searchId":"0197a0b1-0000-7000-8000-000000000003","requestName":"door 1",)"
      R"("option":{"option_liveness":false,"liveNess_threshold":50,"liveNessScore":0,"policy_similarity":80},)"
      R"("faceIdList":["0197a0b1-0000-7000-8000-000000000001"],)"
      R"("result":[{"face_id":"0197a0b1-0000-7000-8000-000000000001","user_name":"Ann",)"
      R"("meta_face_id":"0197a0b1-0000-7000-8000-000000000002","similarity_score":97.3}],)"
      R"("face":{"x":10,"y":20.5,"width":100,"height":0},"faces_found":2,"found_by":"first",)"
      R"("matches_total":1,"truncated":false,"expected_false_candidates":0.001235})");
}

TEST_CASE("search's answer with nobody, a user name, liveness and warnings") {
  service::SearchResult result = sample_search();
  result.user_name = "u";
  result.liveness = {true, 55.5, 99.996};
  result.policy_similarity = 72.125;
  result.matches.clear();
  result.matches_total = 0;
  result.expected_false_candidates = 0;
  result.warnings = {{"ONE", "first."}, {"TWO", "second."}};
  CHECK(
      to_json(result) ==
      R"({"message":"success","searchId":"0197a0b1-0000-7000-8000-000000000003","requestName":"door 1",)"
      R"("userName":"u",)"
      R"("option":{"option_liveness":true,"liveNess_threshold":55.5,"liveNessScore":100,"policy_similarity":72.12},)"
      R"("faceIdList":[],"result":[],"face":{"x":10,"y":20.5,"width":100,"height":0},"faces_found":2,)"
      R"("found_by":"first","matches_total":0,"truncated":false,"expected_false_candidates":0,)"
      R"("warnings":[{"reason":"ONE","detail":"first."},{"reason":"TWO","detail":"second."}]})");
}

TEST_CASE("an answer that rests on a provisional calibration says so, before its warnings") {
  const auto says = [](const std::string& json) {
    return json.find(R"(,"calibration":"provisional")") != std::string::npos;
  };
  service::SearchResult search = sample_search();
  CHECK_FALSE(says(to_json(search)));
  search.provisional = true;
  search.warnings = {{"ONE", "first."}};
  CHECK_THAT(to_json(search),
             Catch::EndsWith(R"("expected_false_candidates":0.001235,"calibration":"provisional",)"
                             R"("warnings":[{"reason":"ONE","detail":"first."}]})"));
  service::EnrollResult enroll;
  CHECK_FALSE(says(to_json(enroll)));
  enroll.provisional = true;
  CHECK(says(to_json(enroll)));
  service::VerifyResult verify;
  CHECK_FALSE(says(to_json(verify)));
  verify.provisional = true;
  CHECK(says(to_json(verify)));
  service::DedupeResult dedupe;
  CHECK_FALSE(says(to_json(dedupe)));
  dedupe.provisional = true;
  CHECK(says(to_json(dedupe)));
  service::CollectionInfo collection;
  CHECK_FALSE(to_json(collection).find("provisional") != std::string::npos);
  collection.record.binding.calibration.provisional = true;
  CHECK_THAT(to_json(collection), Catch::Contains(R"("provisional":true)"));
}

TEST_CASE("search says when the limit cut the list") {
  service::SearchResult result = sample_search();
  result.matches_total = 2;
  CHECK(to_json(result).find(R"("matches_total":2,"truncated":true)") != std::string::npos);
}

TEST_CASE("scores have two decimals and no more digits than they need") {
  for (const auto& [score, text] : {std::pair{97.3, "97.3"},
                                    {97.299999999, "97.3"},
                                    {97.305, "97.31"},
                                    {0.1 + 0.2, "0.3"},
                                    {99.999, "100"},
                                    {0.004, "0"},
                                    {-0.004, "0"},
                                    {33.33333, "33.33"}}) {
    service::SearchResult result = sample_search();
    result.matches[0].similarity = score;
    INFO(to_json(result));
    CHECK_THAT(to_json(result), Catch::Contains(fmt::format(R"("similarity_score":{}}})", text)));
  }
}

TEST_CASE("expected_false_candidates has four digits at any size") {
  for (const auto& [value, text] : {std::pair{123456.0, "123500"},
                                    {1.0, "1"},
                                    {0.1, "0.1"},
                                    {1.23456e-9, "1.235e-09"},
                                    {99999.0, "100000"}}) {
    service::SearchResult result = sample_search();
    result.expected_false_candidates = value;
    INFO(to_json(result));
    CHECK_THAT(to_json(result), Catch::Contains(fmt::format(R"("expected_false_candidates":{}}})", text)));
  }
}

TEST_CASE("text that is no UTF-8 is written with U+FFFD, control characters escaped") {
  service::SearchResult result = sample_search();
  result.request_name = std::string("a\xFF\n\"\0z", 6);
  CHECK(to_json(result).find("\"requestName\":\"a\uFFFD\\n\\\"\\u0000z\"") != std::string::npos);
}

TEST_CASE("enroll's answer, letter for letter") {
  service::EnrollResult result;
  result.face = id(kFaceId);
  result.person = id(kPersonId);
  result.probe.seen =
      service::Sighting{sample_face(), 1, "second", {123.456, 127.5, -3.14159, 2, 0, 0.98765, -0.01234}, {}};
  result.probe.liveness = {true, 50, 87.654};
  const std::string expected =
      R"({"message":"success","faceId":"0197a0b1-0000-7000-8000-000000000001",)"
      R"("metaFaceId":"0197a0b1-0000-7000-8000-000000000002",)"
      R"("option":{"option_liveness":true,"liveNess_threshold":50,"livenessScore":87.65},)"
      R"("face":{"x":10,"y":20.5,"width":100,"height":0},"faces_found":1,"found_by":"second",)"
      R"("quality":{"sharpness":123.46,"brightness":127.5,"yaw":-3.14,"pitch":2,"roll":0,"inside":0.988,"margin":-0.012})";
  CHECK(to_json(result) == expected + "}");
  result.warnings = {{"DUPLICATE_FACE", "is there already."}};
  CHECK(to_json(result) ==
        expected + R"(,"warnings":[{"reason":"DUPLICATE_FACE","detail":"is there already."}]})");
}

TEST_CASE("face list's answer, letter for letter") {
  service::FaceListResult result{"staff", {}};
  CHECK(to_json(result) == R"({"message":"success","result":[],"totalCount":0})");
  result.page.faces = {{id(kFaceId), id(kPersonId), "Ann", {}, 0},
                       {id(kSearchId), id(kPersonId), "", {{"b", "2"}, {"a", "1"}}, 1}};
  result.page.total = 52;
  CHECK(to_json(result) ==
        R"({"message":"success","result":[)"
        R"({"collection_id":"staff","face_id":"0197a0b1-0000-7000-8000-000000000001","user_name":"Ann",)"
        R"("create_time":"1970-01-01T00:00:00.000Z","meta_face_id":"0197a0b1-0000-7000-8000-000000000002"},)"
        R"({"collection_id":"staff","face_id":"0197a0b1-0000-7000-8000-000000000003","user_name":"",)"
        R"("create_time":"1970-01-01T00:00:00.001Z","meta_face_id":"0197a0b1-0000-7000-8000-000000000002",)"
        R"("metadata":{"a":"1","b":"2"}}],"totalCount":52})");
}

TEST_CASE("face delete's answer, letter for letter") {
  CHECK(face_deleted_json(false) == R"({"message":"Success","erased":false})");
  CHECK(face_deleted_json(true) == R"({"message":"Success","erased":true})");
}

TEST_CASE("verify's answers, letter for letter") {
  service::VerifyResult result;
  result.match = true;
  result.similarity = 91.239;
  result.policy_similarity = 80;
  result.false_match_rate = 0.0001;
  result.a.seen = service::Sighting{sample_face(), 1, "first", {}, {}};
  result.b = result.a;
  CHECK(
      to_json(result) ==
      R"({"message":"success","match":true,"similarity_score":91.24,"policy_similarity":80,)"
      R"("face_a":{"x":10,"y":20.5,"width":100,"height":0},"face_b":{"x":10,"y":20.5,"width":100,"height":0},)"
      R"("faces_found_a":1,"faces_found_b":1,"false_match_rate":0.0001})");
  result.match = false;
  result.b.reset();
  result.face = id(kFaceId);
  result.person = id(kPersonId);
  CHECK(
      to_json(result) ==
      R"({"message":"success","match":false,"similarity_score":91.24,"policy_similarity":80,)"
      R"("face_a":{"x":10,"y":20.5,"width":100,"height":0},"faces_found_a":1,)"
      R"("face_id":"0197a0b1-0000-7000-8000-000000000001",)"
      R"("meta_face_id":"0197a0b1-0000-7000-8000-000000000002",)"
      R"("option":{"option_liveness":false,"liveNess_threshold":50,"liveNessScore":0},"false_match_rate":0.0001})");
}

TEST_CASE("answers about a template show no face: there was no picture") {
  service::SearchResult found = sample_search();
  found.seen.reset();
  CHECK_THAT(to_json(found), Catch::Contains(R"("similarity_score":97.3}],"matches_total":1)"));
  service::EnrollResult enrolled;
  enrolled.face = id(kFaceId);
  enrolled.person = id(kPersonId);
  CHECK(to_json(enrolled) ==
        R"({"message":"success","faceId":"0197a0b1-0000-7000-8000-000000000001",)"
        R"("metaFaceId":"0197a0b1-0000-7000-8000-000000000002",)"
        R"("option":{"option_liveness":false,"liveNess_threshold":50,"livenessScore":0}})");
  service::VerifyResult verified;
  verified.b.emplace();
  CHECK(
      to_json(verified) ==
      R"({"message":"success","match":false,"similarity_score":0,"policy_similarity":0,"false_match_rate":0})");
}

TEST_CASE("extract's answer, letter for letter") {
  service::ExtractResult result;
  result.pack = "mini";
  result.fingerprint = "ab12";
  result.probe.values = {1.0F, -0.5F, 0.0F};
  result.probe.seen = service::Sighting{sample_face(), 2, "first", {1, 2, 3, 4, 5, 1, 0.25}, {}};
  const std::string start =
      R"({"message":"success","template":"AACAPwAAAL8AAAAA","fingerprint":"ab12","pack":"mini",)"
      R"("dimension":3,"box":{"x":10,"y":20.5,"width":100,"height":0},"faces_found":2,)"
      R"("found_by":"first","quality":{"sharpness":1,"brightness":2,"yaw":3,"pitch":4,)"
      R"("roll":5,"inside":1,"margin":0.25})";
  CHECK(to_json(result) == start + "}");
  result.probe.seen->liveness = LivenessResult{12.345, false};
  result.warnings = {{"SEVERAL_FACES", "one of two."}};
  CHECK(to_json(result) == start + R"(,"liveness":{"score":12.35,"certain":false},)" +
                               R"("warnings":[{"reason":"SEVERAL_FACES","detail":"one of two."}]})");
}

TEST_CASE("detect's answer, letter for letter") {
  service::DetectResult result{640, 480, "", {}, {}};
  CHECK(
      to_json(result) ==
      R"({"message":"success","image":{"width":640,"height":480},"faces_found":0,"faces":[],"found_by":""})");
  result.found_by = "turned-90";
  result.faces = {{sample_face(), {1, 2, 3, 4, 5, 1, 0.25}, LivenessResult{12.345, false}}, {}};
  result.faces[1].face.box = {1, 2, 3, 4};
  CHECK(to_json(result) ==
        R"({"message":"success","image":{"width":640,"height":480},"faces_found":2,"faces":[)"
        R"({"x":10,"y":20.5,"width":100,"height":0,"score":0.912,)"
        R"("landmarks":[[1,2],[3.25,4],[5,6],[7,8],[9,10.13]],)"
        R"("quality":{"sharpness":1,"brightness":2,"yaw":3,"pitch":4,"roll":5,"inside":1,"margin":0.25},)"
        R"("liveness":{"score":12.35,"certain":false}},)"
        R"({"x":1,"y":2,"width":3,"height":4,"score":0,"landmarks":[[0,0],[0,0],[0,0],[0,0],[0,0]],)"
        R"("quality":{"sharpness":0,"brightness":0,"yaw":0,"pitch":0,"roll":0,"inside":1,"margin":0}}],)"
        R"("found_by":"turned-90"})");
}

}  // namespace facesearch::contract

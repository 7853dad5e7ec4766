// SPDX-License-Identifier: MIT
// Answers of shards put together, against the answer of one gallery.
#include <algorithm>
#include <random>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "contract/thrown.hpp"
#include "facesearch/contract/responses/response.hpp"
#include "facesearch/contract/shards/shard_answers.hpp"

namespace facesearch::contract {
namespace {

using Json = nlohmann::ordered_json;

struct Face {
  service::SearchMatch match;
  std::size_t shard = 0;
};

// What a search answers of these faces, all of which match.
std::string answer_of(std::vector<service::SearchMatch> faces, std::uint64_t gallery, std::size_t limit,
                      bool mergeable) {
  std::ranges::sort(faces, [](const auto& a, const auto& b) {
    return a.cosine != b.cosine ? a.cosine > b.cosine : a.face < b.face;
  });
  service::SearchResult result;
  result.search_id = Uuid::make();
  result.request_name = "door";
  result.policy_similarity = 80;
  result.matches_total = faces.size();
  if (faces.size() > limit) faces.resize(limit);
  result.matches = std::move(faces);
  const double rate = 1.0 / 3e4;
  result.expected_false_candidates = static_cast<double>(gallery) * rate;
  result.warnings.push_back({"SEVERAL_FACES", "one of 2"});
  if (mergeable) result.basis = service::SearchBasis{"abc", "0f", gallery, limit, 0.1, rate};
  return to_json(result);
}

Json without_id(const std::string& document) {
  Json json = Json::parse(document);
  CHECK(Uuid::parse(json.at("searchId").get<std::string>()));
  json.erase("searchId");
  return json;
}

MergedAnswer merge(const std::vector<std::string>& documents, bool mergeable = false) {
  std::vector<ShardAnswer> answers;
  for (const std::string& document : documents)
    answers.push_back({"shard", read_shard_line(document).document});
  return merge_answers(answers, mergeable);
}

std::string merge_refusal(const std::vector<std::string>& documents) {
  return thrown([&] { (void)merge(documents); }).reason();
}

// One answer, changed.
std::string changed(const std::function<void(Json&)>& change) {
  service::SearchMatch match;
  match.face = Uuid::make();
  match.cosine = 0.5;
  Json json = Json::parse(answer_of({match}, 10, 5, true));
  change(json);
  return json.dump();
}

}  // namespace

TEST_CASE("a shard that is matched by person is merged with others of its kind alone", "[shards]") {
  service::SearchMatch match;
  match.face = Uuid::make();
  match.cosine = 0.5;
  match.person_score = 85.5;
  service::SearchResult result;
  result.search_id = Uuid::make();
  result.matches = {match};
  result.matches_total = 1;
  result.basis = service::SearchBasis{"abc", "0f", 10, 5, 0.1, 1e-4, true};
  const std::string by_person = to_json(result);
  CHECK(Json::parse(by_person)["merge"]["match_by"] == "person");
  CHECK(Json::parse(by_person)["result"][0]["person_score"] == 85.5);
  result.search_id = Uuid::make();
  result.matches[0].face = Uuid::make();
  const Json merged = Json::parse(merge({by_person, to_json(result)}, true).document);
  CHECK(merged["matches_total"] == 2);
  CHECK(merged["merge"]["match_by"] == "person");
  CHECK(merged["result"][1]["person_score"] == 85.5);
  result.search_id = Uuid::make();
  result.basis->by_person = false;
  CHECK(merge_refusal({by_person, to_json(result)}) == "SHARDS_DIFFER");
}

TEST_CASE("merged answers are those of one gallery, to the last digit", "[shards]") {
  std::minstd_rand random(1);
  for (int round = 0; round < 200; ++round) {
    const std::size_t shards = 1 + random() % 5;
    const std::size_t limit = 1 + random() % 12;
    std::vector<service::SearchMatch> all;
    std::vector<std::vector<service::SearchMatch>> parts(shards);
    std::vector<std::uint64_t> faces(shards);
    std::uint64_t total = 0;
    for (std::uint64_t& count : faces) total += count = random() % 100'000;
    const auto few = static_cast<double>(1 + random() % 40);
    for (unsigned i = 0; i < random() % 60; ++i) {
      service::SearchMatch match;
      match.face = Uuid::make();
      match.person = Uuid::make();
      match.name = "p\u00e9" + std::to_string(i);
      // Ties, and cosines that differ in their last digits only.
      match.cosine = 0.3 + std::floor(static_cast<double>(random() % 1000) / few) * 1e-16;
      match.similarity = 80 + match.cosine;
      all.push_back(match);
      parts[random() % shards].push_back(match);
    }
    std::vector<std::string> documents;
    for (std::size_t i = 0; i < shards; ++i) documents.push_back(answer_of(parts[i], faces[i], limit, true));
    const MergedAnswer merged = merge(documents);
    CHECK_FALSE(merged.failed);
    CHECK(merged.nobody == all.empty());
    CHECK(without_id(merged.document) == without_id(answer_of(all, total, limit, false)));
    CHECK(without_id(merged.document).dump() == without_id(answer_of(all, total, limit, false)).dump());
    // Merges can be merged, in any grouping.
    const std::string half =
        merge({documents.begin(), documents.begin() + static_cast<long>(shards / 2 + 1)}, true).document;
    std::vector<std::string> rest{half};
    rest.insert(rest.end(), documents.begin() + static_cast<long>(shards / 2 + 1), documents.end());
    CHECK(without_id(merge(rest).document) == without_id(merged.document));
  }
}

TEST_CASE("the lowest limit counts, warnings come once", "[shards]") {
  service::SearchMatch match;
  std::vector<service::SearchMatch> matches(6, match);
  for (auto& each : matches) each.face = Uuid::make();
  const Json merged =
      Json::parse(merge({answer_of(matches, 6, 5, true), answer_of(matches, 6, 3, true)}).document);
  CHECK(merged["faceIdList"].size() == 3);
  CHECK(merged["matches_total"] == 12);
  CHECK(merged["truncated"] == true);
  CHECK(merged["warnings"].size() == 1);
  CHECK_FALSE(merged.contains("merge"));
  CHECK(Json::parse(merge({answer_of(matches, 6, 5, true)}, true).document)["merge"]["limit"] == 5);
}

TEST_CASE("an error of a shard is the answer", "[shards]") {
  const std::string good = changed([](Json&) {});
  const std::string bad =
      R"({"input":"x","errorCode":7003,"message":"The store is busy.","reason":"STORE_BUSY","detail":"d"})";
  const MergedAnswer merged = merge({good, bad});
  CHECK(merged.failed);
  CHECK(
      Json::parse(merged.document) ==
      Json::parse(R"({"errorCode":7003,"message":"The store is busy.","reason":"STORE_BUSY","detail":"d"})"));
  CHECK(merge_refusal({R"({"errorCode":"x"})"}) == "SHARD_INVALID");
  CHECK(merge_refusal({R"({"errorCode":7003})"}) == "SHARD_INVALID");
  CHECK(merge_refusal({R"({"errorCode":1,"message":"m","reason":"r","detail":"d"})"}) == "SHARD_INVALID");
  CHECK(merge_refusal({R"({"errorCode":7003,"message":"m","reason":"r","detail":{}})"}) == "SHARD_INVALID");
}

TEST_CASE("what does not belong together is refused", "[shards]") {
  const std::string good = changed([](Json&) {});
  CHECK(merge_refusal({good, changed([](Json& json) { json["merge"]["fingerprint"] = "abd"; })}) ==
        "SHARDS_DIFFER");
  CHECK(merge_refusal({good, changed([](Json& json) { json["merge"]["min_cosine"] = 0.2; })}) ==
        "SHARDS_DIFFER");
  CHECK(merge_refusal({good, changed([](Json& json) { json["merge"]["false_match_rate"] = 1; })}) ==
        "SHARDS_DIFFER");
  CHECK(merge_refusal({good, changed([](Json& json) { json["requestName"] = "window"; })}) ==
        "SHARDS_DIFFER");
  CHECK(merge_refusal({good, changed([](Json& json) { json.erase("requestName"); })}) == "SHARDS_DIFFER");
  CHECK(merge_refusal({good, changed([](Json& json) { json["userName"] = "x"; })}) == "SHARDS_DIFFER");
  CHECK(merge_refusal({good, changed([](Json& json) { json["merge"]["probe"] = "1f"; })}) == "SHARDS_DIFFER");
  CHECK(merge_refusal({good, changed([](Json& json) { json["option"]["option_liveness"] = true; })}) ==
        "SHARDS_DIFFER");
  CHECK(merge_refusal({good, changed([](Json& json) { json.erase("option"); })}) == "SHARDS_DIFFER");
  CHECK(merge_refusal({good, good}) == "SHARDS_DIFFER");
  // What is measured anew on each machine may differ in its last digits.
  CHECK_FALSE(merge({good, changed([](Json& json) { json["option"]["liveNessScore"] = 1; })}).failed);
}

TEST_CASE("what was not written with --mergeable is refused, whatever it is", "[shards]") {
  const auto refused = [](const std::function<void(Json&)>& change) {
    const std::string document = changed(change);
    INFO(document);
    CHECK(merge_refusal({document}) == "SHARD_INVALID");
  };
  for (const char* member : {"merge", "result", "matches_total"}) {
    refused([&](Json& json) { json.erase(member); });
    refused([&](Json& json) { json[member] = "x"; });
    refused([&](Json& json) { json[member] = nullptr; });
  }
  for (const char* member : {"fingerprint", "faces", "limit", "min_cosine", "false_match_rate", "cosines"}) {
    refused([&](Json& json) { json["merge"].erase(member); });
  }
  refused([](Json& json) { json["merge"]["faces"] = -1; });
  refused([](Json& json) { json["merge"]["limit"] = 0; });
  refused([](Json& json) { json["merge"]["limit"] = 10'001; });
  refused([](Json& json) { json["merge"]["false_match_rate"] = "x"; });
  refused([](Json& json) { json["merge"]["cosines"] = Json::array(); });
  refused([](Json& json) { json["merge"]["cosines"][0] = "1"; });
  refused([](Json& json) { json["matches_total"] = 2; });
  refused([](Json& json) { json["result"][0] = 1; });
  refused([](Json& json) { json["result"][0]["face_id"] = "nobody"; });
  refused([](Json& json) { json["result"][0].erase("face_id"); });
}

TEST_CASE("an answer that lacks what a merge writes gets it", "[shards]") {
  const auto bare = [](Json& json) {
    for (const char* member : {"faceIdList", "truncated", "expected_false_candidates"}) json.erase(member);
  };
  const Json merged = Json::parse(merge({changed(bare), changed(bare)}, true).document);
  CHECK(merged["faceIdList"].size() == 2);
  CHECK(merged["merge"]["faces"] == 20);
}

TEST_CASE("lines of a shard's output are told apart", "[shards]") {
  CHECK(read_shard_line(R"({"input":"a.jpg","message":"success"})").input == "a.jpg");
  CHECK_FALSE(read_shard_line(R"({"message":"success"})").input);
  CHECK_FALSE(read_shard_line(R"({"type":7})").is_summary);
  CHECK(read_shard_line(R"({"type":"summary"})").is_summary);
  CHECK_FALSE(read_shard_line(R"({"type":"summary"})").ended_early);
  CHECK(read_shard_line(R"({"type":"summary","interrupted":true})").ended_early);
  CHECK(read_shard_line(R"({"type":"summary","ended_by":{}})").ended_early);
  for (const std::string line : {"", "[]", "{", "\xff", "1"}) {
    CHECK(thrown([&] { (void)read_shard_line(line); }).reason() == "SHARD_INVALID");
  }
  const std::string deep(1'000'000, '[');
  CHECK(thrown([&] { (void)read_shard_line("{\"warnings\":" + deep); }).reason() == "SHARD_INVALID");
  std::string members = "{\"a\":1";
  for (int i = 0; i < 100'000; ++i) members += ",\"" + std::to_string(i) + "\":1";
  CHECK(thrown([&] { (void)read_shard_line(members + "}"); }).reason() == "SHARD_INVALID");
  std::string values = "{\"warnings\":[{}";
  for (int i = 0; i < 1'000'000; ++i) values += ",{}";
  CHECK(thrown([&] { (void)read_shard_line(values + "]}"); }).reason() == "SHARD_INVALID");
  CHECK_FALSE(read_shard_line(R"({"input":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"{,,,"})").is_summary);
}

}  // namespace facesearch::contract

// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "facesearch/contract/responses/response.hpp"

namespace facesearch::contract {
namespace {

Uuid id(std::uint8_t last) {
  Uuid result;
  result.bytes.back() = last;
  return result;
}

}  // namespace

TEST_CASE("alike faces, letter for letter") {
  service::DedupeResult result;
  result.collection_id = "staff";
  result.similarity = 82.5;
  result.faces = 3;
  result.compared = 3;
  result.pairs_total = 2;
  result.pairs = {{{id(1), id(9), "Ada"}, {id(2), id(8), "Bob"}, 97.456}};
  result.expected_false_pairs = 3e-4;
  CHECK(
      to_json(result) ==
      R"({"message":"success","collectionId":"staff","similarity":82.5,"same_person":false,"faces":3,"pairs_compared":3,)"
      R"("pairs_total":2,"result":[{"faces":[{"face_id":"00000000-0000-0000-0000-000000000001","user_name":"Ada",)"
      R"("meta_face_id":"00000000-0000-0000-0000-000000000009"},{"face_id":"00000000-0000-0000-0000-000000000002",)"
      R"("user_name":"Bob","meta_face_id":"00000000-0000-0000-0000-000000000008"}],"similarity_score":97.46}],)"
      R"("truncated":true,"expected_false_pairs":0.0003})");
  result.pairs.clear();
  result.same_person = true;
  result.clusters = {{id(1), id(2)}};
  result.warnings = {{"THRESHOLD_EXTRAPOLATED", "why"}};
  CHECK(
      to_json(result) ==
      R"({"message":"success","collectionId":"staff","similarity":82.5,"same_person":true,"faces":3,"pairs_compared":3,)"
      R"("pairs_total":2,"clusters":[{"size":2,"faceIdList":["00000000-0000-0000-0000-000000000001",)"
      R"("00000000-0000-0000-0000-000000000002"]}],"totalCount":1,"expected_false_pairs":0.0003,)"
      R"("warnings":[{"reason":"THRESHOLD_EXTRAPOLATED","detail":"why"}]})");
}

}  // namespace facesearch::contract

// SPDX-License-Identifier: MIT
#include "facesearch/contract/responses/dedupe.hpp"

#include "facesearch/contract/responses/json_values.hpp"

namespace facesearch::contract {
namespace {

OrderedJson face_json(const service::DedupeFace& face) {
  return {{"face_id", face.face.text()}, {"user_name", face.name}, {"meta_face_id", face.person.text()}};
}

OrderedJson pairs_json(const std::vector<service::AlikeFaces>& pairs) {
  OrderedJson rows = OrderedJson::array();
  for (const service::AlikeFaces& pair : pairs) {
    rows.push_back({{"faces", OrderedJson::array({face_json(pair.a), face_json(pair.b)})},
                    {"similarity_score", rounded(pair.similarity)}});
  }
  return rows;
}

OrderedJson clusters_json(const std::vector<std::vector<Uuid>>& clusters) {
  OrderedJson rows = OrderedJson::array();
  for (const auto& cluster : clusters) {
    OrderedJson ids = OrderedJson::array();
    for (const Uuid& face : cluster) ids.push_back(face.text());
    rows.push_back({{"size", cluster.size()}, {"faceIdList", std::move(ids)}});
  }
  return rows;
}

}  // namespace

std::string to_json(const service::DedupeResult& result) {
  OrderedJson json{{"message", "success"},
                   {"collectionId", result.collection_id},
                   {"similarity", rounded(result.similarity)},
                   {"same_person", result.same_person},
                   {"faces", result.faces},
                   {"pairs_compared", result.compared},
                   {"pairs_total", result.pairs_total}};
  if (result.clusters) {
    json["clusters"] = clusters_json(*result.clusters);
    json["totalCount"] = result.clusters->size();
  } else {
    json["result"] = pairs_json(result.pairs);
    json["truncated"] = result.pairs_total > result.pairs.size();
  }
  json["expected_false_pairs"] = four_digits(result.expected_false_pairs);
  add_warnings(json, result.warnings);
  return written(json);
}

}  // namespace facesearch::contract

// SPDX-License-Identifier: MIT
#include "facesearch/contract/responses/response.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "facesearch/contract/responses/json_values.hpp"

namespace facesearch::contract {
namespace {

// The public documentation spells the score's name in two ways.
OrderedJson option_json(const service::LivenessOption& liveness, const char* score_name) {
  return {{"option_liveness", liveness.applied},
          {"liveNess_threshold", rounded(liveness.threshold)},
          {score_name, rounded(liveness.score)}};
}

OrderedJson quality_json(const Quality& quality) {
  return {{"sharpness", rounded(quality.sharpness)},
          {"brightness", rounded(quality.brightness)},
          {"yaw", rounded(quality.yaw)},
          {"pitch", rounded(quality.pitch)},
          {"roll", rounded(quality.roll)},
          {"inside", rounded(quality.inside, 3)},
          {"margin", rounded(quality.margin, 3)}};
}

// Nothing where a template was given.
void add_sighting(OrderedJson& json, const std::optional<service::Sighting>& seen) {
  if (!seen) return;
  json["face"] = box_json(seen->face.box);
  json["faces_found"] = seen->faces_found;
  json["found_by"] = seen->found_by;
}

OrderedJson liveness_json(const LivenessResult& liveness) {
  return {{"score", rounded(liveness.score)}, {"certain", liveness.certain}};
}

OrderedJson detected_json(const service::DetectedFaceReport& report) {
  OrderedJson json = box_json(report.face.box);
  json["score"] = rounded(report.face.score, 3);
  json["landmarks"] = OrderedJson::array();
  for (const Point& point : report.face.landmarks) {
    json["landmarks"].push_back(OrderedJson::array({rounded(point.x), rounded(point.y)}));
  }
  json["quality"] = quality_json(report.quality);
  if (report.liveness) json["liveness"] = liveness_json(*report.liveness);
  return json;
}

// What json_shards reads again.
OrderedJson basis_json(const service::SearchResult& result) {
  OrderedJson json{{"fingerprint", result.basis->fingerprint},
                   {"probe", result.basis->probe},
                   {"faces", result.basis->faces},
                   {"limit", result.basis->limit},
                   {"min_cosine", result.basis->min_cosine},
                   {"false_match_rate", result.basis->false_match_rate},
                   {"cosines", OrderedJson::array()}};
  if (result.basis->by_person) json["match_by"] = "person";
  for (const service::SearchMatch& match : result.matches) json["cosines"].push_back(match.cosine);
  return json;
}

struct Reason {
  Cause cause;
  std::string_view name;
};

// What stands for `reason` where the cause says it all. Stable: scripts compare with it.
constexpr std::array kReasons{
    Reason{Cause::kApiKeyRequired, "API_KEY_REQUIRED"},
    Reason{Cause::kAccessDenied, "ACCESS_DENIED"},
    Reason{Cause::kCollectionIdRequired, "COLLECTION_ID_REQUIRED"},
    Reason{Cause::kRequestNameRequired, "REQUEST_NAME_REQUIRED"},
    Reason{Cause::kUserNameRequired, "USER_NAME_REQUIRED"},
    Reason{Cause::kImageRequired, "IMAGE_REQUIRED"},
    Reason{Cause::kImageInvalid, "IMAGE_INVALID"},
    Reason{Cause::kFaceIdRequired, "FACE_ID_REQUIRED"},
    Reason{Cause::kPageRequired, "PAGE_REQUIRED"},
    Reason{Cause::kTermTooShort, "TERM_TOO_SHORT"},
    Reason{Cause::kCollectionNotFound, "COLLECTION_NOT_FOUND"},
    Reason{Cause::kCollectionDeleted, "COLLECTION_DELETED"},
    Reason{Cause::kFaceGone, "FACE_GONE"},
    Reason{Cause::kFaceUnknown, "FACE_UNKNOWN"},
    Reason{Cause::kImageTooLarge, "IMAGE_TOO_LARGE"},
    Reason{Cause::kImageUnsupported, "IMAGE_UNSUPPORTED"},
    Reason{Cause::kLivenessFailed, "LIVENESS_FAILED"},
    Reason{Cause::kRefused, "REFUSED"},
    Reason{Cause::kInternal, "INTERNAL"},
    Reason{Cause::kRequestNotJson, "JSON_INVALID"},
    Reason{Cause::kCollectionExists, "COLLECTION_EXISTS"},
    Reason{Cause::kStoreBusy, "STORE_BUSY"},
    Reason{Cause::kStoreDamaged, "STORE_DAMAGED"},
    Reason{Cause::kModelMissing, "MODEL_MISSING"},
    Reason{Cause::kModelMismatch, "MODEL_MISMATCH"},
    Reason{Cause::kFileSystem, "FILE_SYSTEM"},
    Reason{Cause::kMasterKey, "MASTER_KEY"},
    Reason{Cause::kPermissionDenied, "PERMISSION_DENIED"},
    Reason{Cause::kInvalidValue, "INVALID_VALUE"},
    Reason{Cause::kNoStore, "NO_STORE"},
};

std::string_view reason_of(Cause cause) {
  const auto* row =
      std::find_if(kReasons.begin(), kReasons.end(), [=](const Reason& r) { return r.cause == cause; });
  return row == kReasons.end() ? "INTERNAL" : row->name;
}

// The documented pair, with what names and explains it.
OrderedJson error_members(Call call, const Error& error) {
  const Documented pair = documented(call, error.cause());
  // INTERNAL is what the contract tells scripts to look for, whatever part of the program it was.
  const bool named = !error.reason().empty() && error.cause() != Cause::kInternal;
  return {{"errorCode", pair.code},
          {"message", pair.message},
          {"reason", named ? std::string_view(error.reason()) : reason_of(error.cause())},
          {"detail", error.detail().empty() ? pair.message : std::string_view(error.detail())}};
}

void add_matches(OrderedJson& json, const std::vector<service::SearchMatch>& matches) {
  json["faceIdList"] = OrderedJson::array();
  json["result"] = OrderedJson::array();
  for (const service::SearchMatch& match : matches) {
    json["faceIdList"].push_back(match.face.text());
    OrderedJson row{{"face_id", match.face.text()},
                    {"user_name", match.name},
                    {"meta_face_id", match.person.text()},
                    {"similarity_score", rounded(match.similarity)}};
    if (match.person_score) row["person_score"] = rounded(*match.person_score);
    if (match.collection) row["collection_id"] = *match.collection;
    if (!match.metadata.empty()) row["metadata"] = match.metadata;
    json["result"].push_back(std::move(row));
  }
}

void add_total(OrderedJson& json, std::uint64_t total, std::size_t listed) {
  json["matches_total"] = total;
  json["truncated"] = total > listed;
}

// One of the faces of a picture: its box, where it was not a template, and why it is refused, where it is.
OrderedJson face_of_many(Call call, const std::optional<service::Sighting>& seen,
                         const std::optional<Error>& refused) {
  OrderedJson json = OrderedJson::object();
  if (seen) json["face"] = box_json(seen->face.box);
  if (refused) json.update(error_members(call, *refused));
  return json;
}

OrderedJson searched_json(const service::SearchedFace& face) {
  OrderedJson json = face_of_many(Call::kSearch, face.seen, face.refused);
  if (face.refused) return json;
  json["option"] = option_json(face.liveness, "liveNessScore");
  add_matches(json, face.found.matches);
  add_total(json, face.found.matches_total, face.found.matches.size());
  return json;
}

OrderedJson enrolled_json(const service::EnrolledFace& face) {
  OrderedJson json = face_of_many(Call::kEnroll, face.seen, face.refused);
  if (face.refused) return json;
  json["outcome"] = outcome_name(face.outcome);
  json["faceId"] = face.face.text();
  json["metaFaceId"] = face.person.text();
  json["user_name"] = face.name;
  if (face.similarity) json["similarity_score"] = rounded(*face.similarity);
  if (!face.seen) return json;
  json["option"] = option_json(face.liveness, "livenessScore");
  json["quality"] = quality_json(face.seen->quality);
  return json;
}

// Where all faces of a picture were asked for.
template <class Face>
void add_faces(OrderedJson& json, const std::optional<std::vector<Face>>& faces,
               OrderedJson (*face_json)(const Face&)) {
  if (!faces) return;
  json["faces"] = OrderedJson::array();
  for (const Face& face : *faces) json["faces"].push_back(face_json(face));
}

OrderedJson compared_json(const std::vector<service::ProbedFace>& faces) {
  OrderedJson list = OrderedJson::array();
  for (const service::ProbedFace& face : faces) {
    list.push_back(face_of_many(Call::kVerify, face.probe.seen, face.refused));
  }
  return list;
}

void add_pairs(OrderedJson& json, const service::FacePairs& faces) {
  json["faces_a"] = compared_json(faces.a);
  if (!faces.b.empty()) json["faces_b"] = compared_json(faces.b);
  json["pairs"] = OrderedJson::array();
  for (const service::FacePair& pair : faces.pairs) {
    OrderedJson row{{"a", pair.a + 1}};
    if (!faces.b.empty()) row["b"] = pair.b + 1;
    row["match"] = pair.match;
    row["similarity_score"] = rounded(pair.similarity);
    json["pairs"].push_back(std::move(row));
  }
  json["pairs_total"] = faces.total;
  json["truncated"] = faces.total > faces.pairs.size();
}

}  // namespace

std::string to_json(const service::SearchResult& result) {
  OrderedJson json{
      {"message", "success"}, {"searchId", result.search_id.text()}, {"requestName", result.request_name}};
  if (result.user_name) json["userName"] = *result.user_name;
  json["option"] = option_json(result.liveness, "liveNessScore");
  json["option"]["policy_similarity"] = rounded(result.policy_similarity);
  add_matches(json, result.matches);
  add_sighting(json, result.seen);
  add_total(json, result.matches_total, result.matches.size());
  json["expected_false_candidates"] = four_digits(result.expected_false_candidates);
  add_provisional(json, result.provisional);
  add_warnings(json, result.warnings);
  add_faces(json, result.faces, searched_json);
  if (result.basis) json["merge"] = basis_json(result);
  return written(json);
}

std::string_view outcome_name(service::FaceOutcome outcome) {
  switch (outcome) {
    case service::FaceOutcome::kNew:
      return "new";
    case service::FaceOutcome::kJoined:
      return "joined";
    case service::FaceOutcome::kMatched:
      return "matched";
    case service::FaceOutcome::kAlready:
      return "already_enrolled";
  }
  return "";
}

std::string to_json(const service::EnrollResult& result) {
  if (result.already_enrolled) {
    OrderedJson json{{"message", "success"},
                     {"faceId", result.face.text()},
                     {"metaFaceId", result.person.text()},
                     {"already_enrolled", true}};
    if (!result.name.empty()) json["user_name"] = result.name;
    add_provisional(json, result.provisional);
    add_warnings(json, result.warnings);
    add_faces(json, result.faces, enrolled_json);
    return written(json);
  }
  OrderedJson json{{"message", "success"},
                   {"faceId", result.face.text()},
                   {"metaFaceId", result.person.text()},
                   {"option", option_json(result.probe.liveness, "livenessScore")}};
  add_sighting(json, result.probe.seen);
  if (result.probe.seen) json["quality"] = quality_json(result.probe.seen->quality);
  add_provisional(json, result.provisional);
  add_warnings(json, result.warnings);
  add_faces(json, result.faces, enrolled_json);
  return written(json);
}

std::string to_json(const service::FaceListResult& result) {
  OrderedJson rows = OrderedJson::array();
  for (const FaceRecord& face : result.page.faces) {
    OrderedJson row{{"collection_id", result.collection_id}};
    row.update(face_json(face));
    rows.push_back(std::move(row));
  }
  return written({{"message", "success"}, {"result", std::move(rows)}, {"totalCount", result.page.total}});
}

std::string to_json(const service::VerifyResult& result) {
  OrderedJson json{{"message", "success"},
                   {"match", result.match},
                   {"similarity_score", rounded(result.similarity)},
                   {"policy_similarity", rounded(result.policy_similarity)}};
  if (result.a.seen) json["face_a"] = box_json(result.a.seen->face.box);
  if (result.b && result.b->seen) json["face_b"] = box_json(result.b->seen->face.box);
  if (result.a.seen) json["faces_found_a"] = result.a.seen->faces_found;
  if (result.b && result.b->seen) json["faces_found_b"] = result.b->seen->faces_found;
  if (result.face) {
    json["face_id"] = result.face->text();
    if (result.person) json["meta_face_id"] = result.person->text();
    // Only a collection's policy asks for liveness.
    json["option"] = option_json(result.a.liveness, "liveNessScore");
  }
  json["false_match_rate"] = four_digits(result.false_match_rate);
  if (result.faces) add_pairs(json, *result.faces);
  add_provisional(json, result.provisional);
  std::vector<service::Warning> warnings;
  if (result.a.seen) service::warn_of_reduction(result.a.seen->reduction, warnings);
  if (result.b && result.b->seen) service::warn_of_reduction(result.b->seen->reduction, warnings);
  add_warnings(json, warnings);
  return written(json);
}

std::string to_json(const service::DetectResult& result) {
  OrderedJson faces = OrderedJson::array();
  for (const service::DetectedFaceReport& report : result.faces) faces.push_back(detected_json(report));
  OrderedJson json{{"message", "success"},
                   {"image", {{"width", result.width}, {"height", result.height}}},
                   {"faces_found", result.faces.size()},
                   {"faces", std::move(faces)},
                   {"found_by", result.found_by}};
  add_warnings(json, result.warnings);
  return written(json);
}

std::string to_json(const service::ExtractResult& result) {
  const service::Sighting& seen = result.probe.seen.value();
  OrderedJson json{{"message", "success"},
                   {"template", template_text(result.probe.values)},
                   {"fingerprint", result.fingerprint},
                   {"pack", result.pack},
                   {"dimension", result.probe.values.size()},
                   {"box", box_json(seen.face.box)},
                   {"faces_found", seen.faces_found},
                   {"found_by", seen.found_by},
                   {"quality", quality_json(seen.quality)}};
  if (seen.liveness) json["liveness"] = liveness_json(*seen.liveness);
  add_warnings(json, result.warnings);
  return written(json);
}

std::string face_deleted_json(bool erased, bool remembered) {
  OrderedJson json{{"message", "Success"}, {"erased", erased}};
  if (remembered) json["remembered"] = true;
  return written(json);
}

std::string error_json(Call call, const Error& error) {
  return written(error_members(call, error));
}

}  // namespace facesearch::contract

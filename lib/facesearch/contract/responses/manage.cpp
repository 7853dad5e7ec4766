// SPDX-License-Identifier: MIT
#include "facesearch/contract/responses/json_values.hpp"
#include "facesearch/contract/responses/response.hpp"

// Documents about collections, keys, backups and duplicates. The public API has no such calls.
namespace facesearch::contract {
namespace {

const char* name_of(SeveralFaces rule) {
  return rule == SeveralFaces::kReject ? "reject" : "largest";
}

const char* name_of(Duplicates rule) {
  if (rule == Duplicates::kAllow) return "allow";
  return rule == Duplicates::kWarn ? "warn" : "reject";
}

const char* name_of(QualityLevel level) {
  if (level == QualityLevel::kNone) return "none";
  return level == QualityLevel::kBasic ? "basic" : "strict";
}

OrderedJson side_json(const SidePolicy& side) {
  return {{"liveness", side.liveness},
          {"liveness_threshold", rounded(side.liveness_threshold)},
          {"several_faces", name_of(side.several_faces)}};
}

OrderedJson policy_json(const Policy& policy) {
  return {{"similarity", rounded(policy.similarity)},
          {"enroll", side_json(policy.enroll)},
          {"search", side_json(policy.search)},
          {"duplicates", name_of(policy.duplicates)},
          {"quality", name_of(policy.quality)},
          {"min_face_px", policy.min_face_px},
          {"image",
           {{"max_bytes", policy.image.max_bytes},
            {"max_pixels", policy.image.max_pixels},
            {"max_side", policy.image.max_side}}},
          {"match_by", policy.match_by == MatchBy::kPerson ? "person" : "face"}};
}

OrderedJson collection_json(const service::CollectionInfo& info) {
  if (!info.fault.empty()) return {{"id", info.record.id}, {"fault", info.fault}};
  const PackBinding& binding = info.record.binding;
  OrderedJson json{{"id", info.record.id},
                   {"created", rfc3339(info.record.created)},
                   {"faces", info.faces},
                   {"pack", binding.pack},
                   {"fingerprint", binding.fingerprint},
                   {"encrypted", info.record.sealed},
                   {"policy", policy_json(info.record.policy)},
                   {"calibration",
                    {{"measured_to", four_digits(binding.calibration.measured_to)},
                     {"source", binding.calibration.source}}}};
  if (binding.calibration.provisional) json["calibration"]["provisional"] = true;
  if (info.record.policy.match_by == MatchBy::kPerson)
    json["calibration"]["means"] = binding.calibration.of_means ? "measured" : "estimated";
  if (info.kept) {
    json["kept"] = {{"pack", info.kept->record.binding.pack},
                    {"fingerprint", info.kept->record.binding.fingerprint},
                    {"faces", info.kept->faces}};
  }
  if (!info.kept_fault.empty()) json["kept"] = {{"fault", info.kept_fault}};
  return json;
}

OrderedJson scopes_json(std::uint8_t scopes) {
  OrderedJson names = OrderedJson::array();
  for (const auto& [scope, name] : {std::pair{Scope::kEnroll, "enroll"},
                                    {Scope::kSearch, "search"},
                                    {Scope::kDelete, "delete"},
                                    {Scope::kAdmin, "admin"}}) {
    if ((scopes & static_cast<unsigned>(scope)) != 0) names.push_back(name);
  }
  return names;
}

OrderedJson time_json(const std::optional<Timestamp>& time) {
  return time ? OrderedJson(rfc3339(*time)) : OrderedJson();
}

OrderedJson key_json(const ApiKeyRecord& key) {
  return {{"id", key.id.text()},
          {"label", key.label},
          {"scopes", scopes_json(key.scopes)},
          {"collections", key.collections},
          {"created", rfc3339(key.created)},
          {"expires", time_json(key.expires)},
          {"revoked", time_json(key.revoked)}};
}

std::string list_json(OrderedJson rows) {
  const std::size_t count = rows.size();
  return written({{"message", "success"}, {"result", std::move(rows)}, {"totalCount", count}});
}

OrderedJson dedupe_face_json(const service::DedupeFace& face) {
  return {{"face_id", face.face.text()}, {"user_name", face.name}, {"meta_face_id", face.person.text()}};
}

OrderedJson pairs_json(const std::vector<service::AlikeFaces>& pairs) {
  OrderedJson rows = OrderedJson::array();
  for (const service::AlikeFaces& pair : pairs) {
    rows.push_back({{"faces", OrderedJson::array({dedupe_face_json(pair.a), dedupe_face_json(pair.b)})},
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

std::string to_json(const service::CollectionInfo& collection) {
  return written({{"message", "success"}, {"collection", collection_json(collection)}});
}

std::string to_json(const std::vector<service::CollectionInfo>& collections) {
  OrderedJson rows = OrderedJson::array();
  for (const service::CollectionInfo& info : collections) rows.push_back(collection_json(info));
  return list_json(std::move(rows));
}

std::string to_json(const service::MigrateResult& result) {
  OrderedJson missing = OrderedJson::array();
  for (const Uuid& face : result.missing) missing.push_back(face.text());
  OrderedJson json{{"message", "success"}};
  if (result.dry_run) json["dry_run"] = true;
  json["collection"] = collection_json(result.collection);
  json["migrated"] = result.migrated;
  json["missing"] = std::move(missing);
  json["unused"] = result.unused;
  return written(json);
}

std::string to_json(const service::MergeResult& result) {
  const auto name_of = [](service::MergeDuplicate::Reason reason) {
    if (reason == service::MergeDuplicate::Reason::kSameFace) return "SAME_FACE";
    return reason == service::MergeDuplicate::Reason::kErased ? "ERASED" : "SAME_PICTURE";
  };
  const auto face_json = [](const service::MergedFace& face) {
    return OrderedJson{{"face_id", face.face.text()}, {"collection_id", face.collection}};
  };
  OrderedJson duplicates = OrderedJson::array();
  for (const service::MergeDuplicate& duplicate : result.duplicates) {
    OrderedJson row{{"reason", name_of(duplicate.reason)}};
    row.update(face_json(duplicate.face));
    row["other"] = face_json(duplicate.other);
    duplicates.push_back(std::move(row));
  }
  OrderedJson json{{"message", "success"},
                   {"collectionId", result.collection_id},
                   {"faces", result.faces},
                   {"duplicates", std::move(duplicates)},
                   {"duplicates_total", result.duplicates_total}};
  add_warnings(json, result.warnings);
  return written(json);
}

std::string collection_deleted_json(std::string_view id) {
  return written({{"message", "success"}, {"collectionId", id}});
}

std::string collection_rewritten_json(std::string_view id, const RewriteReport& report) {
  return written({{"message", "success"},
                  {"collectionId", id},
                  {"faces", report.faces},
                  {"bytes_before", report.bytes_before},
                  {"bytes_after", report.bytes_after}});
}

std::string collection_checked_json(std::string_view id, const CheckReport& report,
                                    const std::optional<service::PeopleReport>& people) {
  OrderedJson json{{"message", "success"},
                   {"collectionId", id},
                   {"faces", report.faces},
                   {"pieces", report.pieces},
                   {"bytes", report.bytes}};
  if (people) {
    json["persons_of_several_faces"] = people->persons;
    json["unlike"] = OrderedJson::array();
    for (const service::UnlikePerson& person : people->unlike) {
      OrderedJson faces = OrderedJson::array();
      for (const service::UnlikeFace& face : person.faces) {
        faces.push_back({{"face_id", face.face.text()}, {"similarity_score", rounded(face.similarity)}});
      }
      json["unlike"].push_back({{"meta_face_id", person.person.id.text()},
                                {"user_name", person.person.name},
                                {"faces", person.person.faces},
                                {"mixed", person.mixed},
                                {"unlike_faces", std::move(faces)}});
    }
    json["unlike_total"] = people->unlike_total;
  }
  return written(json);
}

std::string collection_repaired_json(std::string_view id, std::string_view to, const RepairReport& report,
                                     bool dry_run) {
  OrderedJson lost = OrderedJson::array();
  for (const LostFace& face : report.lost) {
    const char* part = face.part == LostFace::Part::kTemplate ? "template" : "record";
    lost.push_back({{"faceId", face.face.text()}, {"lost", part}});
  }
  OrderedJson json{{"message", report.whole() ? "success" : "incomplete"}};
  if (dry_run) json["dry_run"] = true;
  json["collectionId"] = id;
  json["to"] = to;
  json["faces"] = report.faces;
  json["lost"] = std::move(lost);
  json["rows_unknown"] = report.rows_unknown;
  json["erased"] = report.erased;
  json["erased_unknown"] = report.erased_unknown;
  if (report.decisions_unknown > 0) json["decisions_unknown"] = report.decisions_unknown;
  json["state"] = report.former ? "former" : "present";
  if (report.commits_behind) json["commits_behind"] = *report.commits_behind;
  if (report.side) json["side"] = *report.side;
  return written(json);
}

std::string to_json(const service::NewKey& key) {
  OrderedJson json{{"message", "success"}, {"key", key.key}};
  json.update(key_json(key.record));
  return written(json);
}

std::string to_json(const std::vector<ApiKeyRecord>& keys) {
  OrderedJson rows = OrderedJson::array();
  for (const ApiKeyRecord& key : keys) rows.push_back(key_json(key));
  return list_json(std::move(rows));
}

std::string key_revoked_json(std::string_view id) {
  return written({{"message", "success"}, {"keyId", id}});
}

std::string to_json(const service::DedupeResult& result) {
  OrderedJson json{{"message", "success"},
                   {"collectionId", result.collection_id},
                   {"similarity", rounded(result.similarity)},
                   {"same_person", result.same_person},
                   {"faces", result.faces},
                   {"pairs_compared", result.compared},
                   {"pairs_total", result.pairs_total}};
  if (result.pairs_rejected > 0) json["pairs_rejected"] = result.pairs_rejected;
  if (result.clusters) {
    json["clusters"] = clusters_json(*result.clusters);
    json["totalCount"] = result.clusters->size();
  } else {
    json["result"] = pairs_json(result.pairs);
    json["truncated"] = result.pairs_total > result.pairs.size();
  }
  json["expected_false_pairs"] = four_digits(result.expected_false_pairs);
  add_provisional(json, result.provisional);
  add_warnings(json, result.warnings);
  return written(json);
}

std::string backup_json(const std::string& file, const BackupReport& report) {
  OrderedJson collections = OrderedJson::array();
  for (const BackedUp& collection : report.collections) {
    collections.push_back({{"id", collection.id},
                           {"faces", collection.faces},
                           {"pieces", collection.pieces},
                           {"bytes", collection.bytes}});
  }
  return written({{"message", "success"},
                  {"file", file},
                  {"storeId", report.store.text()},
                  {"made", rfc3339(report.made)},
                  {"collections", std::move(collections)},
                  {"bytes", report.bytes}});
}

}  // namespace facesearch::contract

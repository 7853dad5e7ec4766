// SPDX-License-Identifier: MIT
#include "facesearch/contract/json_shards.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/contract/json_values.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/core/uuid.hpp"

namespace facesearch::contract {

struct ShardDocument {
  OrderedJson json;
};

namespace {

[[noreturn]] void refuse(std::string_view file, std::string_view what) {
  throw Error(Cause::kInvalidValue, "SHARD_INVALID",
              fmt::format("'{}' {}; merge what `facesearch search --mergeable` wrote", file, what));
}

std::string text_of(const OrderedJson& json, const char* member) {
  const auto found = json.find(member);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

struct Row {
  double cosine = 0;
  Uuid face;
  const OrderedJson* json = nullptr;
};

// A shard's answer, checked.
struct Shard {
  std::string_view file;
  const OrderedJson& json;
  const OrderedJson& basis;
  std::vector<Row> rows{};
  std::uint64_t faces = 0;
  std::uint64_t matches = 0;
  std::uint64_t limit = 0;
};

// What must be the same in all of them.
constexpr const char* kSame[] = {"fingerprint", "min_cosine", "false_match_rate"};

std::uint64_t count_of(std::string_view file, const OrderedJson& json, const char* member) {
  const auto found = json.find(member);
  if (found == json.end() || !found->is_number_unsigned()) refuse(file, fmt::format("lacks '{}'", member));
  return found->get<std::uint64_t>();
}

const OrderedJson& part_of(std::string_view file, const OrderedJson& json, const char* member,
                           bool is_array) {
  const auto found = json.find(member);
  if (found == json.end() || !(is_array ? found->is_array() : found->is_object())) {
    refuse(file, fmt::format("lacks '{}'", member));
  }
  return *found;
}

Row row_of(std::string_view file, const OrderedJson& json, const OrderedJson& cosine) {
  const auto id = json.find("face_id");
  const bool is_text = json.is_object() && id != json.end() && id->is_string();
  const auto face = is_text ? Uuid::parse(id->get<std::string>()) : std::nullopt;
  if (!face || !cosine.is_number()) refuse(file, "has a result that is none");
  return {cosine.get<double>(), *face, &json};
}

Shard shard_of(const ShardAnswer& answer) {
  const OrderedJson& json = answer.document->json;
  const OrderedJson& basis = part_of(answer.file, json, "merge", false);
  Shard shard{answer.file, json, basis};
  for (const char* member : kSame) {
    if (!basis.contains(member)) refuse(answer.file, fmt::format("lacks '{}'", member));
  }
  shard.faces = count_of(answer.file, basis, "faces");
  shard.limit = count_of(answer.file, basis, "limit");
  shard.matches = count_of(answer.file, json, "matches_total");
  if (shard.limit < 1 || shard.limit > kMaxCandidates) refuse(answer.file, "has a limit that is none");
  if (!basis["false_match_rate"].is_number()) refuse(answer.file, "has a false match rate that is none");
  const OrderedJson& rows = part_of(answer.file, json, "result", true);
  const OrderedJson& cosines = part_of(answer.file, basis, "cosines", true);
  if (rows.size() != cosines.size() || rows.size() != std::min(shard.matches, shard.limit)) {
    refuse(answer.file, "does not list what it counts");
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    shard.rows.push_back(row_of(answer.file, rows[i], cosines[i]));
  }
  return shard;
}

[[noreturn]] void refuse_others(const Shard& first, const Shard& other, const char* member) {
  throw Error(
      Cause::kInvalidValue, "SHARDS_DIFFER",
      fmt::format("'{}' and '{}' have not the same {}: search all shards for the same inputs, with one "
                  "model, calibration and threshold",
                  first.file, other.file, member));
}

void require_alike(const Shard& first, const Shard& other) {
  for (const char* member : kSame) {
    if (first.basis[member] != other.basis[member]) refuse_others(first, other, member);
  }
  if (text_of(first.json, "requestName") != text_of(other.json, "requestName")) {
    refuse_others(first, other, "requestName");
  }
}

std::vector<Row> best_of(const std::vector<Shard>& shards, std::uint64_t limit) {
  std::vector<Row> rows;
  for (const Shard& shard : shards) rows.insert(rows.end(), shard.rows.begin(), shard.rows.end());
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
    return a.cosine != b.cosine ? a.cosine > b.cosine : a.face < b.face;
  });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

// Each warning once.
void gather_warnings(OrderedJson& json, const std::vector<Shard>& shards) {
  std::set<std::string> seen;
  OrderedJson all = OrderedJson::array();
  for (const Shard& shard : shards) {
    const auto warnings = shard.json.find("warnings");
    if (warnings == shard.json.end() || !warnings->is_array()) continue;
    for (const OrderedJson& warning : *warnings) {
      if (seen.insert(warning.dump()).second) all.push_back(warning);
    }
  }
  if (!all.empty()) json["warnings"] = std::move(all);
}

// The members of the first answer that are the merged one's, too, and room in their order for the others.
OrderedJson without_faces(const OrderedJson& first) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [member, value] : first.items()) {
    if (member == "input" || member == "merge") continue;
    json[member] = member == "faceIdList" || member == "result" ? OrderedJson::array() : value;
  }
  return json;
}

MergedAnswer merged(const std::vector<Shard>& shards, bool mergeable) {
  std::uint64_t faces = 0;
  std::uint64_t matches = 0;
  std::uint64_t limit = shards.front().limit;
  for (const Shard& shard : shards) {
    require_alike(shards.front(), shard);
    faces += shard.faces;
    matches += shard.matches;
    limit = std::min(limit, shard.limit);
  }
  OrderedJson ids = OrderedJson::array();
  OrderedJson result = OrderedJson::array();
  OrderedJson cosines = OrderedJson::array();
  for (const Row& row : best_of(shards, limit)) {
    ids.push_back(row.face.text());
    result.push_back(*row.json);
    cosines.push_back(row.cosine);
  }
  OrderedJson json = without_faces(shards.front().json);
  json["searchId"] = Uuid::make().text();
  json["matches_total"] = matches;
  json["truncated"] = matches > ids.size();
  json["faceIdList"] = std::move(ids);
  json["result"] = std::move(result);
  const double rate = shards.front().basis["false_match_rate"].get<double>();
  json["expected_false_candidates"] = four_digits(static_cast<double>(faces) * rate);
  gather_warnings(json, shards);
  if (mergeable) {
    json["merge"] = shards.front().basis;
    json["merge"].update({{"faces", faces}, {"limit", limit}, {"cosines", std::move(cosines)}});
  }
  return {written(json), false, matches == 0};
}

}  // namespace

ShardLine read_shard_line(std::string_view line) {
  // What is nested deeper than any answer would be copied and written with as many calls in one another.
  const auto is_flat = [](int depth, OrderedJson::parse_event_t /*event*/, OrderedJson& /*parsed*/) {
    if (depth > static_cast<int>(kMaxRequestDepth)) {
      throw Error(Cause::kInvalidValue, "SHARD_INVALID", "is nested too deep");
    }
    return true;
  };
  OrderedJson json = OrderedJson::parse(line, is_flat, false);
  if (!json.is_object()) throw Error(Cause::kInvalidValue, "SHARD_INVALID", "is no JSON object");
  ShardLine read;
  const auto input = json.find("input");
  if (input != json.end() && input->is_string()) read.input = input->get<std::string>();
  read.is_summary = text_of(json, "type") == "summary";
  read.ended_early = read.is_summary && (json.contains("ended_by") || json.contains("interrupted"));
  read.document = std::make_shared<const ShardDocument>(ShardDocument{std::move(json)});
  return read;
}

MergedAnswer merge_answers(std::span<const ShardAnswer> answers, bool mergeable) {
  std::vector<Shard> shards;
  for (const ShardAnswer& answer : answers) {
    const auto code = answer.document->json.find("errorCode");
    if (code == answer.document->json.end()) {
      shards.push_back(shard_of(answer));
      continue;
    }
    OrderedJson json = answer.document->json;
    json.erase("input");
    if (!code->is_number_integer() || !json.contains("reason") || !json["reason"].is_string()) {
      refuse(answer.file, "has an error that is none");
    }
    return {written(json), true, false};
  }
  return merged(shards, mergeable);
}

}  // namespace facesearch::contract

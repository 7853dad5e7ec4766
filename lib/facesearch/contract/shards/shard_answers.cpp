// SPDX-License-Identifier: MIT
#include "facesearch/contract/shards/shard_answers.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/contract/responses/json_values.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/error_table.hpp"
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

// What must be equal in all of them.
constexpr const char* kSame[] = {"fingerprint", "probe", "min_cosine", "false_match_rate"};

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

[[noreturn]] void refuse_others(const Shard& first, const Shard& other, std::string_view what) {
  throw Error(Cause::kInvalidValue, "SHARDS_DIFFER",
              fmt::format("'{}' and '{}' {}: search each shard once for the same inputs, with one model, "
                          "calibration and policy",
                          first.file, other.file, what));
}

// `option` without the measured score, which may differ in its last digits.
OrderedJson rules_of(const Shard& shard) {
  const auto found = shard.json.find("option");
  OrderedJson option = found == shard.json.end() ? OrderedJson() : *found;
  if (option.is_object()) option.erase("liveNessScore");
  return option;
}

void require_alike(const Shard& first, const Shard& other) {
  const auto require = [&](bool same, std::string_view member) {
    if (!same) refuse_others(first, other, fmt::format("have not the same {}", member));
  };
  for (const char* member : kSame) require(first.basis[member] == other.basis[member], member);
  require(text_of(first.basis, "match_by") == text_of(other.basis, "match_by"), "match_by");
  for (const char* member : {"requestName", "userName", "calibration"}) {
    require(text_of(first.json, member) == text_of(other.json, member), member);
  }
  require(rules_of(first) == rules_of(other), "option");
}

void require_once(const std::vector<Shard>& shards) {
  std::map<std::string, const Shard*> seen;
  for (const Shard& shard : shards) {
    const auto [at, is_new] = seen.emplace(text_of(shard.json, "searchId"), &shard);
    if (!is_new) refuse_others(*at->second, shard, "hold the same answer");
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

// The members that are taken from the first answer, and places in their order for the others.
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
  require_once(shards);
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

// Refuses hostile documents cheaply, before they are parsed: the JSON library finds members linearly and
// handles nesting by recursion.
void require_shape(std::string_view line) {
  constexpr std::size_t kMaxMembers = 64;
  constexpr std::size_t kMaxValues = 16 * kMaxCandidates;
  std::vector<std::size_t> open;  // commas of each object or list
  std::size_t values = 0;
  bool in_text = false;
  std::vector<bool> is_object;
  const auto refuse_if = [](bool wrong, const char* what) {
    if (wrong) throw Error(Cause::kInvalidValue, "SHARD_INVALID", what);
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char letter = line[i];
    if (in_text) {
      if (letter == '\\') ++i;
      in_text = letter != '"';
      continue;
    }
    if (letter == '"') in_text = true;
    if (letter == '{' || letter == '[') {
      open.push_back(0);
      is_object.push_back(letter == '{');
      refuse_if(open.size() > kMaxRequestDepth || ++values > kMaxValues, "is nested too deep or too long");
    }
    if ((letter == '}' || letter == ']') && !open.empty()) {
      open.pop_back();
      is_object.pop_back();
    }
    if (letter == ',' && !open.empty()) {
      refuse_if(++open.back() > kMaxMembers && is_object.back(), "has an object of too many members");
      refuse_if(++values > kMaxValues, "is nested too deep or too long");
    }
  }
}

// The four members of an error of ours.
OrderedJson error_of(const ShardAnswer& answer) {
  OrderedJson json;
  const OrderedJson& given = answer.document->json;
  for (const char* member : {"errorCode", "message", "reason", "detail"}) {
    const auto found = given.find(member);
    const bool is_code = std::string_view(member) == "errorCode";
    if (found == given.end() || !(is_code ? found->is_number_unsigned() : found->is_string())) {
      refuse(answer.file, "has an error that is none");
    }
    json[member] = *found;
  }
  const auto rows = error_rows();
  if (std::ranges::none_of(rows,
                           [&](const ErrorRow& row) { return json["errorCode"] == row.documented.code; })) {
    refuse(answer.file, "has an error that is none");
  }
  return json;
}

}  // namespace

ShardLine read_shard_line(std::string_view line) {
  require_shape(line);
  OrderedJson json = OrderedJson::parse(line, nullptr, false);
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
    if (answer.document->json.contains("errorCode")) return {written(error_of(answer)), true, false};
    shards.push_back(shard_of(answer));
  }
  return merged(shards, mergeable);
}

}  // namespace facesearch::contract

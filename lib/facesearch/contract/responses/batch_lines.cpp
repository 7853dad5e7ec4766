// SPDX-License-Identifier: MIT
#include "facesearch/contract/responses/batch_lines.hpp"

#include "facesearch/contract/responses/json_values.hpp"
#include "facesearch/core/error.hpp"

namespace facesearch::contract {

std::string batch_line(std::string_view input, std::string_view document) {
  std::string line = R"({"input":)" + written(OrderedJson(input)) + ",";
  return line.append(document.substr(1));
}

std::string input_as_written(std::string_view input) {
  return OrderedJson::parse(written(OrderedJson(input))).get<std::string>();
}

std::string summary_json(Call call, const BatchCounts& counts, const std::optional<std::string>& ended_by) {
  OrderedJson json{{"type", "summary"},
                   {"inputs", counts.inputs},
                   {"succeeded", counts.succeeded},
                   {"failed", counts.failed()}};
  if (call == Call::kEnroll) json["already_enrolled"] = counts.already_enrolled;
  if (counts.differing > 0) json["differing"] = counts.differing;
  for (const auto& [outcome, count] : counts.faces) json["faces"][outcome] = count;
  if (call == Call::kSearch) json["nobody"] = counts.nobody;
  std::uint64_t passed_over = 0;
  for (const auto& [why, count] : counts.passed_over) passed_over += count;
  json["passed_over"] = passed_over;
  for (const auto& [why, count] : counts.passed_over) {
    OrderedJson& row = json["passed_over_by"].emplace_back(OrderedJson{{"reason", why.first}});
    if (!why.second.empty()) row["ending"] = why.second;
    row["count"] = count;
  }
  json["faults"] = OrderedJson::array();
  for (const auto& [fault, count] : counts.faults) {
    json["faults"].push_back({{"errorCode", fault.first}, {"reason", fault.second}, {"count", count}});
  }
  json["seconds"] = rounded(counts.seconds, 3);
  json["per_second"] =
      rounded(counts.seconds > 0 ? static_cast<double>(counts.inputs) / counts.seconds : 0, 1);
  if (counts.interrupted) json["interrupted"] = true;
  if (ended_by) json["ended_by"] = OrderedJson::parse(*ended_by);
  return written(json);
}

std::pair<int, std::string> fault_of(std::string_view error_document) {
  const OrderedJson json = OrderedJson::parse(error_document);
  return {json.at("errorCode").get<int>(), json.at("reason").get<std::string>()};
}

std::optional<std::string> failed_input(std::string_view line) {
  const OrderedJson json = OrderedJson::parse(line, nullptr, false);
  if (!json.is_object()) throw Error(Cause::kInvalidValue, "LIST_INVALID", "is no JSON object");
  const auto input = json.find("input");
  if (!json.contains("errorCode") || input == json.end() || !input->is_string()) return std::nullopt;
  return input->get<std::string>();
}

}  // namespace facesearch::contract

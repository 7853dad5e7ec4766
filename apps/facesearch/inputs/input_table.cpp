// SPDX-License-Identifier: MIT
// Reads --manifest: JSON Lines if the first line begins with {, else CSV with a heading. Holds one row at a
// time. What the members mean is checked in contract/requests.
#include "facesearch/inputs/input_table.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/limits.hpp"
#include "facesearch/inputs/read_input.hpp"

namespace facesearch::app {
namespace {

constexpr std::array<std::string_view, 8> kColumns{"path",        "input",     "userName", "metaFaceId",
                                                   "requestName", "faceImage", "template", "fingerprint"};
constexpr std::string_view kMetadata = "metadata.";

[[noreturn]] void refuse(const std::string& file, std::size_t line, std::string_view why) {
  throw Error(Cause::kInvalidValue, "LIST_INVALID",
              fmt::format("line {} of {} {}", line, shown_input(file), why));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_column(const std::string& name) {
  return (name.starts_with(kMetadata) && name.size() > kMetadata.size()) ||
         std::ranges::find(kColumns, name) != kColumns.end();
}

// False if a line of JSON surely has no member `input` or `path`. Escapes may spell them in any way.
bool may_name_input(std::string_view json) {
  return json.find('\\') != std::string_view::npos || json.find("\"input\"") != std::string_view::npos ||
         json.find("\"path\"") != std::string_view::npos;
}

// A member that is a text, taken out of the request.
std::string take_text(contract::RawRequest& raw, const char* member) {
  const auto found = raw.members.find(member);
  if (found == raw.members.end()) return "";
  auto* text = std::get_if<std::string>(&found->second);
  std::string value = text == nullptr ? "" : std::move(*text);
  raw.members.erase(found);
  return value;
}

}  // namespace

InputTable::InputTable(const std::string& file, std::function<bool()> stopped)
    : file_(file), lines_(file, '\n', std::move(stopped)) {
  std::optional<std::string> line = lines_.next();
  while (line && is_blank(*line)) line = lines_.next();
  if (!line) return;
  if (line->at(line->find_first_not_of(" \t")) == '{') {
    first_ = std::move(line);
  } else {
    read_heading(*line);
  }
}

void InputTable::read_heading(const std::string& first) {
  const std::size_t number = lines_.line();
  if (first.at(first.find_first_not_of(" \t")) == '[') {
    refuse(file_, number, "begins a JSON list; a manifest has one object a line: jq -c '.[]' writes them");
  }
  // Programs that write a comma for the decimal point separate fields with semicolons.
  for (const char separator : {',', ';', '\t'}) {
    separator_ = separator;
    if (separator != ',' && first.find(separator) == std::string::npos) continue;
    auto names = fields(first);
    if (names && std::ranges::all_of(*names, is_column)) {
      heading_ = *std::move(names);
      break;
    }
  }
  if (heading_.empty()) refuse_heading(first, number);
  std::set<std::string> known;
  for (std::size_t i = 0; i < heading_.size(); ++i) {
    if (!known.insert(heading_[i]).second) {
      refuse(file_, number, fmt::format("has the name of column {} twice", i + 1));
    }
  }
}

// What is wrong with a first line that is no heading. Its text is not repeated: where the heading was
// forgotten it has a person's name.
void InputTable::refuse_heading(const std::string& first, std::size_t number) {
  separator_ = ',';
  const auto names = fields(first);
  if (!names) refuse(file_, number, "has a quote that does not end");
  const auto foreign = std::ranges::find_if_not(*names, is_column);
  refuse(file_, number,
         fmt::format("is no heading: its column {} is not one of path, input, userName, metaFaceId, "
                     "requestName, faceImage, template, fingerprint, metadata.KEY",
                     foreign - names->begin() + 1));
}

std::optional<TableRow> InputTable::next(bool parse_later) {
  std::optional<std::string> line = first_ ? std::exchange(first_, std::nullopt) : lines_.next();
  while (line && is_blank(*line)) line = lines_.next();
  if (!line) return std::nullopt;
  return heading_.empty() ? json_row(*std::move(line), parse_later) : csv_row(*std::move(line));
}

TableRow InputTable::json_row(std::string line, bool parse_later) const {
  TableRow row;
  row.line = lines_.line();
  if (parse_later && !may_name_input(line)) {
    row.json = std::move(line);
    return row;
  }
  try {
    row.raw = contract::parse_request(line);
    row.input = take_text(row.raw, "input");
    row.path = take_text(row.raw, "path");
  } catch (const Error& error) {
    row.fault = error;
  }
  return row;
}

std::optional<TableRow> InputTable::csv_row(std::string line) {
  TableRow row;
  row.line = lines_.line();
  const auto values = fields(std::move(line));
  if (!values || values->size() != heading_.size()) {
    row.fault =
        Error(Cause::kInvalidValue, "LIST_INVALID",
              values ? fmt::format("line {} of {} has {} fields, the heading has {}", row.line,
                                   shown_input(file_), values->size(), heading_.size())
                     : fmt::format("line {} of {} has an unclosed quote, or text after a closing quote",
                                   row.line, shown_input(file_)));
    return row;
  }
  std::map<std::string, std::string> metadata;
  for (std::size_t i = 0; i < heading_.size(); ++i) {
    const std::string& name = heading_[i];
    const std::string& value = (*values)[i];
    if (value.empty()) continue;
    if (name.starts_with(kMetadata)) {
      metadata[name.substr(kMetadata.size())] = value;
    } else if (name == "path") {
      row.path = value;
    } else if (name == "input") {
      row.input = value;
    } else {
      row.raw.members[name] = value;
    }
  }
  if (!metadata.empty()) row.raw.members["metadata"] = std::move(metadata);
  return row;
}

// The fields of a CSV record (RFC 4180), which may span lines: a quoted field may have separators, line ends
// and doubled quotes. None if a quote does not end, or text follows a closing quote.
std::optional<std::vector<std::string>> InputTable::fields(std::string line) {
  std::vector<std::string> found(1);
  bool quoted = false;
  bool was_quoted = false;
  for (std::size_t i = 0;; ++i) {
    if (i == line.size()) {
      if (!quoted) return found;
      auto more = found.back().size() > kMaxRequestBytes ? std::nullopt : lines_.next();
      if (!more) return std::nullopt;
      found.back() += '\n';
      line = *std::move(more);
      i = static_cast<std::size_t>(-1);
      continue;
    }
    const char letter = line[i];
    if (quoted && letter == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      found.back() += '"';
      ++i;
    } else if (quoted && letter == '"') {
      quoted = false;
      was_quoted = true;
    } else if (!quoted && letter == separator_) {
      found.emplace_back();
      was_quoted = false;
    } else if (was_quoted) {
      return std::nullopt;
    } else if (!quoted && letter == '"' && found.back().empty()) {
      quoted = true;
    } else {
      found.back() += letter;
    }
  }
}

}  // namespace facesearch::app

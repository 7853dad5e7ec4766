// SPDX-License-Identifier: MIT
// A document becomes tables without knowledge of its command: arrays of objects are lists, all else are
// members. A list in an item of a list (the candidates of a face) gives the item a row for each.
#include "facesearch/output/document_table.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "facesearch/core/utf8.hpp"
#include "facesearch/output/text_table.hpp"

namespace facesearch::app {
namespace {

using Json = nlohmann::ordered_json;

// Columns that come first.
constexpr std::array<std::string_view, 7> kFirst{"#",       "user_name",       "name", "id", "label",
                                                 "outcome", "similarity_score"};
// Members of items that are left out: for programs, or said by another member.
constexpr std::array<std::string_view, 6> kLeftOut{"errorCode", "message",  "faceIdList",
                                                   "landmarks", "template", "fingerprint"};
// Nested members of items that are shown.
constexpr std::array<std::string_view, 2> kNested{"liveness.score", "policy.similarity"};

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_list(const Json& value) {
  return value.is_array() && !value.empty() && value.front().is_object();
}

bool is_box(const Json& value) {
  return value.is_object() && value.size() == 4 && value.contains("x") && value.contains("height");
}

std::string cell_text(const Json& value);

std::string joined(const Json& values, bool with_keys) {
  std::string text;
  for (const auto& item : values.items()) {
    if (!text.empty()) text += ", ";
    if (with_keys) text += printable(item.key()) + "=";
    text += cell_text(item.value());
  }
  return text;
}

std::string cell_text(const Json& value) {
  if (value.is_string()) return printable(value.get_ref<const std::string&>());
  if (value.is_null()) return "";
  if (is_box(value)) {
    return fmt::format("{}x{} at {},{}", value["width"].dump(), value["height"].dump(), value["x"].dump(),
                       value["y"].dump());
  }
  if (value.is_array() || value.is_object()) return joined(value, value.is_object());
  return value.dump();
}

struct Cell {
  std::string column;
  std::string text;
  bool number = false;
};
using Row = std::vector<Cell>;

// The rows of an item of a list.
void add_rows(std::vector<Row>& rows, Row row, const Json& item) {
  const Json* list = nullptr;
  for (const auto& member : item.items()) {
    const Json& value = member.value();
    if (is_one_of(member.key(), kLeftOut)) continue;
    if (is_list(value)) {
      if (list == nullptr) list = &value;
    } else if (value.is_object() && !is_box(value) && member.key() != "metadata") {
      for (const auto& nested : value.items()) {
        std::string name = member.key() + "." + nested.key();
        if (is_one_of(name, kNested))
          row.push_back({std::move(name), cell_text(nested.value()), nested.value().is_number()});
      }
    } else {
      row.push_back({printable(member.key()), cell_text(value), value.is_number()});
    }
  }
  if (list == nullptr) {
    rows.push_back(std::move(row));
    return;
  }
  for (const Json& nested : *list) add_rows(rows, row, nested);
}

std::size_t rank(const std::string& column) {
  return static_cast<std::size_t>(std::ranges::find(kFirst, column) - kFirst.begin());
}

std::vector<Column> columns_of(const std::vector<Row>& rows) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const Cell& cell : rows[i]) {
      if (cell.text.empty()) continue;
      auto column = std::ranges::find(columns, cell.column, &Column::title);
      if (column == columns.end()) {
        columns.push_back(
            {cell.column, true, std::vector<std::string>(rows.size()), is_one_of(cell.column, kFirst)});
        column = columns.end() - 1;
      }
      column->right = column->right && cell.number;
      column->cells[i] = cell.text;
    }
  }
  std::ranges::stable_sort(columns, {}, [](const Column& column) { return rank(column.title); });
  return columns;
}

// A list whose items others refer to by their numbers: faces of a picture.
bool is_numbered(const std::string& name) {
  return name.starts_with("faces");
}

std::string list_table(const std::string& name, const Json& list, const Style& style) {
  std::vector<Row> rows;
  std::size_t number = 0;
  for (const Json& item : list) {
    Row row;
    const bool nests = std::ranges::any_of(item, is_list);
    if (is_numbered(name) || nests) row.push_back({"#", std::to_string(++number), true});
    add_rows(rows, std::move(row), item);
  }
  return text_table(columns_of(rows), style);
}

struct Parts {
  std::vector<std::pair<std::string, const Json*>> lists;
  std::array<Column, 2> members;  // names and values
};

void add_parts(Parts& parts, const std::string& prefix, const Json& object) {
  for (const auto& member : object.items()) {
    const Json& value = member.value();
    const std::string name = prefix + printable(member.key());
    if (is_list(value)) {
      parts.lists.emplace_back(name, &value);
    } else if (value.is_object() && !value.empty() && !is_box(value) && member.key() != "metadata") {
      add_parts(parts, name + ".", value);
    } else if (!value.is_null()) {
      parts.members[0].cells.push_back(name);
      parts.members[1].cells.push_back(value.is_array() && value.empty() ? "(empty)" : cell_text(value));
    }
  }
}

// What says nothing beside the rest.
void leave_out_the_obvious(Json& document) {
  if (document.size() > 1 && !document.contains("errorCode")) document.erase("message");
  if (document.contains("result")) document.erase("faceIdList");
  if (const auto faces = document.find("faces"); faces != document.end() && faces->is_array()) {
    document.erase("result");  // of the largest face
  }
}

std::string candidate_text(const Json& row) {
  return fmt::format("{} {}", cell_text(row.value("user_name", Json())),
                     row.value("similarity_score", Json()).dump());
}

std::string answer_text(const Json& answer) {
  if (answer.contains("errorCode")) {
    return fmt::format("{}: {}", cell_text(answer.value("reason", Json())),
                       cell_text(answer.value("detail", Json())));
  }
  if (const auto faces = answer.find("faces"); faces != answer.end()) {
    std::string text = fmt::format("{} {}", faces->size(), faces->size() == 1 ? "face" : "faces");
    for (const Json& face : *faces) {
      text += &face == &faces->front() ? ": " : ", ";
      text += face.contains("errorCode") ? cell_text(face.value("reason", Json())) : answer_text(face);
    }
    return text;
  }
  if (const auto result = answer.find("result"); result != answer.end()) {
    if (result->empty()) return "nobody";
    const std::string first = candidate_text(result->front());
    return result->size() == 1 ? first : fmt::format("{} and {} more", first, result->size() - 1);
  }
  if (answer.contains("outcome")) {
    return fmt::format("{} {}", cell_text(answer["outcome"]), cell_text(answer.value("user_name", Json())));
  }
  const std::string face = cell_text(answer.value("faceId", Json()));
  if (face.empty()) return cell_text(answer.value("message", Json()));
  return (answer.contains("already_enrolled") ? "already enrolled, face " : "enrolled, face ") + face;
}

std::string tables_of(Json document, const Style& style) {
  leave_out_the_obvious(document);
  Parts parts;
  parts.members[0].cut_last = true;
  add_parts(parts, "", document);
  std::vector<std::string> tables;
  for (const auto& [name, list] : parts.lists) {
    tables.push_back((parts.lists.size() > 1 ? name + ":\n" : "") + list_table(name, *list, style));
  }
  if (!parts.members[0].cells.empty()) {
    tables.push_back(text_table({parts.members.begin(), parts.members.end()}, style));
  }
  std::string all;
  for (const std::string& table : tables) all += (all.empty() ? "" : "\n") + table;
  if (!all.empty()) all.pop_back();
  return all;
}

// What `shown` makes of the document; of one that it cannot read, the text itself: an answer is never lost
// for its form.
template <class Shown>
std::string shown_or_text(std::string_view text, const Shown& shown) {
  try {
    return shown(Json::parse(text));
  } catch (const Json::exception&) {
    return printable(text);
  }
}

}  // namespace

std::string document_table(std::string_view text, const Style& style) {
  return shown_or_text(text, [&](Json document) { return tables_of(std::move(document), style); });
}

std::string BatchTable::rows(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string line = shown_or_text(lines.substr(0, end), [&](const Json& answer) {
      std::string input = cell_text(answer.value("input", Json()));
      if (style_.width > 0) input = cut_to_width(input, style_.width / 2);  // room for the answer
      input_width_ = std::max(input_width_, display_width(input));
      return padded(input, input_width_) + "  " + answer_text(answer);
    });
    lines.remove_prefix(std::min(end + 1, lines.size()));
    text += (style_.width > 0 ? cut_to_width(line, style_.width) : line) + '\n';
  }
  return text;
}

}  // namespace facesearch::app

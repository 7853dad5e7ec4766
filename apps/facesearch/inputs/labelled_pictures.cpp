// SPDX-License-Identifier: MIT
#include "facesearch/inputs/labelled_pictures.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/inputs/read_input.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_folder(const fs::path& folder, const std::string& why) {
  throw Error(Cause::kInvalidValue, "FOLDER_INVALID", fmt::format("'{}' {}", folder.string(), why));
}

[[noreturn]] void refuse_line(const std::string& list, std::size_t line, std::string_view wanted) {
  throw Error(Cause::kInvalidValue, "LIST_INVALID",
              fmt::format("line {} of '{}' is not {}", line, list, wanted));
}

std::string person_of(const fs::path& below) {
  if (below.has_parent_path()) return below.begin()->string();
  const std::string stem = below.stem().string();
  const std::size_t cut = stem.find_last_of("-_");
  return cut == std::string::npos || cut == 0 ? stem : stem.substr(0, cut);
}

struct Row {
  std::size_t line = 0;
  std::vector<std::string> fields;
};

// The lines that are not empty, split at commas.
std::vector<Row> rows_of(const std::string& list) {
  const auto bytes = read_input(list, kMaxRequestBytes);
  if (bytes.size() > kMaxRequestBytes) {
    throw Error(Cause::kInvalidValue, "LIST_INVALID",
                fmt::format("'{}' has more than {} bytes", list, kMaxRequestBytes));
  }
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  std::vector<Row> rows;
  std::size_t line = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string_view words = text.substr(start, end - start);
    if (!words.empty() && words.back() == '\r') words.remove_suffix(1);
    start = end + 1;
    ++line;
    if (words.empty()) continue;
    Row row{line, {}};
    for (std::size_t from = 0; from <= words.size();) {
      const std::size_t comma = std::min(words.find(',', from), words.size());
      row.fields.emplace_back(words.substr(from, comma - from));
      from = comma + 1;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

bool is_pair(const Row& row) {
  return row.fields.size() == 3 && !row.fields[0].empty() && !row.fields[1].empty() &&
         (row.fields[2] == "0" || row.fields[2] == "1");
}

// Three words, the last no number.
bool is_heading(const Row& row) {
  return row.fields.size() == 3 && row.fields[2].find_first_of("0123456789") == std::string::npos;
}

}  // namespace

std::vector<service::LabelledPicture> pictures_below(const fs::path& folder) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) refuse_folder(folder, "is no folder");
  std::vector<service::LabelledPicture> pictures;
  fs::recursive_directory_iterator entry(folder, failed);
  for (const fs::recursive_directory_iterator end; !failed && entry != end; entry.increment(failed)) {
    std::error_code ignored;
    if (entry->path().filename().string().starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(ignored)) {
      const fs::path below = entry->path().lexically_relative(folder);
      pictures.push_back({below.string(), person_of(below)});
    }
  }
  if (failed) refuse_folder(folder, "or a folder below it cannot be read: " + failed.message());
  if (pictures.empty()) refuse_folder(folder, "holds no file");
  std::ranges::sort(pictures, {}, &service::LabelledPicture::file);
  return pictures;
}

PairList read_pairs(const std::string& list) {
  PairList result;
  std::map<std::string, std::size_t> places;
  const auto place_of = [&](const std::string& file) {
    const auto [entry, added] = places.emplace(file, result.pictures.size());
    if (added) result.pictures.push_back({file, ""});
    return entry->second;
  };
  std::map<std::pair<std::size_t, std::size_t>, bool> known;  // in order of place
  const std::vector<Row> rows = rows_of(list);
  for (const Row& row : rows) {
    if (!is_pair(row)) {
      if (&row == &rows.front() && is_heading(row)) continue;
      refuse_line(list, row.line, "FILE,FILE,1 or FILE,FILE,0");
    }
    const std::size_t a = place_of(row.fields[0]);
    const std::size_t b = place_of(row.fields[1]);
    const bool mates = row.fields[2] == "1";
    if (a == b) refuse_line(list, row.line, "a pair of two files");
    const auto [entry, added] = known.emplace(std::minmax(a, b), mates);
    if (entry->second != mates) refuse_line(list, row.line, "the same as an earlier line of this pair");
    if (added) result.pairs.push_back({a, b, mates});
  }
  if (result.pairs.empty()) {
    throw Error(Cause::kInvalidValue, "LIST_INVALID", fmt::format("'{}' names no pair", list));
  }
  return result;
}

std::set<std::pair<std::string, std::string>> read_excluded(const std::string& list) {
  std::set<std::pair<std::string, std::string>> excluded;
  for (Row& row : rows_of(list)) {
    if (row.fields.size() != 2) refuse_line(list, row.line, "FILE,FILE or PERSON,PERSON");
    excluded.emplace(std::move(row.fields[0]), std::move(row.fields[1]));
  }
  return excluded;
}

}  // namespace facesearch::app

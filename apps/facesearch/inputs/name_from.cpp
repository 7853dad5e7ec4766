// SPDX-License-Identifier: MIT
#include "facesearch/inputs/name_from.hpp"

#include <string_view>

#include "facesearch/outcome.hpp"

namespace facesearch::app {
namespace {

constexpr std::string_view kParent = "{parent}";
constexpr std::string_view kStem = "{stem}";

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace

NameFrom::NameFrom(const std::string& rule) : rule_(rule) {
  if (rule.find(kParent) != std::string::npos || rule.find(kStem) != std::string::npos) return;
  try {
    expression_.emplace(rule, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error&) {
    throw UsageError{"--name-from takes a text with {parent} or {stem}, or a regular expression; '" + rule +
                     "' is neither"};
  }
  if (expression_->mark_count() == 0) {
    throw UsageError{
        "--name-from takes a text with {parent} or {stem}, or a regular expression with a group: "
        "'([^/]+)_[0-9]+' and not '[^/]+_[0-9]+'"};
  }
}

std::optional<std::string> NameFrom::name_of(const std::filesystem::path& file) const {
  if (!expression_) {
    std::string name = rule_;
    // A file that is named alone is in the working folder, whose name nobody gave.
    replace_all(name, kParent, file.parent_path().filename().string());
    replace_all(name, kStem, file.stem().string());
    return name.empty() ? std::nullopt : std::optional(name);
  }
  std::smatch found;
  const std::string path = file.string();
  if (!std::regex_search(path, found, *expression_)) return std::nullopt;
  std::string name;
  for (std::size_t i = 1; i < found.size(); ++i) {
    if (found[i].length() == 0) continue;
    if (!name.empty()) name += ' ';
    name += found[i].str();
  }
  return name.empty() ? std::nullopt : std::optional(name);
}

}  // namespace facesearch::app

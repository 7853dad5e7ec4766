// SPDX-License-Identifier: MIT
#include "facesearch/inputs/name_from.hpp"

#include <re2/re2.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/utf8.hpp"
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

// A rule may be as long as a command line; its beginning is enough to recognise it. RE2's fault repeats the
// rule.
std::string shortened(std::string_view text) {
  constexpr std::size_t kMostBytes = 80;
  if (text.size() <= kMostBytes) return std::string(text);
  std::size_t end = kMostBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not inside a character
  return std::string(text.substr(0, end)) + "…";
}

// Not std::regex: it recurses for each character and backtracks, so a long path overflows the stack and
// nested repetitions take exponential time.
std::shared_ptr<const re2::RE2> compile(const std::string& rule) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto expression = std::make_shared<const re2::RE2>(rule, options);
  if (!expression->ok()) {
    throw UsageError{fmt::format(
        "--name-from takes a text with {{parent}} or {{stem}}, or a regular expression; '{}' is not one: {}. "
        "Its "
        "syntax is RE2's, without backreferences and lookaround: name what to keep with groups, as in "
        "'([^/]+)_[0-9]+'",
        shortened(rule), shortened(expression->error()))};
  }
  if (expression->NumberOfCapturingGroups() == 0) {
    throw UsageError{
        "--name-from takes a text with {parent} or {stem}, or a regular expression with a group: "
        "'([^/]+)_[0-9]+' and not '[^/]+_[0-9]+'"};
  }
  return expression;
}

std::string fill(std::string name, const std::filesystem::path& file) {
  // The parent of a bare file name is empty: nobody named the working folder.
  replace_all(name, kParent, file.parent_path().filename().string());
  replace_all(name, kStem, file.stem().string());
  return name;
}

std::string groups_in(const re2::RE2& expression, const std::string& path) {
  if (!is_utf8(path)) return "";
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1);
  if (!expression.Match(path, 0, path.size(), re2::RE2::UNANCHORED, groups.data(),
                        static_cast<int>(groups.size()))) {
    return "";
  }
  std::string name;
  for (std::size_t i = 1; i < groups.size(); ++i) {  // the first is the whole match
    if (groups[i].empty()) continue;
    if (!name.empty()) name += ' ';
    name.append(groups[i].data(), groups[i].size());
  }
  return name;
}

}  // namespace

NameFrom::NameFrom(const std::string& rule) : rule_(rule) {
  const bool is_template = rule.find(kParent) != std::string::npos || rule.find(kStem) != std::string::npos;
  if (!is_template) expression_ = compile(rule);
}

std::optional<std::string> NameFrom::name_of(const std::filesystem::path& file) const {
  std::string name = expression_ ? groups_in(*expression_, file.string()) : fill(rule_, file);
  return name.empty() ? std::nullopt : std::optional(std::move(name));
}

}  // namespace facesearch::app

// SPDX-License-Identifier: MIT
#include "facesearch/inputs/name_from.hpp"

#include <re2/re2.h>

#include <algorithm>
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

// The rule with Unicode's letters, marks and digits where \w and \W have ASCII's in RE2: a name with é would
// be cut there.
std::string with_unicode_words(const std::string& rule) {
  constexpr std::string_view kWord = R"(\pL\pM\pN_)";
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < rule.size(); ++i) {
    const char letter = rule[i];
    if (letter == '\\' && i + 1 < rule.size()) {
      const char next = rule[++i];
      if (next == 'Q') {  // literal up to \E
        const std::size_t end = std::min(rule.find("\\E", i), rule.size());
        out.append(rule, i - 1, end - i + 1);
        i = end - 1;
      } else if (next == 'w') {
        out += in_class ? std::string(kWord) : fmt::format("[{}]", kWord);
      } else if (next == 'W' && !in_class) {
        out += fmt::format("[^{}]", kWord);
      } else {
        out += {letter, next};
      }
      continue;
    }
    if (letter == '[' && !in_class) {
      in_class = true;
      out += letter;
      // A ] that comes first is a member of the class.
      if (i + 1 < rule.size() && rule[i + 1] == '^') out += rule[++i];
      if (i + 1 < rule.size() && rule[i + 1] == ']') out += rule[++i];
      continue;
    }
    if (letter == '[' && rule.compare(i, 2, "[:") == 0) {  // a class of POSIX inside
      const std::size_t end = rule.find(":]", i);
      if (end != std::string::npos) {
        out.append(rule, i, end + 2 - i);
        i = end + 1;
        continue;
      }
    }
    if (letter == ']') in_class = false;
    out += letter;
  }
  return out;
}

// Not std::regex: it recurses for each character and backtracks, so a long path overflows the stack and
// nested repetitions take exponential time.
std::shared_ptr<const re2::RE2> compile(const std::string& rule) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(64 << 20);  // Unicode's letters are many ranges: \w{1,255} takes more than RE2's 8 MiB
  auto expression = std::make_shared<const re2::RE2>(with_unicode_words(rule), options);
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

// The name of the folder that a path names; empty if it names none: for "a.jpg", "./a.jpg" and "../a.jpg".
std::string folder_of(const std::filesystem::path& file) {
  std::filesystem::path folder = file.parent_path();
  while (folder.filename() == "." || (!folder.has_filename() && folder != folder.parent_path())) {
    folder = folder.parent_path();
  }
  return folder.filename() == ".." ? "" : folder.filename().string();
}

std::string fill(std::string name, const std::filesystem::path& file) {
  replace_all(name, kParent, folder_of(file));
  replace_all(name, kStem, file.stem().string());
  return name;
}

bool is_ascii_word(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

// Whether a group begins or ends in the middle of a word, because its expression knows ASCII's letters only:
// "rez" of "Pérez".
bool is_cut(std::string_view path, std::string_view group) {
  static const re2::RE2 letter("[\\p{Latin}\\p{M}]");
  const auto begin = static_cast<std::size_t>(group.data() - path.data());
  const std::size_t end = begin + group.size();
  std::size_t before = begin;
  while (before > 0 && (static_cast<unsigned char>(path[before - 1]) & 0xC0U) == 0x80U) --before;
  if (before > 0) --before;
  const auto is_letter = [&](std::size_t from, std::size_t to) {
    const re2::StringPiece text(path.data() + from, to - from);
    return static_cast<unsigned char>(path[from]) >= 0x80 &&
           letter.Match(text, 0, text.size(), re2::RE2::ANCHOR_START, nullptr, 0);
  };
  return (is_ascii_word(group.front()) && begin > 0 && is_letter(before, begin)) ||
         (is_ascii_word(group.back()) && end < path.size() && is_letter(end, path.size()));
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
    if (is_cut(path, {groups[i].data(), groups[i].size()})) return "";
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

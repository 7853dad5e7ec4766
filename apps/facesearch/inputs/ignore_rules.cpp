// SPDX-License-Identifier: MIT
// Each line becomes one RE2 expression: fnmatch(3) backtracks, and the file may be a stranger's.
#include "facesearch/inputs/ignore_rules.hpp"

#include <fcntl.h>
#include <re2/re2.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/file.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostIgnoreBytes = 64UL << 10U;

[[noreturn]] void refuse_file(std::string_view folder, const std::string& why) {
  throw Error(Cause::kInvalidValue, "IGNORE_FILE_INVALID",
              fmt::format("the {} of '{}' {}", kIgnoreFile, folder, why));
}

// A character of UTF-8, or a byte that is none, but no `/`.
constexpr std::string_view kOneCharacter = R"((?:[^/\x80-\xFF]|[\xC0-\xFF][\x80-\xBF]*|[\x80-\xBF]))";

// The class that begins at `at` in a glob, as an expression, and the place after it; empty: it has no end.
std::pair<std::string, std::size_t> class_at(std::string_view glob, std::size_t at) {
  std::string expression = "[";
  std::size_t i = at + 1;
  if (i < glob.size() && (glob[i] == '!' || glob[i] == '^')) {
    expression += "^/";
    ++i;
  }
  for (bool first = true; i < glob.size(); first = false, ++i) {
    if (glob[i] == ']' && !first) return {expression + ']', i + 1};
    if (glob[i] == '[' && glob.substr(i, 2) == "[:") {
      const std::size_t end = glob.find(":]", i);
      if (end == std::string_view::npos) return {};
      expression += glob.substr(i, end + 2 - i);
      i = end + 1;
      continue;
    }
    if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
    if (glob[i] != '-') expression += '\\';
    // RE2 knows no \ before a letter or digit that stands for itself.
    if (std::isalnum(static_cast<unsigned char>(glob[i])) != 0 || static_cast<unsigned char>(glob[i]) >= 0x80)
      expression.pop_back();
    expression += glob[i];
  }
  return {};
}

std::string expression_of(std::string_view glob) {
  std::string expression;
  for (std::size_t i = 0; i < glob.size();) {
    const bool at_start = i == 0 || glob[i - 1] == '/';
    if (at_start && glob.substr(i, 3) == "**/") {
      expression += "(?:.*/)?";
      i += 3;
    } else if (at_start && glob.substr(i) == "**") {
      expression += ".*";
      i += 2;
    } else if (glob[i] == '*') {
      expression += "[^/]*";
      while (i < glob.size() && glob[i] == '*') ++i;
    } else if (glob[i] == '?') {
      expression += kOneCharacter;
      ++i;
    } else if (glob[i] == '[') {
      const auto [part, end] = class_at(glob, i);
      if (part.empty()) return "";
      expression += part;
      i = end;
    } else {
      if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
      expression += re2::RE2::QuoteMeta(glob.substr(i, 1));
      ++i;
    }
  }
  return expression;
}

std::string_view without_spaces_at_end(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
  return line;
}

// None if the folder has no such file.
std::optional<std::string> read_ignore_file(const fs::path& folder) {
  const fs::path path = folder / kIgnoreFile;
  const FileDescriptor file(open_file(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    // ENOTDIR: the folder itself is gone, which reading it says.
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    refuse_file(folder.native(), "cannot be read: " + std::generic_category().message(errno));
  }
  struct stat known {};
  if (::fstat(file.get(), &known) != 0 || !S_ISREG(known.st_mode)) refuse_file(folder.native(), "is no file");
  if (static_cast<std::uint64_t>(known.st_size) > kMostIgnoreBytes) {
    refuse_file(folder.native(),
                fmt::format("has {} bytes, the limit is {}", known.st_size, kMostIgnoreBytes));
  }
  std::string text(static_cast<std::size_t>(known.st_size), '\0');
  if (!read_at(file, path, 0, text.data(), text.size()))
    refuse_file(folder.native(), "changed while it was read");
  return text;
}

}  // namespace

IgnoreRules::IgnoreRules(std::string folder, std::string_view text, Shared above)
    : folder_(std::move(folder)), above_(std::move(above)) {
  re2::RE2::Options options(re2::RE2::Latin1);  // names are bytes
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_never_nl(false);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view glob = without_spaces_at_end(text.substr(begin, end - begin));
    begin = end + 1;
    ++number;
    if (glob.empty() || glob.front() == '#') continue;
    Line line;
    line.takes_again = glob.front() == '!';
    if (line.takes_again) glob.remove_prefix(1);
    line.folders_only = glob.ends_with('/');
    if (line.folders_only) glob.remove_suffix(1);
    const bool of_path = glob.find('/') != std::string_view::npos;
    if (glob.starts_with('/')) glob.remove_prefix(1);
    const std::string expression = expression_of(glob);
    line.path = std::make_shared<const re2::RE2>((of_path ? "" : "(?:.*/)?") + expression, options);
    if (expression.empty() || !line.path->ok()) {
      refuse_file(folder_.substr(0, folder_.size() - 1), fmt::format("has no pattern in line {}", number));
    }
    lines_.push_back(std::move(line));
  }
}

IgnoreRules::Shared IgnoreRules::of(const fs::path& folder, Shared above) {
  const auto text = read_ignore_file(folder);
  if (!text) return above;
  return std::make_shared<const IgnoreRules>((folder / "").native(), *text, std::move(above));
}

IgnoreRules::Shared IgnoreRules::on_the_way(const fs::path& root, const fs::path& path) {
  Shared rules = of(root, nullptr);
  fs::path folder = root;
  const fs::path below = path.lexically_relative(root).parent_path();
  for (const fs::path& part : below) {
    if (part == ".") continue;
    folder /= part;
    rules = of(folder, std::move(rules));
  }
  return rules;
}

bool IgnoreRules::ignores(const fs::path& path, bool is_folder) const {
  const std::string& name = path.native();
  if (name.starts_with(folder_)) {
    const re2::StringPiece below(name.data() + folder_.size(), name.size() - folder_.size());
    const auto line = std::find_if(lines_.rbegin(), lines_.rend(), [&](const Line& one) {
      return (is_folder || !one.folders_only) && re2::RE2::FullMatch(below, *one.path);
    });
    if (line != lines_.rend()) return !line->takes_again;
  }
  return above_ && above_->ignores(path, is_folder);
}

bool is_ignored(const fs::path& root, const fs::path& path, bool is_folder) {
  IgnoreRules::Shared rules = IgnoreRules::of(root, nullptr);
  fs::path at = root;
  const fs::path below = path.lexically_relative(root);
  for (auto part = below.begin(); part != below.end(); ++part) {
    at /= *part;
    const bool last = std::next(part) == below.end();
    if (rules && rules->ignores(at, !last || is_folder)) return true;
    if (!last) rules = IgnoreRules::of(at, std::move(rules));
  }
  return false;
}

}  // namespace facesearch::app

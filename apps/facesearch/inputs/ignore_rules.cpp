// SPDX-License-Identifier: MIT
// Each line becomes one RE2 expression: fnmatch(3) backtracks, and the file may be a stranger's.
#include "facesearch/inputs/ignore_rules.hpp"

#include <fcntl.h>
#include <re2/re2.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bitset>
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
constexpr std::size_t kMostPatterns = 1000;

[[noreturn]] void refuse_file(std::string_view folder, const std::string& why) {
  throw Error(Cause::kInvalidValue, "IGNORE_FILE_INVALID",
              fmt::format("the {} of '{}' {}", kIgnoreFile, folder, why));
}

// A character of UTF-8, or a byte that is none, but no `/`.
constexpr std::string_view kOneCharacter = R"((?:[^/\x80-\xFF]|[\xC0-\xFF][\x80-\xBF]*|[\x80-\xBF]))";

// The characters of a class of POSIX, as of `[:digit:]`. None: there is no such class.
std::optional<std::bitset<256>> posix_class(std::string_view name) {
  using Is = int (*)(int);
  constexpr std::array<std::pair<std::string_view, Is>, 12> kClasses{{{"alnum", std::isalnum},
                                                                      {"alpha", std::isalpha},
                                                                      {"blank", std::isblank},
                                                                      {"cntrl", std::iscntrl},
                                                                      {"digit", std::isdigit},
                                                                      {"graph", std::isgraph},
                                                                      {"lower", std::islower},
                                                                      {"print", std::isprint},
                                                                      {"punct", std::ispunct},
                                                                      {"space", std::isspace},
                                                                      {"upper", std::isupper},
                                                                      {"xdigit", std::isxdigit}}};
  const auto found = std::ranges::find(kClasses, name, &std::pair<std::string_view, Is>::first);
  if (found == kClasses.end()) return std::nullopt;
  std::bitset<256> bytes;
  for (int byte = 0; byte < 128; ++byte) bytes[static_cast<std::size_t>(byte)] = found->second(byte) != 0;
  return bytes;
}

// The class that begins at `at` in a glob, as an expression, and the place after it; empty: it is none. Its
// characters are ASCII's: in UTF-8 others are several bytes. It never has a `/`.
std::pair<std::string, std::size_t> class_at(std::string_view glob, std::size_t at) {
  std::bitset<256> bytes;
  std::size_t i = at + 1;
  const bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (negated) ++i;
  // One character; advances `i`.
  const auto take = [&]() -> std::optional<std::size_t> {
    if (glob[i] == '\\') ++i;
    if (i >= glob.size() || static_cast<unsigned char>(glob[i]) >= 0x80) return std::nullopt;
    return static_cast<unsigned char>(glob[i++]);
  };
  for (bool first = true; i < glob.size(); first = false) {
    if (glob[i] == ']' && !first) {
      if (negated) bytes.flip();
      bytes['/'] = false;
      std::string expression = "[";
      for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
        if (bytes[byte]) expression += fmt::format("\\x{:02x}", byte);
      }
      // RE2 has no empty class; nothing is a NUL in a path.
      return {expression.size() > 1 ? expression + ']' : "\\x00", i + 1};
    }
    if (glob.substr(i, 2) == "[:") {
      const std::size_t end = glob.find(":]", i);
      const auto posix =
          end == std::string_view::npos ? std::nullopt : posix_class(glob.substr(i + 2, end - i - 2));
      if (!posix) return {};
      bytes |= *posix;
      i = end + 2;
      continue;
    }
    const auto low = take();
    auto high = low;
    if (low && i + 1 < glob.size() && glob[i] == '-' && glob[i + 1] != ']') {
      ++i;
      high = take();
    }
    if (!low || !high || *low > *high) return {};
    for (std::size_t byte = *low; byte <= *high; ++byte) bytes[byte] = true;
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
      expression += re2::RE2::QuoteMeta(std::string(1, glob[i]));  // newer ones take no std::string_view
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
    const int error = errno;
    std::error_code failed;
    const bool is_link = fs::is_symlink(fs::symlink_status(path, failed));
    // ENOTDIR: the folder itself is gone, which reading it says.
    if ((error == ENOENT && !is_link) || error == ENOTDIR) return std::nullopt;
    refuse_file(folder.native(), "cannot be read: " + std::generic_category().message(error));
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
    : folder_(std::move(folder)), text_(text), above_(std::move(above)) {
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
    if (lines_.size() == kMostPatterns) {
      refuse_file(folder_.substr(0, folder_.size() - 1),
                  fmt::format("has more than {} patterns", kMostPatterns));
    }
    lines_.push_back(std::move(line));
  }
}

IgnoreRules::Shared IgnoreRules::of(const fs::path& folder, Shared above, const Shared& before) {
  const auto text = read_ignore_file(folder);
  if (!text) return above;
  if (before && before->text_ == *text && before->above_ == above) return before;
  return std::make_shared<const IgnoreRules>((folder / "").native(), *text, std::move(above));
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

IgnoreTree::IgnoreTree(fs::path root) : root_(std::move(root)) {}

IgnoreRules::Shared IgnoreTree::rules_in(const fs::path& folder, IgnoreRules::Shared above) {
  constexpr std::size_t kMostKept = 1000;
  if (kept_.size() >= kMostKept) kept_.clear();
  IgnoreRules::Shared& before = kept_[folder.native()];
  return before = IgnoreRules::of(folder, std::move(above), before);
}

IgnoreRules::Shared IgnoreTree::above(const fs::path& path) {
  IgnoreRules::Shared rules;
  walk_to(path, [&](const fs::path&, bool, const IgnoreRules::Shared& here) {
    rules = here;
    return true;
  });
  return rules;
}

bool IgnoreTree::ignores(const fs::path& path, bool is_folder) {
  bool ignored = false;
  walk_to(path, [&](const fs::path& at, bool last, const IgnoreRules::Shared& rules) {
    ignored = rules && rules->ignores(at, !last || is_folder);
    return !ignored;
  });
  return ignored;
}

// Each folder on the way and `path` itself, with the rules for it, until `visit` returns false.
template <class Visit>
void IgnoreTree::walk_to(const fs::path& path, const Visit& visit) {
  const fs::path below = path.lexically_relative(root_);
  fs::path at = root_;
  IgnoreRules::Shared rules;
  for (auto part = below.begin(); part != below.end(); ++part) {
    rules = rules_in(at, std::move(rules));
    at /= *part;
    if (!visit(at, std::next(part) == below.end(), rules)) return;
  }
}

}  // namespace facesearch::app

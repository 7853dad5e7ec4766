// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace re2 {
class RE2;
}

namespace facesearch::app {

/// Derives a person's name from the path of a picture, by the rule of `--name-from`.
class NameFrom {
 public:
  /// A rule with `{parent}` (the name of the file's folder) or `{stem}` (the file's name without its
  /// extension) is a template. Any other rule is a regular expression with groups, in RE2's syntax. Throws
  /// UsageError where it is neither.
  explicit NameFrom(const std::string& rule);

  /// The filled template; or the expression's groups in its first match in the path, with spaces between
  /// them, empty groups left out. \w is any letter, mark or digit of Unicode. None where there is no match,
  /// the name is empty, the path is not UTF-8, or a group would begin or end in the middle of a word, because
  /// the expression names ASCII's letters only: never the rest of a name. `{parent}` of a path without a
  /// folder
  /// (`a.jpg`, `./a.jpg`, `../a.jpg`) is empty. Takes time linear in the path's
  /// length, whatever the expression. Thread-safe.
  std::optional<std::string> name_of(const std::filesystem::path& file) const;

 private:
  std::string rule_;
  std::shared_ptr<const re2::RE2> expression_;  // null: the rule is a template
};

}  // namespace facesearch::app

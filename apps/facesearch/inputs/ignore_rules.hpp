// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace facesearch::app {

inline constexpr const char* kIgnoreFile = ".facesearchignore";

/// What a folder's .facesearchignore leaves out of the folder and of those below it, in the syntax of
/// .gitignore: a glob a line; with a `/` before its end it is of the path from this folder, else of a name at
/// any depth; `/` at the end: folders only; `**` any folders; `[a-f]` one of ASCII's; `!` takes again what an
/// earlier line, or a folder above, leaves out; `#` a comment. Matching takes time linear in the path.
class IgnoreRules {
 public:
  using Shared = std::shared_ptr<const IgnoreRules>;

  /// Of a folder; `above` are those of the folders above it, and the result if it has no file. Throws
  /// Error(kInvalidValue, IGNORE_FILE_INVALID), which says what is wrong with the file.
  /// `before`: what it gave the last time; returned if nothing has changed.
  static Shared of(const std::filesystem::path& folder, Shared above, const Shared& before = {});

  /// `folder`: with a / at its end. Throws as of() for a line that is no pattern.
  IgnoreRules(std::string folder, std::string_view text, Shared above);

  /// Whether the last line that matches leaves a file or folder out; the nearest folder's lines count first.
  bool ignores(const std::filesystem::path& path, bool is_folder) const;

 private:
  struct Line {
    std::shared_ptr<const re2::RE2> path;
    bool folders_only = false;
    bool takes_again = false;
  };

  std::string folder_;
  std::string text_;
  std::vector<Line> lines_;
  Shared above_;
};

/// The rules of a folder and all below it, for one path after the other. Each file of rules is read again for
/// each path, and compiled again where it has changed. All functions throw as IgnoreRules::of().
class IgnoreTree {
 public:
  explicit IgnoreTree(std::filesystem::path root);

  /// The rules for what is beside `path`: those of the folders from the root to it, without its own.
  IgnoreRules::Shared above(const std::filesystem::path& path);

  /// True if a file or folder, or a folder on the way to it, is left out.
  bool ignores(const std::filesystem::path& path, bool is_folder);

 private:
  template <class Visit>
  void walk_to(const std::filesystem::path& path, const Visit& visit);
  IgnoreRules::Shared rules_in(const std::filesystem::path& folder, IgnoreRules::Shared above);

  std::filesystem::path root_;
  std::map<std::string, IgnoreRules::Shared> kept_;  // by folder
};

}  // namespace facesearch::app

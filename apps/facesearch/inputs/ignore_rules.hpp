// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
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
/// any depth; `/` at the end: folders only; `**` any folders; `!` takes again what an earlier line, or a
/// folder above, leaves out; `#` a comment. Matching takes time linear in the path.
class IgnoreRules {
 public:
  using Shared = std::shared_ptr<const IgnoreRules>;

  /// Of a folder; `above` are those of the folders above it, and the result if it has no file. Throws
  /// Error(kInvalidValue, IGNORE_FILE_INVALID), which says what is wrong with the file.
  static Shared of(const std::filesystem::path& folder, Shared above);

  /// Those of `root` and of the folders on the way to `path`, without that of `path` itself. Throws as of().
  static Shared on_the_way(const std::filesystem::path& root, const std::filesystem::path& path);

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
  std::vector<Line> lines_;
  Shared above_;
};

/// True if the rules on the way to a file or folder leave it, or a folder on the way, out. Throws as of().
bool is_ignored(const std::filesystem::path& root, const std::filesystem::path& path, bool is_folder);

}  // namespace facesearch::app

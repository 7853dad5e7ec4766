// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <regex>
#include <string>

namespace facesearch::app {

/// Says whose face a file shows by its path.
class NameFrom {
 public:
  /// A text with `{parent}` (the folder that the file is in) or `{stem}` (its name without its ending), put
  /// together as it stands; any other text is a regular expression (ECMAScript) with groups. Throws
  /// UsageError if it is neither.
  explicit NameFrom(const std::string& rule);

  /// None where the expression is not found in the path; of one that is, the groups with spaces between.
  std::optional<std::string> name_of(const std::filesystem::path& file) const;

 private:
  std::string rule_;
  std::optional<std::regex> expression_;
};

}  // namespace facesearch::app

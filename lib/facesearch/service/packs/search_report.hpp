// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace facesearch::service {

/// What an installation looked at for one file: told where the file is nowhere, and what was passed over
/// where it is. Keeps a bounded number of each.
class SearchReport {
 public:
  /// A folder, an archive or an address that does not have it, as it is shown: "flat (2 files: a, b)".
  void looked_in(std::string place);

  /// Something that could have been the file and is not. `reason` is one of docs/errors.md.
  void passed_over(std::string reason, std::string words);

  /// The reason of the first that was passed over, or `otherwise`.
  std::string reason(const std::string& otherwise) const;

  const std::vector<std::string>& faults() const { return faults_; }

  /// Sentences about all of it, each with a space before it; empty where nothing was looked at.
  std::string words() const;

 private:
  std::vector<std::string> places_;
  std::vector<std::string> faults_;
  std::string reason_;
};

/// Names for people: the first few, and how many there are. "2 files: a, b", "900 members: a, b, …".
std::string shown_names(std::size_t count, const char* what, const std::vector<std::string>& first);

inline constexpr std::size_t kNamesShown = 5;

}  // namespace facesearch::service

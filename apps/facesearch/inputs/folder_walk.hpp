// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace facesearch::app {

/// True if a file of this name is one of a folder's inputs: it is not hidden and ends as pictures do (.jpg,
/// .jpeg, .png, .webp), or however it likes where that is asked for.
bool is_input_name(const std::filesystem::path& file, bool all_files);

bool is_hidden(const std::filesystem::path& file);

/// The files below a folder, sorted by name in each folder, folders among files; one folder is read at a
/// time. Hidden files and folders are left out, and folders that are links.
class FolderWalk {
 public:
  struct Found {
    std::filesystem::path file;
    std::string fault;  ///< why a folder cannot be read; then `file` is that folder
  };

  /// `all_files`: those too whose names do not end as pictures' do. `reading` is told of each folder just
  /// before it is read; what it throws is thrown by next().
  FolderWalk(std::filesystem::path folder, bool all_files,
             std::function<void(const std::filesystem::path&)> reading = {});

  std::optional<Found> next();

  /// Files that were left out for the ends of their names, so far.
  std::uint64_t passed_over() const { return passed_over_; }

 private:
  struct Entry {
    std::filesystem::path path;
    bool is_folder = false;
  };

  std::optional<Found> open(const std::filesystem::path& folder);

  bool all_files_;
  std::function<void(const std::filesystem::path&)> reading_;
  std::vector<std::vector<Entry>> stack_;  // what is left of each folder, the next one last
  std::uint64_t passed_over_ = 0;
};

}  // namespace facesearch::app

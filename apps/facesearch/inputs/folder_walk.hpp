// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace facesearch::app {

/// True if a file of this name is an input: it is not hidden, and has the extension of a picture
/// (image/decode.hpp) unless `all_files`.
bool is_input_name(const std::filesystem::path& file, bool all_files);

bool is_hidden(const std::filesystem::path& file);

/// The files below a folder, sorted by name in each folder, with subfolders in their place among the files.
/// Reads one folder at a time. Skips hidden files and folders, and links to folders.
class FolderWalk {
 public:
  struct Found {
    std::filesystem::path file;
    std::string fault;  ///< not empty: `file` is a folder that cannot be read, for this reason
  };

  /// `all_files`: with files that have no picture's extension. `reading` is called with each folder before it
  /// is read; next() throws what it throws.
  FolderWalk(std::filesystem::path folder, bool all_files,
             std::function<void(const std::filesystem::path&)> reading = {});

  std::optional<Found> next();

  /// Files skipped so far because of their extensions.
  std::uint64_t passed_over() const { return passed_over_; }

 private:
  struct Entry {
    std::filesystem::path path;
    bool is_folder = false;
  };

  std::optional<Found> open(const std::filesystem::path& folder);

  bool all_files_;
  std::function<void(const std::filesystem::path&)> reading_;
  std::vector<std::vector<Entry>> stack_;  // what remains of each folder, the next entry last
  std::uint64_t passed_over_ = 0;
};

}  // namespace facesearch::app

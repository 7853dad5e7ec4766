// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace facesearch::app {

/// Which files below a folder are inputs, told by their paths.
struct InputRules {
  bool all_files = false;            ///< with files that have no picture's extension (image/decode.hpp)
  std::vector<std::string> exclude;  ///< globs: of a file's or folder's name, or with a / of its path

  /// How the rules take a file or a folder.
  enum class Taken : std::uint8_t { kYes, kHidden, kPassedOver };
  Taken take_file(const std::filesystem::path& file) const;
  Taken take_folder(const std::filesystem::path& folder) const;

  /// The options of the command line.
  void add_to(CLI::App& command);

 private:
  bool excludes(const std::filesystem::path& path) const;
};

/// The files below a folder, sorted by name in each folder, with subfolders in their place among the files.
/// Reads one folder at a time. Skips hidden files and folders, what the rules exclude, folders that storage
/// systems keep beside pictures (thumbnails, what was deleted), and links to folders. A link that leads
/// nowhere is a file: reading it says so.
class FolderWalk {
 public:
  struct Found {
    std::filesystem::path file;
    std::string fault;  ///< not empty: `file` is a folder that cannot be read, for this reason
  };

  /// `reading` is called with each folder before it is read; next() throws what it throws.
  FolderWalk(std::filesystem::path folder, InputRules rules,
             std::function<void(const std::filesystem::path&)> reading = {});

  std::optional<Found> next();

  /// Files and folders skipped so far because of the rules.
  std::uint64_t passed_over() const { return passed_over_; }

 private:
  struct Entry {
    std::filesystem::path path;
    bool is_folder = false;
  };

  std::optional<Found> open(const std::filesystem::path& folder);

  InputRules rules_;
  std::function<void(const std::filesystem::path&)> reading_;
  std::vector<std::vector<Entry>> stack_;  // what remains of each folder, the next entry last
  std::uint64_t passed_over_ = 0;
};

}  // namespace facesearch::app

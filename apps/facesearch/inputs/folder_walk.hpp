// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "facesearch/core/error.hpp"
#include "facesearch/inputs/ignore_rules.hpp"

namespace facesearch::app {

/// Why a file or folder below a named folder is no input.
enum class PassedFor : std::uint8_t {
  kNoPicture,     ///< its ending is no picture's
  kHidden,        ///< its name begins with a point
  kSystemFolder,  ///< a storage system keeps it beside pictures
  kExcluded,      ///< by the options
  kIgnored,       ///< by a .facesearchignore
  kLink,          ///< it leads to a folder
};

/// Files and folders that were passed over.
class PassedOver {
 public:
  void add(PassedFor why, const std::filesystem::path& path);
  PassedOver& operator+=(const PassedOver& other);

  std::uint64_t total() const;

  /// By reason as answers name it, and ending in lower case (empty but for NOT_A_PICTURE; there too where it
  /// has none, a long one, or one of more than 16 different ones).
  std::map<std::pair<std::string, std::string>, std::uint64_t> by_reason() const;

 private:
  void add_ending(const std::string& ending, std::uint64_t count);

  std::array<std::uint64_t, 6> counts_{};         // by PassedFor, without kNoPicture
  std::map<std::string, std::uint64_t> endings_;  // of files that are no pictures
};

/// Which files below a folder are inputs, told by their paths.
struct InputRules {
  bool all_files = false;            ///< with files that have no picture's extension (image/decode.hpp)
  std::vector<std::string> exclude;  ///< globs: of a file's or folder's name, or with a / of its path

  /// None: the rules take the file or folder.
  std::optional<PassedFor> pass_over_file(const std::filesystem::path& file) const;
  std::optional<PassedFor> pass_over_folder(const std::filesystem::path& folder) const;

  /// The options of the command line.
  void add_to(CLI::App& command);

 private:
  bool excludes(const std::filesystem::path& path) const;
};

/// The files below a folder, sorted by name in each folder, with subfolders in their place among the files.
/// Reads one folder at a time. Passes over hidden files and folders, what the rules exclude or a
/// .facesearchignore leaves out, folders that storage systems keep beside pictures (thumbnails, what was
/// deleted), and links to folders. A link that leads nowhere is a file: reading it says so.
class FolderWalk {
 public:
  struct Found {
    std::filesystem::path file;
    std::optional<Error> fault;  ///< `file` is a folder that is not read, for this reason
  };

  /// `reading` is called with each folder before it is read; next() throws what it throws. `above`: what the
  /// folders above leave out.
  FolderWalk(std::filesystem::path folder, InputRules rules,
             std::function<void(const std::filesystem::path&)> reading = {}, IgnoreRules::Shared above = {});

  std::optional<Found> next();

  /// So far.
  const PassedOver& passed_over() const { return passed_over_; }

 private:
  struct Entry {
    std::filesystem::path path;
    bool is_folder = false;
    IgnoreRules::Shared above{};  // for a folder: what those above it leave out
  };

  std::optional<Found> open(const Entry& opened);

  InputRules rules_;
  std::function<void(const std::filesystem::path&)> reading_;
  std::vector<std::vector<Entry>> stack_;  // what remains of each folder, the next entry last
  PassedOver passed_over_;
};

}  // namespace facesearch::app

// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "facesearch/core/file.hpp"

struct inotify_event;

namespace facesearch::app {

/// An event in a watched folder.
struct FolderEvent {
  enum class Kind : std::uint8_t {
    kClosed,       ///< a file was closed after writing, or moved here
    kNamed,        ///< a file was created or linked here
    kGone,         ///< a file was deleted or moved away
    kFolder,       ///< a folder was created or moved here
    kFolderMoved,  ///< a folder was moved away with everything below it
    kLost,         ///< the queue overflowed: walk the tree again
  };

  Kind kind = Kind::kLost;
  std::filesystem::path path{};
};

/// Events of the folders of one tree (inotify). For one thread.
class FolderEvents {
 public:
  /// Watches no folder yet. Throws Error(kInvalidValue): FILE_NOT_FOUND, NOT_A_FOLDER;
  /// Error(kPermissionDenied, FOLDER_NOT_READABLE); Error(kFileSystem): TOO_MANY_WATCHES; as throw_errno.
  explicit FolderEvents(std::filesystem::path root);

  /// Watches a folder, not what is below it; a moved folder gets its new path. Ignores one that is gone or
  /// cannot be read. Throws Error(kFileSystem, TOO_MANY_WATCHES).
  void add(const std::filesystem::path& folder);

  /// Stops watching a folder and everything below it.
  void remove(const std::filesystem::path& folder);

  /// end_round() stops watching the folders that were not added since begin_round().
  void begin_round() { ++round_; }
  void end_round();

  /// Waits up to `timeout` for events and returns them in order. Throws Error(kFileSystem, FOLDER_GONE) once
  /// the root was deleted, moved or unmounted.
  std::vector<FolderEvent> wait(std::chrono::milliseconds timeout);

  /// Throws FOLDER_GONE if the root is no longer at its path.
  void require_root() const;

 private:
  struct Folder {
    std::filesystem::path path;
    std::uint64_t round = 0;
  };

  int watch(const std::filesystem::path& folder, std::uint32_t more) const;
  void take(const inotify_event& event, std::string_view name, std::vector<FolderEvent>& events);
  void forget(int number);
  [[noreturn]] void refuse_gone() const;

  std::filesystem::path root_;
  std::uintmax_t device_ = 0;
  std::uintmax_t inode_ = 0;
  FileDescriptor notify_;
  int root_number_ = -1;
  std::uint64_t round_ = 0;
  std::unordered_map<int, Folder> folders_;       // by inotify's watch number
  std::map<std::filesystem::path, int> numbers_;  // the same by path
};

}  // namespace facesearch::app

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

/// What happened in a folder.
struct FolderEvent {
  enum class Kind : std::uint8_t {
    kClosed,       ///< a file was closed by who wrote it, or moved here
    kNamed,        ///< a file got this name: it was begun, or linked
    kGone,         ///< a file went
    kFolder,       ///< a folder came
    kFolderMoved,  ///< a folder was moved away, with all that is below
    kLost,         ///< events are missing: anything may have happened, anywhere
  };

  Kind kind = Kind::kLost;
  std::filesystem::path path{};
};

/// Reports what happens in folders of one tree (inotify). One thread.
class FolderEvents {
 public:
  /// Reports nothing yet. Throws Error(kInvalidValue): FILE_NOT_FOUND, NOT_A_FOLDER;
  /// Error(kPermissionDenied, FOLDER_NOT_READABLE); Error(kFileSystem): TOO_MANY_WATCHES; as throw_errno.
  explicit FolderEvents(std::filesystem::path root);

  /// Reports from now on what happens in a folder, not below it; under this path if it had another one. One
  /// that is gone or cannot be read is left out. Throws Error(kFileSystem, TOO_MANY_WATCHES).
  void add(const std::filesystem::path& folder);

  /// Reports nothing more of a folder and of all below.
  void remove(const std::filesystem::path& folder);

  /// What was not added again between the two is removed.
  void begin_round() { ++round_; }
  void end_round();

  /// What has happened since, in its order; waits at most so long for anything. Throws Error(kFileSystem,
  /// FOLDER_GONE) once the root was deleted, moved or unmounted.
  std::vector<FolderEvent> wait(std::chrono::milliseconds most);

  /// Throws as wait() if the root is no longer where it was.
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
  std::unordered_map<int, Folder> folders_;       // by the kernel's number
  std::map<std::filesystem::path, int> numbers_;  // the other way round
};

}  // namespace facesearch::app

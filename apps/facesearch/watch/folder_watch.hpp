// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "facesearch/inputs/file_stamp.hpp"
#include "facesearch/inputs/folder_walk.hpp"
#include "facesearch/watch/folder_events.hpp"
#include "facesearch/watch/watch_memory.hpp"

namespace facesearch::app {

/// The files below a folder, by the rules of FolderWalk: first those that exist, then without end those that
/// appear. Each is given once it is complete, and again after it was written again. A file is complete when
/// no process has it open for writing. Where the system cannot tell, it is complete after an event that it
/// was closed or moved here, or when it has not changed for kSettle; an empty file always waits for kSettle.
///
/// A given file is under way until answered(), again() or gone() is called for it; it is not given twice
/// meanwhile. All functions but next() may be called from any thread.
class FolderWatch {
 public:
  static constexpr std::chrono::seconds kSettle{2};
  static constexpr std::chrono::seconds kRetry{2};

  /// Watches from now on. `memory` has what was answered before, and must outlive this. `stopped` is polled
  /// while waiting. Throws as FolderEvents.
  FolderWatch(std::filesystem::path folder, InputRules rules, WatchMemory& memory,
              std::function<bool()> stopped);

  /// Waits for the next file, or a folder that cannot be read (`fault`). None once stopped. Call it from one
  /// thread at a time. Throws Error(kFileSystem): FOLDER_GONE, TOO_MANY_WATCHES; as throw_errno.
  std::optional<FolderWalk::Found> next();

  void cancel() { cancelled_ = true; }

  /// True if a file under way has not changed since it was given.
  bool unchanged(const std::string& file) const;

  // How a file under way ends. Other files are ignored.

  /// They are not given again unless they change. Throws as WatchMemory::add().
  void answered(const std::vector<std::string>& files);

  /// It is given again: at once if it has changed, else after kRetry.
  void again(const std::string& file);

  /// It was deleted before it was read.
  void gone(const std::string& file);

  /// What was no input so far.
  PassedOver passed_over() const;

 private:
  using Clock = std::chrono::steady_clock;

  // What is known of a file that is to be checked.
  struct Hint {
    bool closed = false;                  // by an event
    std::optional<FileStamp> settling{};  // its version at the last check
  };
  struct UnderWay {
    FileStamp stamp;
    std::optional<Hint> again{};  // it changed meanwhile
  };
  struct Later {
    Clock::time_point due;
    Hint hint;
  };

  bool stopped() const { return cancelled_ || stopped_(); }
  std::chrono::milliseconds time_to_wait() const;
  void take(const FolderEvent& event);
  std::optional<bool> ignores(const std::filesystem::path& path, bool is_folder);
  void walk_everything();
  std::optional<FolderWalk::Found> next_found();
  std::optional<FolderWalk::Found> walk_on();
  void end_walk();
  bool is_complete(const std::string& file, const FileStamp& stamp, const Hint& hint);
  bool begin(const std::string& file, const Hint& hint);
  void put(const std::string& file, const Hint& hint);
  void put_later(const std::string& file, Clock::duration wait, const Hint& hint);
  std::optional<UnderWay> end(const std::string& file);
  std::string_view name_of(const std::string& file) const;

  const std::filesystem::path folder_;
  const InputRules rules_;
  const std::function<bool()> stopped_;
  std::atomic<bool> cancelled_ = false;

  // Used by next() only.
  IgnoreTree ignore_;
  FolderEvents events_;
  std::deque<std::filesystem::path> to_walk_;
  std::optional<FolderWalk> walk_;
  bool from_top_ = false;    // walk_ began at folder_
  bool whole_ = false;       // and could read all folders so far
  bool once_more_ = false;   // walk from the top again afterwards
  bool was_at_end_ = false;  // a walk from the top has ended
  std::set<std::filesystem::path> unreadable_;

  mutable std::mutex mutex_;  // guards what follows
  WatchMemory& memory_;
  std::deque<std::string> queue_;
  std::unordered_map<std::string, Hint> queued_;
  std::unordered_map<std::string, Later> later_;
  std::set<std::pair<Clock::time_point, std::string>> due_;
  std::unordered_map<std::string, UnderWay> under_way_;
  PassedOver passed_over_;
};

}  // namespace facesearch::app

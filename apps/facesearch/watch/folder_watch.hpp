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

/// The files below a folder, by the rules of FolderWalk: those that are there and then, without end, those
/// that come, each once it is complete; again once it was written again. A file is complete when nobody has
/// it open for writing; where the system does not tell, when it was closed or moved here before our eyes, or
/// has not changed for kSettle, which an empty one is always waited for.
///
/// A file that was given is under way till the caller says what became of it, and is not given again before.
/// All functions but next() may be called from any thread.
class FolderWatch {
 public:
  static constexpr std::chrono::seconds kSettle{2};
  static constexpr std::chrono::seconds kRetry{2};

  /// Watches from now on. `memory` knows what was answered before, and outlives this. `stopped` is asked
  /// while nothing comes. Throws as FolderEvents.
  FolderWatch(std::filesystem::path folder, bool all_files, WatchMemory& memory,
              std::function<bool()> stopped);

  /// Waits for the next one; `fault` says why a folder cannot be read. None once stopped. By one thread at a
  /// time. Throws Error(kFileSystem): FOLDER_GONE, TOO_MANY_WATCHES; as throw_errno.
  std::optional<FolderWalk::Found> next();

  void cancel() { cancelled_ = true; }

  /// True if a file under way is still what it was when it was given.
  bool unchanged(const std::string& file) const;

  // What became of files under way. Others are passed over.

  /// Not to be given again as they are. Throws as WatchMemory::add().
  void answered(const std::vector<std::string>& files);

  /// To be given again, at once if it has changed, else after kRetry.
  void again(const std::string& file);

  /// It was gone before it was read.
  void gone(const std::string& file);

  /// Files that were left out for the ends of their names, so far.
  std::uint64_t passed_over() const { return passed_over_; }

 private:
  using Clock = std::chrono::steady_clock;

  // What is to be looked at, and why.
  struct Hint {
    bool closed = false;                  // before our eyes
    std::optional<FileStamp> settling{};  // what it was when it was looked at last
  };
  struct UnderWay {
    FileStamp stamp;
    std::optional<Hint> again{};  // something happened meanwhile
  };
  struct Later {
    Clock::time_point due;
    Hint hint;
  };

  bool stopped() const { return cancelled_ || stopped_(); }
  std::chrono::milliseconds patience() const;
  void take(const FolderEvent& event);
  void look_everywhere();
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
  const bool all_files_;
  const std::function<bool()> stopped_;
  std::atomic<bool> cancelled_ = false;
  std::atomic<std::uint64_t> passed_over_ = 0;

  // Of next() alone.
  FolderEvents events_;
  std::deque<std::filesystem::path> to_walk_;
  std::optional<FolderWalk> walk_;
  bool from_top_ = false;    // it began there
  bool whole_ = false;       // and all could be read so far
  bool once_more_ = false;   // from the top, after it
  bool was_at_end_ = false;  // once, from the top
  std::set<std::filesystem::path> unreadable_;

  mutable std::mutex mutex_;  // of what follows
  WatchMemory& memory_;
  std::deque<std::string> queue_;
  std::unordered_map<std::string, Hint> queued_;
  std::unordered_map<std::string, Later> later_;
  std::set<std::pair<Clock::time_point, std::string>> due_;
  std::unordered_map<std::string, UnderWay> under_way_;
};

}  // namespace facesearch::app

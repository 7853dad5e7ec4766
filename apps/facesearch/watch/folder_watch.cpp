// SPDX-License-Identifier: MIT
// Turns events of a folder into complete files. Each path goes through: event or walk -> queue_ -> is it
// complete? -> given to the caller (under_way_) -> answered, retried (later_) or gone. A walk of the whole
// tree finds what events missed.
#include "facesearch/watch/folder_watch.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;
using Found = FolderWalk::Found;

constexpr std::chrono::milliseconds kPoll{100};  // for a stop
constexpr int kMaxSteps = 256;                   // of a walk before events are read again

// The files of "a//" are "a/b".
fs::path without_end(fs::path folder) {
  while (!folder.has_filename() && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

// A modification time in the future counts as now.
std::chrono::nanoseconds age_of(const FileStamp& stamp) {
  const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
  return std::max(now - std::chrono::nanoseconds(stamp.modified_ns), std::chrono::nanoseconds(0));
}

}  // namespace

FolderWatch::FolderWatch(fs::path folder, InputRules rules, WatchMemory& memory,
                         std::function<bool()> stopped)
    : folder_(without_end(std::move(folder))),
      rules_(std::move(rules)),
      stopped_(std::move(stopped)),
      ignore_(folder_),
      events_(folder_),
      memory_(memory) {
  walk_everything();
}

std::optional<Found> FolderWatch::next() {
  while (!stopped()) {
    for (const FolderEvent& event : events_.wait(time_to_wait())) take(event);
    if (auto found = next_found()) return found;
  }
  return std::nullopt;
}

std::chrono::milliseconds FolderWatch::time_to_wait() const {
  const std::lock_guard lock(mutex_);
  if (!queue_.empty() || walk_ || !to_walk_.empty()) return std::chrono::milliseconds(0);
  if (due_.empty()) return kPoll;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first - Clock::now());
  return std::clamp(left, std::chrono::milliseconds(0), kPoll);
}

void FolderWatch::take(const FolderEvent& event) {
  using Kind = FolderEvent::Kind;
  if (event.path.filename() == kIgnoreFile) {  // what it says now may take what was left out
    unreadable_.erase(event.path.parent_path());
    to_walk_.push_back(event.path.parent_path());
    return;
  }
  switch (event.kind) {
    case Kind::kLost:
    case Kind::kFolderMoved:  // there are no events for the files in it
      walk_everything();
      return;
    case Kind::kFolder:
      if (!rules_.pass_over_folder(event.path) && ignores(event.path, true) == false) {
        to_walk_.push_back(event.path);
      }
      return;
    case Kind::kGone: {
      std::error_code failed;
      // If a file of this name exists, the event is of an earlier one.
      if (fs::exists(fs::symlink_status(event.path, failed))) return;
      const std::lock_guard lock(mutex_);
      memory_.forget(name_of(event.path.native()));
      // A file under way is checked once more when it is answered, and forgotten then.
      if (const auto found = under_way_.find(event.path.native()); found != under_way_.end()) {
        if (!found->second.again) found->second.again = Hint{};
      }
      return;
    }
    case Kind::kClosed:
    case Kind::kNamed: {
      const bool closed = event.kind == Kind::kClosed;
      auto passed = rules_.pass_over_file(event.path);
      if (!passed) {
        const auto ignored = ignores(event.path, false);
        if (!ignored) return;
        if (*ignored) passed = PassedFor::kIgnored;
      }
      const std::lock_guard lock(mutex_);
      if (!passed) {
        put(event.path.native(), {closed});
      } else if (closed && *passed != PassedFor::kHidden) {  // programs write to a hidden name, then rename
        passed_over_.add(*passed, event.path);
      }
      return;
    }
  }
}

// None: it cannot be told. Then the folder is walked, which tries again, and says once that a file of rules
// is not valid. Until that is mended nothing below is taken.
std::optional<bool> FolderWatch::ignores(const fs::path& path, bool is_folder) {
  try {
    return ignore_.ignores(path, is_folder);
  } catch (const Error&) {
    to_walk_.push_back(path.parent_path());
    return std::nullopt;
  }
}

PassedOver FolderWatch::passed_over() const {
  const std::lock_guard lock(mutex_);
  return passed_over_;
}

// A walk that has begun is finished first: restarting a long one again and again might never end.
void FolderWatch::walk_everything() {
  if (walk_ && from_top_) {
    once_more_ = true;
  } else {
    to_walk_ = {folder_};
  }
}

std::optional<Found> FolderWatch::next_found() {
  const std::lock_guard lock(mutex_);
  while (!due_.empty() && due_.begin()->first <= Clock::now()) {
    const std::string file = due_.begin()->second;
    due_.erase(due_.begin());
    put(file, later_.extract(file).mapped().hint);
  }
  while (!queue_.empty()) {
    const std::string file = std::move(queue_.front());
    queue_.pop_front();
    if (begin(file, queued_.extract(file).mapped())) return Found{file, {}};
  }
  return walk_on();
}

// Walks one folder at a time, only until the next complete file.
std::optional<Found> FolderWatch::walk_on() {
  for (int step = 0; step < kMaxSteps; ++step) {
    if (!walk_) {
      if (to_walk_.empty()) return std::nullopt;
      const fs::path folder = std::move(to_walk_.front());
      to_walk_.pop_front();
      from_top_ = whole_ = folder == folder_;
      if (from_top_) {
        events_.begin_round();
        memory_.begin_round();
      }
      // Watch before reading: a file that appears meanwhile is seen by the watch or by the walk.
      IgnoreRules::Shared above;
      try {
        if (folder != folder_) above = ignore_.above(folder);
      } catch (const Error&) {
        continue;  // the walk of a folder above says it
      }
      walk_.emplace(
          folder, rules_, [this](const fs::path& reading) { events_.add(reading); }, std::move(above));
    }
    auto found = walk_->next();
    if (!found) {
      end_walk();
    } else if (!found->fault) {
      const std::string& file = found->file.native();
      if (!later_.contains(file) && begin(file, {})) return found;
    } else {
      std::error_code failed;
      const fs::directory_iterator now(found->file, failed);
      if (found->fault->cause() == Cause::kInvalidValue) {  // what its rules say is not known
        whole_ = false;
        if (unreadable_.insert(found->file).second) return found;
        continue;
      }
      // It was deleted meanwhile.
      if (failed == std::errc::no_such_file_or_directory || failed == std::errc::not_a_directory) continue;
      whole_ = false;
      if (!failed) {
        to_walk_.push_back(found->file);  // another folder has replaced it
        continue;
      }
      if (unreadable_.insert(found->file).second) return found;
    }
  }
  return std::nullopt;
}

void FolderWatch::end_walk() {
  if (whole_) {
    events_.end_round();
    memory_.end_round();
  }
  if (!from_top_ || !was_at_end_) passed_over_ += walk_->passed_over();
  walk_.reset();
  if (!from_top_) return;
  was_at_end_ = true;
  if (std::exchange(once_more_, false)) to_walk_ = {folder_};
}

// True if the file is complete and not answered yet; it is under way then.
bool FolderWatch::begin(const std::string& file, const Hint& hint) {
  const auto stamp = stamp_of(file);
  if (const auto found = under_way_.find(file); found != under_way_.end()) {
    UnderWay& was = found->second;
    if (stamp != was.stamp) was.again = Hint{hint.closed || (was.again && was.again->closed), {}};
    return false;
  }
  if (!stamp) {
    memory_.forget(name_of(file));
    events_.require_root();
    return false;
  }
  if (memory_.has(name_of(file), *stamp) || !is_complete(file, *stamp, hint)) return false;
  under_way_.emplace(file, UnderWay{*stamp, {}});
  return true;
}

bool FolderWatch::is_complete(const std::string& file, const FileStamp& stamp, const Hint& hint) {
  const auto written = is_being_written(file);
  if (written == true) {
    put_later(file, kSettle, {});  // its closing is an event, too
    return false;
  }
  // A file is empty for a moment between its creation and the first write.
  if (stamp.size > 0 && (written == false || hint.closed)) return true;
  const auto age = age_of(stamp);
  if (age >= kSettle || hint.settling == stamp) return true;
  put_later(file, kSettle - age, {false, stamp});
  return false;
}

void FolderWatch::put(const std::string& file, const Hint& hint) {
  const auto [at, is_new] = queued_.try_emplace(file, hint);
  if (is_new) {
    queue_.push_back(file);
  } else {
    at->second.closed |= hint.closed;
  }
}

void FolderWatch::put_later(const std::string& file, Clock::duration wait, const Hint& hint) {
  const auto due = Clock::now() + wait;
  if (later_.try_emplace(file, Later{due, hint}).second) due_.emplace(due, file);
}

bool FolderWatch::unchanged(const std::string& file) const {
  const auto now = stamp_of(file);
  const std::lock_guard lock(mutex_);
  const auto found = under_way_.find(file);
  return found != under_way_.end() && now == found->second.stamp;
}

std::optional<FolderWatch::UnderWay> FolderWatch::end(const std::string& file) {
  const auto found = under_way_.find(file);
  if (found == under_way_.end()) return std::nullopt;
  return under_way_.extract(found).mapped();
}

void FolderWatch::answered(const std::vector<std::string>& files) {
  const std::lock_guard lock(mutex_);
  std::vector<WatchMemory::Answered> known;
  for (const std::string& file : files) {
    const auto was = end(file);
    if (!was) continue;
    known.push_back({std::string(name_of(file)), was->stamp});
    if (was->again) put(file, *was->again);
  }
  memory_.add(known);
}

void FolderWatch::again(const std::string& file) {
  const std::lock_guard lock(mutex_);
  const auto was = end(file);
  if (!was) return;
  if (was->again) {
    put(file, *was->again);
  } else {
    put_later(file, kRetry, {true, {}});
  }
}

void FolderWatch::gone(const std::string& file) {
  const std::lock_guard lock(mutex_);
  const auto was = end(file);
  if (was && was->again) put(file, *was->again);
}

std::string_view FolderWatch::name_of(const std::string& file) const {
  return std::string_view(file).substr(std::min(folder_.native().size(), file.size()));
}

}  // namespace facesearch::app

// SPDX-License-Identifier: MIT
// Watches the folders of a tree by inotify, one kernel watch each. Translates the kernel's events; which
// files are complete is decided in folder_watch.cpp.
#include "facesearch/watch/folder_events.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;
using Kind = FolderEvent::Kind;

// A file that is created, written and closed gives kNamed and kClosed; a linked file gives kNamed.
constexpr std::uint32_t kOfFolder =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR;
constexpr std::uint32_t kOfRoot = IN_DELETE_SELF | IN_MOVE_SELF;

std::string limit_of(const char* name) {
  std::ifstream file(fmt::format("/proc/sys/fs/inotify/{}", name));
  std::string value;
  return std::getline(file, value) ? value : "not known";
}

[[noreturn]] void refuse_more(const char* limit, const char* what) {
  throw Error(
      Cause::kFileSystem, "TOO_MANY_WATCHES",
      fmt::format("the system cannot watch more {}: fs.inotify.{} is {}; raise it with `sysctl` or watch "
                  "a smaller folder",
                  what, limit, limit_of(limit)));
}

}  // namespace

FolderEvents::FolderEvents(fs::path root)
    : root_(std::move(root)), notify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (notify_.get() < 0) {
    if (errno == EMFILE) refuse_more("max_user_instances", "folders for this user");
    throw_errno(errno, "watch", root_);
  }
  root_number_ = watch(root_, kOfRoot);
  const int error = root_number_ < 0 ? errno : 0;
  if (error == ENOENT || error == ENAMETOOLONG || error == ELOOP) {
    throw Error(Cause::kInvalidValue, "FILE_NOT_FOUND",
                fmt::format("there is no folder '{}'", root_.string()));
  }
  if (error == ENOTDIR) {
    throw Error(Cause::kInvalidValue, "NOT_A_FOLDER",
                fmt::format("'{}' is not a folder; give one folder to watch", root_.string()));
  }
  if (error == EACCES) {
    throw Error(Cause::kPermissionDenied, "FOLDER_NOT_READABLE",
                fmt::format("the folder '{}' cannot be read: {}", root_.string(),
                            std::generic_category().message(error)));
  }
  struct stat status {};
  if (error != 0 || ::stat(root_.c_str(), &status) != 0)
    throw_errno(error != 0 ? error : errno, "watch", root_);
  device_ = status.st_dev;
  inode_ = status.st_ino;
  folders_[root_number_] = {root_, round_};
  numbers_[root_] = root_number_;
}

int FolderEvents::watch(const fs::path& folder, std::uint32_t more) const {
  const int number = ::inotify_add_watch(notify_.get(), folder.c_str(), kOfFolder | more);
  if (number < 0 && errno == ENOSPC) refuse_more("max_user_watches", "folders for this user");
  return number;
}

void FolderEvents::add(const fs::path& folder) {
  const bool is_root = folder == root_;
  // Do not follow a link that has just replaced a folder.
  const int number = watch(folder, is_root ? kOfRoot : std::uint32_t{IN_DONT_FOLLOW});
  if (number < 0) return;
  if (is_root && number != root_number_) refuse_gone();
  if (const auto before = numbers_.find(folder); before != numbers_.end() && before->second != number) {
    forget(before->second);
  }
  Folder& entry = folders_[number];
  if (entry.path != folder) numbers_.erase(entry.path);
  entry = {folder, round_};
  numbers_[folder] = number;
}

// The kernel may have removed the watch already.
void FolderEvents::forget(int number) {
  (void)::inotify_rm_watch(notify_.get(), number);
  const auto found = folders_.find(number);
  if (found == folders_.end()) return;
  const auto known = numbers_.find(found->second.path);
  if (known != numbers_.end() && known->second == number) numbers_.erase(known);
  folders_.erase(found);
}

void FolderEvents::remove(const fs::path& folder) {
  std::vector<int> below;
  // numbers_ is sorted by the parts of paths, so everything below the folder follows it.
  for (auto at = numbers_.lower_bound(folder); at != numbers_.end(); ++at) {
    const auto parts = std::mismatch(folder.begin(), folder.end(), at->first.begin(), at->first.end());
    if (parts.first != folder.end()) break;
    below.push_back(at->second);
  }
  for (const int number : below) forget(number);
}

void FolderEvents::end_round() {
  std::vector<int> old;
  for (const auto& [number, folder] : folders_) {
    if (folder.round != round_) old.push_back(number);
  }
  for (const int number : old) forget(number);
}

void FolderEvents::refuse_gone() const {
  throw Error(
      Cause::kFileSystem, "FOLDER_GONE",
      fmt::format("the folder '{}' was deleted, moved or unmounted; bring it back and start the watch "
                  "again",
                  root_.string()));
}

void FolderEvents::require_root() const {
  struct stat status {};
  if (::stat(root_.c_str(), &status) != 0 || status.st_dev != device_ || status.st_ino != inode_)
    refuse_gone();
}

std::vector<FolderEvent> FolderEvents::wait(std::chrono::milliseconds timeout) {
  std::vector<FolderEvent> events;
  pollfd ready{notify_.get(), POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(timeout.count())) <= 0) return events;
  std::array<char, 1U << 16U> bytes{};
  const ssize_t got = ::read(notify_.get(), bytes.data(), bytes.size());
  if (got < 0 && errno != EAGAIN && errno != EINTR) throw_errno(errno, "watch", root_);
  for (std::size_t at = 0; got > 0 && at < static_cast<std::size_t>(got);) {
    inotify_event event{};
    std::memcpy(&event, bytes.data() + at, sizeof(event));
    take(event, bytes.data() + at + sizeof(event), events);
    at += sizeof(event) + event.len;
  }
  return events;
}

void FolderEvents::take(const inotify_event& event, std::string_view name, std::vector<FolderEvent>& events) {
  const auto has = [&](std::uint32_t bits) { return (event.mask & bits) != 0; };
  if (has(IN_Q_OVERFLOW)) {
    events.push_back({Kind::kLost, {}});
    return;
  }
  if (event.wd == root_number_ && has(IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) refuse_gone();
  if (has(IN_IGNORED)) {
    forget(event.wd);
    return;
  }
  const auto folder = folders_.find(event.wd);
  if (folder == folders_.end() || event.len == 0) return;
  fs::path path = folder->second.path / (event.len == 0 ? std::string_view() : name);
  if (has(IN_ISDIR)) {
    if (has(IN_MOVED_FROM)) {
      remove(path);
      events.push_back({Kind::kFolderMoved, std::move(path)});
    } else if (has(IN_CREATE | IN_MOVED_TO)) {
      events.push_back({Kind::kFolder, std::move(path)});
    }
  } else if (has(IN_CLOSE_WRITE | IN_MOVED_TO)) {
    events.push_back({Kind::kClosed, std::move(path)});
  } else if (has(IN_CREATE)) {
    events.push_back({Kind::kNamed, std::move(path)});
  } else if (has(IN_DELETE | IN_MOVED_FROM)) {
    events.push_back({Kind::kGone, std::move(path)});
  }
}

}  // namespace facesearch::app

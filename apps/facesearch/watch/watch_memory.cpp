// SPDX-License-Identifier: MIT
#include "facesearch/watch/watch_memory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/atomic_file.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKind = "facesearch watch state 1 ";
constexpr std::size_t kLine = 64;         // two digests in hexadecimal, without the end
constexpr std::size_t kMoreLines = 4096;  // than files are worth writing it anew

template <class Half>
Half half_of(const Sha256& digest) {
  Half half{};
  std::copy_n(digest.begin(), half.size(), half.begin());
  return half;
}

}  // namespace

WatchMemory::WatchMemory(fs::path file, std::string_view whose)
    : file_(std::move(file)), first_line_(fmt::format("{}{}\n", kKind, hex(half_of<Half>(sha256(whose))))) {
  open();
  read();
}

bool WatchMemory::has(std::string_view name, const FileStamp& stamp) {
  const auto found = files_.find(digest_of(name));
  if (found == files_.end()) return false;
  found->second.round = round_;
  return found->second.stamp == digest_of(stamp);
}

void WatchMemory::add(const std::vector<Answered>& files) {
  std::string lines;
  for (const Answered& answered : files) {
    const Half name = digest_of(answered.name);
    const Half stamp = digest_of(answered.stamp);
    files_[name] = {stamp, round_};
    lines += line_of(name, stamp);
  }
  if (file_.empty()) return;
  write_all(opened_, file_, lines);
  lines_ += files.size();
  if (lines_ > 2 * files_.size() + kMoreLines) write_anew();
}

void WatchMemory::forget(std::string_view name) {
  files_.erase(digest_of(name));
}

void WatchMemory::end_round() {
  std::erase_if(files_, [this](const auto& entry) { return entry.second.round != round_; });
  if (!file_.empty() && lines_ != files_.size()) write_anew();
}

WatchMemory::Half WatchMemory::digest_of(std::string_view name) {
  return half_of<Half>(sha256(name));
}

WatchMemory::Half WatchMemory::digest_of(const FileStamp& stamp) {
  return half_of<Half>(sha256(fmt::format("{} {} {}", stamp.inode, stamp.size, stamp.modified_ns)));
}

std::string WatchMemory::line_of(const Half& name, const Half& stamp) {
  return hex(name) + hex(stamp) + '\n';
}

// False if another one was put in its place before it was locked.
bool WatchMemory::try_lock() const {
  if (uninterrupted([&] { return ::flock(opened_.get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) throw_errno(errno, "lock", file_);
    throw Error(Cause::kInvalidValue, "STATE_IN_USE",
                fmt::format("another watch is using '{}'; give each a file of its own", file_.string()));
  }
  struct stat opened {};
  struct stat there {};
  if (::fstat(opened_.get(), &opened) != 0) throw_errno(errno, "read", file_);
  return ::stat(file_.c_str(), &there) == 0 && there.st_ino == opened.st_ino && there.st_dev == opened.st_dev;
}

void WatchMemory::open() {
  do {
    opened_ = FileDescriptor(
        open_file(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600));
    if (opened_.get() < 0) throw_errno(errno, "open", file_);
  } while (!try_lock());
}

void WatchMemory::read() {
  std::string text;
  std::array<char, 1U << 16U> bytes{};
  for (;;) {
    const ssize_t got = uninterrupted([&] { return ::read(opened_.get(), bytes.data(), bytes.size()); });
    if (got < 0) throw_errno(errno, "read", file_);
    if (got == 0) break;
    text.append(bytes.data(), static_cast<std::size_t>(got));
    if (!text.starts_with(std::string_view(first_line_).substr(0, std::min(text.size(), kKind.size()))))
      break;
  }
  if (text.size() < first_line_.size() && first_line_.starts_with(text)) {  // new, or stopped in the middle
    if (::ftruncate(opened_.get(), 0) != 0) throw_errno(errno, "write", file_);
    write_all(opened_, file_, first_line_);
    return;
  }
  if (!text.starts_with(kKind)) {
    throw Error(Cause::kInvalidValue, "STATE_INVALID",
                fmt::format("'{}' is not the state of a watch; name another file", file_.string()));
  }
  if (!text.starts_with(first_line_)) {
    throw Error(Cause::kInvalidValue, "STATE_OF_OTHER_WATCH",
                fmt::format("'{}' is the state of a watch of another command, collection or folder; name "
                            "another file, or delete this one to begin anew",
                            file_.string()));
  }
  // The last line may be half of one, where the machine or the process was stopped in the middle.
  const std::size_t whole = text.rfind('\n') + 1;
  if (whole < text.size() && ::ftruncate(opened_.get(), static_cast<off_t>(whole)) != 0) {
    throw_errno(errno, "write", file_);
  }
  for (std::size_t at = first_line_.size(); at < whole; ++lines_) {
    const std::size_t end = text.find('\n', at);
    const std::string_view line = std::string_view(text).substr(at, end - at);
    Half name{};
    Half stamp{};
    if (line.size() == kLine && from_hex(line.substr(0, kLine / 2), name) &&
        from_hex(line.substr(kLine / 2), stamp)) {
      files_[name] = {stamp, round_};
    }
    at = end + 1;
  }
}

// An AtomicFile is locked from the start, so no other watch can take the file between rename and lock.
void WatchMemory::write_anew() {
  AtomicFile anew(file_);
  if (::flock(anew.file().get(), LOCK_EX | LOCK_NB) != 0) throw_errno(errno, "lock", anew.temporary());
  std::string lines = first_line_;
  for (const auto& [name, entry] : files_) lines += line_of(name, entry.stamp);
  anew.write(lines);
  anew.commit();
  opened_ = anew.release();
  lines_ = files_.size();
}

}  // namespace facesearch::app

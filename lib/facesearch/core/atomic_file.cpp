// SPDX-License-Identifier: MIT
#include "facesearch/core/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/uuid.hpp"

namespace facesearch {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporary = ".tmp-";

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

[[noreturn]] void refuse_existing(const fs::path& path) {
  throw Error(
      Cause::kInvalidValue, "FILE_EXISTS",
      fmt::format("{} exists and is never overwritten; move it away, or name another file", path.string()));
}

fs::path new_temporary(const fs::path& path) {
  fs::path made = path;
  made += std::string(kTemporary) + Uuid::make().text();
  return made;
}

// A temporary file that nobody has locked belongs to a process that was killed.
void remove_abandoned(const fs::path& path) {
  const std::string start = path.filename().string() + std::string(kTemporary);
  std::error_code failed;
  for (fs::directory_iterator at(folder_of(path), failed), end; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with(start) || !Uuid::parse(name.substr(start.size()))) continue;
    const FileDescriptor file(open_file(at->path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.get() >= 0 && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(at->path().c_str());
  }
}

// False if remove_abandoned() of another process removed it before it was locked. A file system without locks
// has no remove_abandoned() either.
bool lock_made(const FileDescriptor& file, const fs::path& temporary) {
  struct stat status {};
  (void)uninterrupted([&] { return ::flock(file.get(), LOCK_EX); });
  if (::fstat(file.get(), &status) != 0) throw_errno(errno, "look at", temporary);
  return status.st_nlink > 0;
}

FileDescriptor make_temporary(const fs::path& temporary) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  for (;;) {
    FileDescriptor file(open_file(temporary.c_str(), kFlags, S_IRUSR | S_IWUSR));
    if (file.get() < 0) throw_errno(errno, "make", temporary);
    if (::fchmod(file.get(), S_IRUSR | S_IWUSR) != 0) {
      const int error = errno;
      ::unlink(temporary.c_str());
      throw_errno(error, "set the rights of", temporary);
    }
    if (lock_made(file, temporary)) return file;
  }
}

// What root replaces stays its owner's.
void leave_to_owner_of(const fs::path& replaced, const FileDescriptor& file, const fs::path& temporary) {
  struct stat status {};
  const bool anothers = ::geteuid() == 0 && !replaced.empty() && ::lstat(replaced.c_str(), &status) == 0 &&
                        S_ISREG(status.st_mode) && status.st_uid != 0;
  if (!anothers) {
    leave_to_owner(file.get(), temporary);
  } else if (::fchown(file.get(), status.st_uid, status.st_gid) != 0) {
    throw_errno(errno, "leave to its owner", temporary);
  }
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path, Existing existing)
    : AtomicFile(path, existing, new_temporary(path)) {
  remove_abandoned(path_);
}

AtomicFile::AtomicFile(fs::path path, Existing existing, fs::path temporary)
    : path_(std::move(path)),
      existing_(existing),
      temporary_(std::move(temporary)),
      folder_(open_folder(folder_of(path_))) {
  struct stat status {};
  if (existing_ == Existing::kRefuse && ::lstat(path_.c_str(), &status) == 0) refuse_existing(path_);
  file_ = make_temporary(temporary_);
  try {
    leave_to_owner_of(existing_ == Existing::kReplace ? path_ : fs::path(), file_, temporary_);
  } catch (const Error&) {
    ::unlink(temporary_.c_str());
    throw;
  }
}

AtomicFile::~AtomicFile() {
  if (!renamed_ && file_.get() >= 0) ::unlink(temporary_.c_str());
}

void AtomicFile::sync() {
  if (sync_descriptor(file_.get()) != 0) throw_errno(errno, "write", temporary_);
}

void AtomicFile::commit() {
  sync();
  if (existing_ == Existing::kReplace) {
    rename_over();
  } else {
    rename_to_nothing();
  }
}

void AtomicFile::rename_over() {
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw_errno(errno, "rename", temporary_);
  renamed_ = true;
  if (sync_descriptor(folder_.get()) != 0) throw_not_durable(errno, path_);
}

void AtomicFile::rename_to_nothing() {
  int error =
      ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
  if (error == EINVAL || error == ENOSYS) {
    // A file system that does not know RENAME_NOREPLACE: link() refuses an existing name as well.
    error = ::link(temporary_.c_str(), path_.c_str()) == 0 ? 0 : errno;
    if (error == 0) ::unlink(temporary_.c_str());
  }
  if (error == EEXIST) refuse_existing(path_);
  if (error != 0) throw_errno(error, "make", path_);
  renamed_ = true;
  if (sync_descriptor(folder_.get()) != 0) {
    error = errno;
    ::unlink(path_.c_str());
    throw_errno(error, "make", path_);
  }
}

void replace_file(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void replace_file(const fs::path& path, const fs::path& temporary, std::string_view bytes) {
  AtomicFile file(path, AtomicFile::Existing::kReplace, temporary);
  file.write(bytes);
  file.commit();
}

void make_file(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path, AtomicFile::Existing::kRefuse);
  file.write(bytes);
  file.commit();
}

}  // namespace facesearch

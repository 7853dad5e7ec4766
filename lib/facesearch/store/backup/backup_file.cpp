// SPDX-License-Identifier: MIT
#include "facesearch/store/backup/backup_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivateFile = 0600;
constexpr std::size_t kBuffer = 1U << 20;

[[noreturn]] void refuse_existing(const fs::path& path) {
  throw Error(Cause::kInvalidValue, "FILE_EXISTS",
              fmt::format("{} is there already and is never overwritten; move it away, or name another file",
                          path.string()));
}

}  // namespace

BackupFile::BackupFile(fs::path path) : path_(std::move(path)) {
  // A pipe without a writer must not be waited for.
  file_ = FileDescriptor(open_file(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file_.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    throw Error(Cause::kInvalidValue, "FILE_NOT_FOUND", fmt::format("there is no file {}", path_.string()));
  }
  struct stat status {};
  if (file_.get() < 0 || ::fstat(file_.get(), &status) != 0) throw_errno(errno, "read", path_);
  if (!S_ISREG(status.st_mode)) damaged("it is no file");
  size_ = static_cast<std::uint64_t>(status.st_size);
}

void BackupFile::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (!read_at(file_, path_, offset, out.data(), out.size())) {
    damaged("it became shorter while it was read");
  }
}

void BackupFile::damaged(std::string_view what) const {
  throw Error(Cause::kInvalidValue, "BACKUP_DAMAGED",
              fmt::format("{} is no backup that can be used: {}; take another one", path_.string(), what));
}

NewBackupFile::NewBackupFile(fs::path path) : path_(std::move(path)), temporary_(path_) {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0) refuse_existing(path_);
  temporary_ += ".tmp-" + Uuid::make().text();
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  file_ = FileDescriptor(open_file(temporary_.c_str(), kFlags, kPrivateFile));
  if (file_.get() < 0) throw_errno(errno, "make", temporary_);
  if (::fchmod(file_.get(), kPrivateFile) != 0) {
    const int error = errno;
    ::unlink(temporary_.c_str());
    throw_errno(error, "set the rights of", temporary_);
  }
}

NewBackupFile::~NewBackupFile() {
  if (file_.get() >= 0) ::unlink(temporary_.c_str());
}

void NewBackupFile::write(Bytes bytes) {
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (buffer_.size() >= kBuffer) flush();
}

void NewBackupFile::flush() {
  write_all(file_, temporary_, buffer_);
  buffer_.clear();
}

void NewBackupFile::sync() {
  flush();
  if (sync_descriptor(file_.get()) != 0) throw_errno(errno, "write", temporary_);
  (void)::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_DONTNEED);
}

void NewBackupFile::place() {
  if (const int error = rename_to_nothing(temporary_, path_); error != 0) {
    if (error == EEXIST) refuse_existing(path_);
    throw_errno(error, "rename", temporary_);
  }
  file_ = FileDescriptor();
  try {
    sync_folder(path_.parent_path());
  } catch (...) {
    ::unlink(path_.c_str());
    throw;
  }
}

}  // namespace facesearch::storage

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

constexpr std::size_t kBuffer = 1U << 20;

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

void NewBackupFile::write(Bytes bytes) {
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (buffer_.size() >= kBuffer) flush();
}

void NewBackupFile::flush() {
  file_.write(buffer_);
  buffer_.clear();
}

void NewBackupFile::sync() {
  flush();
  file_.sync();
  (void)::posix_fadvise(file_.file().get(), 0, 0, POSIX_FADV_DONTNEED);
}

}  // namespace facesearch::storage

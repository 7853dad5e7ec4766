// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>

namespace facesearch {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) noexcept : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  int get() const noexcept { return fd_; }

  /// Gives it up without closing it.
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// Makes a system call again as long as a signal interrupts it. Its answer; -1 with errno.
template <class Call>
auto uninterrupted(const Call& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/// open(2) and fsync(2), uninterrupted.
int open_file(const char* path, int flags, unsigned rights = 0) noexcept;
int sync_descriptor(int file) noexcept;

/// Throws the Error of an errno: kPermissionDenied, or kFileSystem with NO_SPACE, READ_ONLY, IO_ERROR,
/// TOO_MANY_FILES, NO_MEMORY or FILE_ERROR. `action` as in "cannot <action> <path>".
[[noreturn]] void throw_errno(int error, std::string_view action, const std::filesystem::path& path);
[[noreturn]] void throw_errno(int error, std::string_view action);

/// Writes all of `bytes` where the descriptor stands, in as many calls as that takes. `path` for the error.
void write_all(const FileDescriptor& file, const std::filesystem::path& path, std::string_view bytes);

/// Makes the entries of a folder durable. An empty path is the working folder.
void sync_folder(const std::filesystem::path& path);

/// Renames and makes both folders durable.
void move_entry(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace facesearch

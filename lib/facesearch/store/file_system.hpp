// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace facesearch::storage {

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

/// Throws the Error of an errno: kPermissionDenied, or kFileSystem with NO_SPACE, READ_ONLY, IO_ERROR,
/// TOO_MANY_FILES, NO_MEMORY or FILE_ERROR. `action` as in "cannot <action> <path>".
[[noreturn]] void throw_errno(int error, std::string_view action, const std::filesystem::path& path);
[[noreturn]] void throw_errno(int error, std::string_view action);

/// Makes a folder that only its owner can use, whatever the umask. One that is there becomes such.
void make_private_folder(const std::filesystem::path& path);

/// Opens a file for reading and writing; makes it for its owner alone, whatever the umask.
FileDescriptor open_private_file(const std::filesystem::path& path);

/// Opens a file for reading. A descriptor of -1 if there is none.
FileDescriptor open_existing_file(const std::filesystem::path& path);

bool is_folder(const std::filesystem::path& path);
bool is_file(const std::filesystem::path& path);

/// Size in bytes of an open file. `path` for the error.
std::uint64_t file_size(const FileDescriptor& file, const std::filesystem::path& path);

/// Reads exactly `size` bytes from `offset`; false if the file ends before.
bool read_at(const FileDescriptor& file, const std::filesystem::path& path, std::uint64_t offset, void* out,
             std::size_t size);

/// The whole file. Throws Error(kStoreDamaged, FILE_MISSING) if there is none, FILE_TOO_LARGE over the limit.
std::string read_file(const std::filesystem::path& path, std::size_t limit);

/// Puts `bytes` durably in the place of `path`, whole or not at all, by way of a new file `temporary` on the
/// same file system.
void replace_file(const std::filesystem::path& path, const std::filesystem::path& temporary,
                  std::string_view bytes);

/// Makes the entries of a folder durable.
void sync_folder(const std::filesystem::path& path);

/// Renames and makes both folders durable.
void move_entry(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace facesearch::storage

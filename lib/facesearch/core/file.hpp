// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>

#include "facesearch/core/error.hpp"

/// System calls on files, and the one place where an errno becomes an Error.
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

/// Repeats a system call as long as a signal interrupts it. Returns its result; -1 with errno.
template <class Call>
auto uninterrupted(const Call& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/// open(2) and fsync(2), repeated after a signal.
int open_file(const char* path, int flags, unsigned rights = 0) noexcept;
int sync_descriptor(int file) noexcept;

/// The Error of an errno: kPermissionDenied, or kFileSystem with NO_SPACE, READ_ONLY, IO_ERROR,
/// TOO_MANY_FILES, NO_MEMORY or FILE_ERROR. `action` as in "cannot <action> <path>".
[[noreturn]] void throw_errno(int error, std::string_view action, const std::filesystem::path& path);
[[noreturn]] void throw_errno(int error, std::string_view action);

/// The Error of a file that a user named and that cannot be read: kInvalidValue with FILE_NOT_FOUND or
/// FILE_NOT_READABLE (a folder), kPermissionDenied with FILE_NOT_READABLE, kFileSystem with READ_FAILED.
/// `name` as it is shown: "'a.jpg'", "standard input".
[[noreturn]] void throw_unreadable(int error, std::string_view name);

/// An entry was renamed or replaced, and the folder could not be synced: the change is in place, but a power
/// failure may undo it. Cause and reason as throw_errno(). Who catches it must not undo what depends on the
/// change.
class NotDurable : public Error {
 public:
  using Error::Error;
};
[[noreturn]] void throw_not_durable(int error, const std::filesystem::path& path);

/// Writes all of `bytes` at the descriptor's position. `path` for the error.
void write_all(const FileDescriptor& file, const std::filesystem::path& path, std::string_view bytes);

/// Reads exactly `size` bytes from `offset`; false if the file ends before. `path` for the error.
bool read_at(const FileDescriptor& file, const std::filesystem::path& path, std::uint64_t offset, void* out,
             std::size_t size);

/// Size in bytes of an open file. `path` for the error.
std::uint64_t file_size(const FileDescriptor& file, const std::filesystem::path& path);

/// False for a name that leads nowhere. Throws as throw_errno() if that cannot be told.
bool is_folder(const std::filesystem::path& path);
bool is_file(const std::filesystem::path& path);

/// True if both names exist and lead to one file.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Opens a folder, to be synced. An empty path is the working folder.
FileDescriptor open_folder(const std::filesystem::path& path);

/// Makes the entries of a folder durable. An empty path is the working folder.
void sync_folder(const std::filesystem::path& path);

/// Makes the content of a file durable.
void sync_file(const std::filesystem::path& path);

/// Renames, and syncs both folders. Errors before the rename change nothing; NotDurable after it.
void move_entry(const std::filesystem::path& from, const std::filesystem::path& to);

/// What root has just made, in a folder that is another user's alone (0700): makes it that user's, who could
/// not open it else. Nothing in all other cases. `path`: of the open file or folder.
void leave_to_owner(int descriptor, const std::filesystem::path& path);

/// Makes a folder for its owner alone (0700), whatever the umask. The rights of an existing one become such.
/// A new one is left to its owner as leave_to_owner() says.
void make_private_folder(const std::filesystem::path& path);

/// Makes a folder and its missing parents, each for its owner alone, durably. Existing ones stay as they are.
void make_private_folders(const std::filesystem::path& path);

/// Removes a file or a folder with its content, as far as possible.
void remove_tree(const std::filesystem::path& path) noexcept;

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/store/files/file_system.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::storage {
namespace {

constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPrivateFolder = 0700;

// Links are not followed and pipes not waited for.
constexpr int kOpenFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

// What was opened (an errno where it was not) is a file, or none is there.
void require_file(const FileDescriptor& file, int error, const std::filesystem::path& path) {
  struct stat status {};
  if (file.get() >= 0 && ::fstat(file.get(), &status) != 0) throw_errno(errno, "look at", path);
  const bool other = file.get() >= 0 ? !S_ISREG(status.st_mode) : error == ELOOP || error == EISDIR;
  if (other) {
    throw Error(
        Cause::kStoreDamaged, "FILE_INVALID",
        fmt::format("{} is a folder, a link or a device where a file has to be; put the file back, or "
                    "restore it from a backup",
                    path.string()));
  }
}

}  // namespace

void make_private_folder(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), kPrivateFolder) != 0) {
    const int error = errno;
    if (error != EEXIST || !is_folder(path)) {
      throw_errno(error, "make the folder", path);
    }
  }
  if (::chmod(path.c_str(), kPrivateFolder) != 0) {
    throw_errno(errno, "set the rights of", path);
  }
}

void make_private_folders(const std::filesystem::path& path) {
  if (path.empty() || is_folder(path)) {
    return;
  }
  make_private_folders(path.parent_path());
  make_private_folder(path);
  sync_folder(path.parent_path());
}

FileDescriptor open_private_file(const std::filesystem::path& path) {
  constexpr int kFlags = O_RDWR | kOpenFlags;
  FileDescriptor made(open_file(path.c_str(), kFlags | O_CREAT | O_EXCL, kPrivateFile));
  if (made.get() >= 0) {
    if (::fchmod(made.get(), kPrivateFile) != 0) {
      throw_errno(errno, "set the rights of", path);
    }
    return made;
  }
  if (errno != EEXIST) {
    throw_errno(errno, "make", path);
  }
  FileDescriptor file(open_file(path.c_str(), kFlags));
  const int error = errno;
  require_file(file, error, path);
  if (file.get() < 0) {
    throw_errno(error, "open", path);
  }
  return file;
}

FileDescriptor open_existing_file(const std::filesystem::path& path) {
  FileDescriptor file(open_file(path.c_str(), O_RDONLY | kOpenFlags));
  const int error = errno;
  require_file(file, error, path);
  if (file.get() < 0 && error != ENOENT && error != ENOTDIR) {
    throw_errno(error, "open", path);
  }
  return file;
}

bool is_folder(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG || errno == ELOOP) {
      return false;
    }
    throw_errno(errno, "look at", path);
  }
  return S_ISDIR(status.st_mode);
}

bool is_file(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG || errno == ELOOP) {
      return false;
    }
    throw_errno(errno, "look at", path);
  }
  return S_ISREG(status.st_mode);
}

std::uint64_t file_size(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    throw_errno(errno, "look at", path);
  }
  return static_cast<std::uint64_t>(status.st_size);
}

bool read_at(const FileDescriptor& file, const std::filesystem::path& path, std::uint64_t offset, void* out,
             std::size_t size) {
  auto* next = static_cast<char*>(out);
  while (size > 0) {
    const ssize_t got = ::pread(file.get(), next, size, static_cast<off_t>(offset));
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_errno(errno, "read", path);
    }
    if (got == 0) {
      return false;
    }
    next += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const FileDescriptor file = open_existing_file(path);
  if (file.get() < 0) {
    throw Error(Cause::kStoreDamaged, "FILE_MISSING", fmt::format("{} is missing", path.string()));
  }
  const std::uint64_t size = file_size(file, path);
  if (size > limit) {
    throw Error(Cause::kStoreDamaged, "FILE_TOO_LARGE",
                fmt::format("{} has {} bytes; at most {} are allowed", path.string(), size, limit));
  }
  std::string bytes(size, '\0');
  if (!read_at(file, path, 0, bytes.data(), bytes.size())) {
    throw Error(Cause::kStoreDamaged, "FILE_TRUNCATED",
                fmt::format("{} became shorter while it was read", path.string()));
  }
  return bytes;
}

void replace_file(const std::filesystem::path& path, const std::filesystem::path& temporary,
                  std::string_view bytes) {
  try {
    const FileDescriptor file = open_private_file(temporary);
    // One that was left behind may be longer.
    if (uninterrupted([&] { return ::ftruncate(file.get(), 0); }) != 0)
      throw_errno(errno, "write", temporary);
    write_all(file, temporary, bytes);
    if (sync_descriptor(file.get()) != 0) {
      throw_errno(errno, "write", temporary);
    }
    move_entry(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

int rename_to_nothing(const std::filesystem::path& from, const std::filesystem::path& to) noexcept {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // A file system that does not know this kind of renaming knows a second name.
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  ::unlink(from.c_str());
  return 0;
}

void sync_file(const std::filesystem::path& path) {
  const FileDescriptor file(open_file(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0 || sync_descriptor(file.get()) != 0) {
    throw_errno(errno, "write", path);
  }
}

bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  struct stat one {};
  struct stat other {};
  return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0 && one.st_ino == other.st_ino &&
         one.st_dev == other.st_dev;
}

void overwrite_file(const std::filesystem::path& path) noexcept {
  const int file = open_file(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) {
    return;
  }
  struct stat status {};
  constexpr std::array<char, 512> kZeros{};
  off_t at = ::fstat(file, &status) == 0 ? 0 : status.st_size;
  while (at < status.st_size) {
    const auto size = std::min<off_t>(status.st_size - at, kZeros.size());
    if (uninterrupted([&] { return ::pwrite(file, kZeros.data(), static_cast<std::size_t>(size), at); }) !=
        size) {
      break;
    }
    at += size;
  }
  (void)sync_descriptor(file);
  ::close(file);
}

void remove_tree(const std::filesystem::path& path) noexcept {
  std::error_code ignored;  // what stays is swept by a later open
  std::filesystem::remove_all(path, ignored);
}

}  // namespace facesearch::storage

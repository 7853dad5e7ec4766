// SPDX-License-Identifier: MIT
#include "facesearch/store/files/file_system.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::storage {
namespace {

constexpr mode_t kPrivateFile = 0600;

// Links are not followed and pipes not waited for.
constexpr int kOpenFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

// Throws unless a file was opened, or the errno says that there is none.
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

FileDescriptor open_private_file(const std::filesystem::path& path) {
  constexpr int kFlags = O_RDWR | kOpenFlags;
  FileDescriptor made(open_file(path.c_str(), kFlags | O_CREAT | O_EXCL, kPrivateFile));
  if (made.get() >= 0) {
    if (::fchmod(made.get(), kPrivateFile) != 0) {
      throw_errno(errno, "set the rights of", path);
    }
    leave_to_owner(made.get(), path);
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

}  // namespace facesearch::storage

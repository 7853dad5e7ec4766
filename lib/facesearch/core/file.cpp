// SPDX-License-Identifier: MIT
#include "facesearch/core/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace facesearch {
namespace {

const char* reason_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "NO_SPACE";
    case EROFS:
      return "READ_ONLY";
    case EIO:
      return "IO_ERROR";
    case EMFILE:
    case ENFILE:
      return "TOO_MANY_FILES";
    case ENOMEM:
      return "NO_MEMORY";
    default:
      return "FILE_ERROR";
  }
}

template <class Thrown>
[[noreturn]] void throw_as(int error, std::string detail) {
  if (error == EACCES || error == EPERM) throw Thrown(Cause::kPermissionDenied, "", std::move(detail));
  throw Thrown(Cause::kFileSystem, reason_of(error), std::move(detail));
}

// The name leads nowhere: no entry, not below a folder, too long, a ring of links.
bool is_nowhere(int error) {
  return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG || error == ELOOP;
}

// Rights and kind of what a name leads to; 0 if it leads nowhere.
mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return status.st_mode;
  if (is_nowhere(errno)) return 0;
  throw_errno(errno, "look at", path);
}

const char* or_working_folder(const std::filesystem::path& path) {
  return path.empty() ? "." : path.c_str();
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int open_file(const char* path, int flags, unsigned rights) noexcept {
  return uninterrupted([&] { return ::open(path, flags, static_cast<mode_t>(rights)); });
}

int sync_descriptor(int file) noexcept {
  return uninterrupted([&] { return ::fsync(file); });
}

void throw_errno(int error, std::string_view action, const std::filesystem::path& path) {
  throw_errno(error, fmt::format("{} {}", action, path.string()));
}

void throw_errno(int error, std::string_view action) {
  throw_as<Error>(error, fmt::format("cannot {}: {}", action, std::generic_category().message(error)));
}

void throw_unreadable(int error, std::string_view name) {
  const std::string why = std::generic_category().message(error);
  if (is_nowhere(error)) {
    throw Error(Cause::kInvalidValue, "FILE_NOT_FOUND", fmt::format("there is no file {}", name));
  }
  if (error == EISDIR) {
    throw Error(Cause::kInvalidValue, "FILE_NOT_READABLE",
                fmt::format("{} is a folder; name one file", name));
  }
  const bool denied = error == EACCES || error == EPERM;
  throw Error(denied ? Cause::kPermissionDenied : Cause::kFileSystem,
              denied ? "FILE_NOT_READABLE" : "READ_FAILED", fmt::format("{} cannot be read: {}", name, why));
}

void throw_not_durable(int error, const std::filesystem::path& path) {
  throw_as<NotDurable>(
      error, fmt::format("{} has changed, but its folder cannot be synced ({}): after a power failure the "
                         "former state may be back. Check the disk, then what the command changed",
                         path.string(), std::generic_category().message(error)));
}

void write_all(const FileDescriptor& file, const std::filesystem::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = uninterrupted([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
    if (written < 0) throw_errno(errno, "write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool read_at(const FileDescriptor& file, const std::filesystem::path& path, std::uint64_t offset, void* out,
             std::size_t size) {
  auto* next = static_cast<char*>(out);
  while (size > 0) {
    const ssize_t got =
        uninterrupted([&] { return ::pread(file.get(), next, size, static_cast<off_t>(offset)); });
    if (got < 0) throw_errno(errno, "read", path);
    if (got == 0) return false;
    next += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::uint64_t file_size(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_errno(errno, "look at", path);
  return static_cast<std::uint64_t>(status.st_size);
}

bool is_folder(const std::filesystem::path& path) {
  return S_ISDIR(mode_of(path));
}

bool is_file(const std::filesystem::path& path) {
  return S_ISREG(mode_of(path));
}

bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  struct stat one {};
  struct stat other {};
  return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0 && one.st_ino == other.st_ino &&
         one.st_dev == other.st_dev;
}

FileDescriptor open_folder(const std::filesystem::path& path) {
  const char* const name = or_working_folder(path);
  FileDescriptor folder(open_file(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) throw_errno(errno, "open the folder", name);
  return folder;
}

void sync_folder(const std::filesystem::path& path) {
  if (sync_descriptor(open_folder(path).get()) != 0) {
    throw_errno(errno, "write the folder", or_working_folder(path));
  }
}

void sync_file(const std::filesystem::path& path) {
  const FileDescriptor file(open_file(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0 || sync_descriptor(file.get()) != 0) throw_errno(errno, "write", path);
}

void move_entry(const std::filesystem::path& from, const std::filesystem::path& to) {
  // Opened before the rename, so that after it nothing but the sync itself can fail.
  const FileDescriptor target = open_folder(to.parent_path());
  const FileDescriptor source = open_folder(from.parent_path());
  if (::rename(from.c_str(), to.c_str()) != 0) throw_errno(errno, "rename", from);
  if (sync_descriptor(target.get()) != 0) throw_not_durable(errno, to);
  if (from.parent_path() != to.parent_path() && sync_descriptor(source.get()) != 0) {
    throw_not_durable(errno, from);
  }
}

void leave_to_owner(int descriptor, const std::filesystem::path& path) {
  if (::geteuid() != 0) return;
  struct stat made {};
  struct stat folder {};
  if (::fstat(descriptor, &made) != 0) throw_errno(errno, "look at", path);
  if (::stat(or_working_folder(path.parent_path()), &folder) != 0)
    throw_errno(errno, "look at", path.parent_path());
  const bool anothers = folder.st_uid != 0 && (folder.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  // A second name of the file could be anywhere: its owner may have put it here.
  const bool ours = made.st_uid == 0 && (S_ISDIR(made.st_mode) || made.st_nlink == 1);
  if (anothers && ours && ::fchown(descriptor, folder.st_uid, folder.st_gid) != 0) {
    throw_errno(errno, "leave to its folder's owner", path);
  }
}

void make_private_folder(const std::filesystem::path& path) {
  constexpr mode_t kPrivate = S_IRWXU;
  const bool is_new = ::mkdir(path.c_str(), kPrivate) == 0;
  if (!is_new) {
    const int error = errno;
    if (error != EEXIST || !is_folder(path)) throw_errno(error, "make the folder", path);
  }
  if (::chmod(path.c_str(), kPrivate) != 0) throw_errno(errno, "set the rights of", path);
  if (!is_new) return;
  const FileDescriptor made(open_file(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (made.get() < 0) throw_errno(errno, "open", path);
  leave_to_owner(made.get(), path);
}

void make_private_folders(const std::filesystem::path& path) {
  if (path.empty() || is_folder(path)) return;
  make_private_folders(path.parent_path());
  make_private_folder(path);
  sync_folder(path.parent_path());
}

void remove_tree(const std::filesystem::path& path) noexcept {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace facesearch

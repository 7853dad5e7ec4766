// SPDX-License-Identifier: MIT
#include "facesearch/core/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

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

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
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
  const std::string detail = fmt::format("cannot {}: {}", action, std::generic_category().message(error));
  if (error == EACCES || error == EPERM) {
    throw Error(Cause::kPermissionDenied, "", detail);
  }
  throw Error(Cause::kFileSystem, reason_of(error), detail);
}

void write_all(const FileDescriptor& file, const std::filesystem::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw_errno(errno, "write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_folder(const std::filesystem::path& path) {
  const char* const name = path.empty() ? "." : path.c_str();
  const FileDescriptor folder(open_file(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || sync_descriptor(folder.get()) != 0) {
    throw_errno(errno, "write the folder", name);
  }
}

void move_entry(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    throw_errno(errno, "rename", from);
  }
  sync_folder(to.parent_path());
  if (from.parent_path() != to.parent_path()) {
    sync_folder(from.parent_path());
  }
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/store/crypto/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "facesearch/core/atomic_file.hpp"
#include "facesearch/store/files/file_system.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

FileStamp stamp_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size), status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
}

// A name that leads nowhere: nothing, not below a folder, a ring of links.
bool is_nowhere(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

}  // namespace

std::optional<FileStamp> stamp_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return stamp_of(status);
  if (is_nowhere(errno)) return std::nullopt;
  throw_errno(errno, "look at", path);
}

std::optional<SecretFile> read_secret_file(const fs::path& path, std::size_t limit) {
  // A pipe without a writer must not be waited for.
  const FileDescriptor file(open_file(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0 && is_nowhere(errno)) return std::nullopt;
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) throw_errno(errno, "read", path);
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  SecretFile read{{}, stamp_of(status)};
  read.text.resize(std::min<std::size_t>(read.stamp.size, limit));
  // One that became shorter meanwhile ends in zeros, which are no valid text.
  (void)read_at(file, path, 0, read.text.data(), read.text.size());
  return read;
}

void make_secret_file(const fs::path& path, std::string_view text) {
  make_private_folders(path.parent_path());
  make_file(path, text);
}

void replace_secret_file(const fs::path& path, std::string_view text) {
  std::error_code failed;
  const fs::path target = fs::canonical(path, failed);
  if (failed) throw_errno(failed.value(), "look at", path);
  replace_file(target, text);
}

}  // namespace facesearch::storage

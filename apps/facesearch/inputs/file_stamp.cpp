// SPDX-License-Identifier: MIT
#include "facesearch/inputs/file_stamp.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>

#include "facesearch/core/file.hpp"

namespace facesearch::app {

std::optional<FileStamp> stamp_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  constexpr std::int64_t kSecond = 1'000'000'000;
  return FileStamp{status.st_ino, static_cast<std::uint64_t>(status.st_size),
                   status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec};
}

std::optional<bool> is_being_written(const std::filesystem::path& file) {
  const FileDescriptor opened(open_file(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (opened.get() < 0) return std::nullopt;
  // The kernel grants a read lease only if nobody has the file open for writing. A process that opens it
  // meanwhile breaks the lease with a signal: SIGURG, which is ignored, instead of SIGIO, which would end the
  // process.
  if (::fcntl(opened.get(), F_SETSIG, SIGURG) != 0) return std::nullopt;
  if (::fcntl(opened.get(), F_SETLEASE, F_RDLCK) == 0) {
    (void)::fcntl(opened.get(), F_SETLEASE, F_UNLCK);
    return false;
  }
  return errno == EAGAIN ? std::optional(true) : std::nullopt;
}

}  // namespace facesearch::app

// SPDX-License-Identifier: MIT
#include "facesearch/inputs/read_input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/file.hpp"
#include "facesearch/core/limits.hpp"

namespace facesearch::app {
namespace {

std::string_view kind_of(const std::filesystem::file_status& status) {
  switch (status.type()) {
    case std::filesystem::file_type::fifo:
      return "a pipe";
    case std::filesystem::file_type::socket:
      return "a socket";
    default:
      return "a device";
  }
}

// The system would open the file that the bytes before the NUL name.
void refuse_nul(const std::string& path) {
  if (path.find('\0') == std::string::npos) return;
  throw Error(Cause::kInvalidValue, "FILE_NOT_FOUND", "there is no such file: its name has a NUL character");
}

// Standard input stays open.
FileDescriptor open_input(const std::string& path) {
  refuse_nul(path);
  FileDescriptor file(path == "-" ? uninterrupted([] { return ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0); })
                                  : open_file(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw_unreadable(path, errno);
  return file;
}

}  // namespace

std::string shown_input(const std::string& path) {
  return path == "-" ? "standard input" : fmt::format("'{}'", path);
}

void throw_unreadable(const std::string& path, int error) {
  facesearch::throw_unreadable(error, shown_input(path));
}

std::vector<std::uint8_t> read_input(const std::string& path, std::size_t limit) {
  const FileDescriptor file = open_input(path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_unreadable(path, errno);
  std::size_t guess = 1U << 16U;
  if (S_ISREG(status.st_mode)) guess = static_cast<std::size_t>(status.st_size) + 1;
  std::vector<std::uint8_t> bytes(std::min(guess, limit + 1));
  std::size_t used = 0;
  while (used <= limit) {
    if (used == bytes.size()) bytes.resize(std::min(2 * used, limit + 1));
    const ssize_t got =
        uninterrupted([&] { return ::read(file.get(), bytes.data() + used, bytes.size() - used); });
    if (got < 0) throw_unreadable(path, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  bytes.resize(used);
  return bytes;
}

std::vector<std::uint8_t> read_picture(const std::filesystem::path& file) {
  namespace fs = std::filesystem;
  refuse_nul(file.string());
  std::error_code failed;
  const fs::file_status status = fs::status(file, failed);
  if (!failed && fs::exists(status) && !fs::is_regular_file(status)) {
    throw Error(Cause::kInvalidValue, "FILE_NOT_READABLE",
                fs::is_directory(status)
                    ? fmt::format("'{}' is a folder; name it as PATH, or name its files", file.string())
                    : fmt::format("'{}' is no file but {}; one picture is read from it with --image",
                                  file.string(), kind_of(status)));
  }
  if (status.type() == fs::file_type::not_found && fs::is_symlink(fs::symlink_status(file, failed))) {
    throw Error(Cause::kInvalidValue, "FILE_NOT_FOUND",
                fmt::format("'{}' is a link to a file that is not there", file.string()));
  }
  return read_input(file.string(), kMaxRequestBytes);
}

bool input_is_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

}  // namespace facesearch::app

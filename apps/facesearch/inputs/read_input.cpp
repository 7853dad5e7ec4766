// SPDX-License-Identifier: MIT
#include "facesearch/inputs/read_input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"

namespace facesearch::app {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

void throw_unreadable(const std::string& path, int error) {
  const std::string name = path == "-" ? "standard input" : fmt::format("'{}'", path);
  const std::string why = std::generic_category().message(error);
  if (error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG || error == ELOOP) {
    throw Error(Cause::kInvalidValue, "FILE_NOT_FOUND", fmt::format("there is no file {}", name));
  }
  if (error == EACCES || error == EPERM) {
    throw Error(Cause::kPermissionDenied, "FILE_NOT_READABLE",
                fmt::format("{} cannot be read: {}", name, why));
  }
  if (error == EISDIR) {
    throw Error(Cause::kInvalidValue, "FILE_NOT_READABLE",
                fmt::format("{} is a folder; name one file", name));
  }
  throw Error(Cause::kFileSystem, "READ_FAILED", fmt::format("{} cannot be read: {}", name, why));
}

std::vector<std::uint8_t> read_input(const std::string& path, std::size_t limit) {
  const Descriptor file(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw_unreadable(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_unreadable(path, errno);
  std::size_t guess = 1U << 16U;
  if (S_ISREG(status.st_mode)) guess = static_cast<std::size_t>(status.st_size) + 1;
  std::vector<std::uint8_t> bytes(std::min(guess, limit + 1));
  std::size_t used = 0;
  while (used <= limit) {
    if (used == bytes.size()) bytes.resize(std::min(2 * used, limit + 1));
    const ssize_t got = ::read(file.get(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_unreadable(path, errno);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  bytes.resize(used);
  return bytes;
}

std::vector<std::uint8_t> read_picture(const std::filesystem::path& file) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::file_status status = fs::status(file, failed);
  if (!failed && fs::exists(status) && !fs::is_regular_file(status)) {
    throw Error(Cause::kPermissionDenied, "FILE_NOT_READABLE",
                fmt::format("'{}' is no regular file", file.string()));
  }
  return read_input(file.string(), kMaxRequestBytes);
}

bool input_is_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

}  // namespace facesearch::app

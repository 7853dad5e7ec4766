// SPDX-License-Identifier: MIT
#include "facesearch/face/pack/bounded_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facesearch/core/file.hpp"

namespace facesearch {

std::optional<std::vector<std::uint8_t>> read_bounded(const std::filesystem::path& path,
                                                      std::uint64_t max_bytes) {
  // Not by a stream, which has a file that is there for missing where there is no memory for its buffer.
  const FileDescriptor file(open_file(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::uint64_t>(status.st_size) > max_bytes)
    return std::nullopt;
  // One byte more than the size: a file that has grown since is noticed.
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t used = 0;
  while (used < bytes.size()) {
    const ssize_t got =
        uninterrupted([&] { return ::read(file.get(), bytes.data() + used, bytes.size() - used); });
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  if (used > max_bytes) return std::nullopt;
  bytes.resize(used);
  return bytes;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/output.hpp"

namespace facesearch::app {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, int error) {
  const std::string detail =
      fmt::format("'{}' cannot be written: {}", path.string(), std::generic_category().message(error));
  if (error == EEXIST) throw Error(Cause::kInvalidValue, "FILE_EXISTS", detail);
  if (error == EACCES || error == EPERM) throw Error(Cause::kPermissionDenied, "KEY_FILE", detail);
  throw Error(Cause::kFileSystem, error == ENOSPC ? "NO_SPACE" : "KEY_FILE", detail);
}

void make_folders(const fs::path& folder) {
  if (folder.empty() || fs::is_directory(folder)) return;
  make_folders(folder.parent_path());
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) refuse(folder, errno);
}

}  // namespace

void write_key_file(const fs::path& file, std::string_view key) {
  make_folders(file.parent_path());
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) refuse(file, errno);
  const bool written = write_all(descriptor, std::string(key) + '\n') && ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  if (!written) {
    ::unlink(file.c_str());
    refuse(file, error);
  }
}

}  // namespace facesearch::app

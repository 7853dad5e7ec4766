// SPDX-License-Identifier: MIT
#include "facesearch/options/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/file.hpp"
#include "facesearch/output/output.hpp"

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

void sync_folder(const fs::path& folder) {
  const int descriptor = open_file(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) refuse(folder, errno);
  const int result = sync_descriptor(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (result != 0) refuse(folder, error);
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return;
  make_folders(folder.parent_path());
  if (::mkdir(folder.c_str(), S_IRWXU) == 0) {
    if (::chmod(folder.c_str(), S_IRWXU) != 0) refuse(folder, errno);  // whatever the umask
    sync_folder(folder.parent_path());
  } else if (errno != EEXIST) {
    refuse(folder, errno);
  }
}

}  // namespace

void write_key_file(const fs::path& file, std::string_view key) {
  make_folders(file.parent_path());
  const int descriptor = open_file(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) refuse(file, errno);
  const bool written = ::fchmod(descriptor, S_IRUSR | S_IWUSR) == 0 &&
                       write_all(descriptor, std::string(key) + '\n') && sync_descriptor(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  if (!written) {
    ::unlink(file.c_str());
    refuse(file, error);
  }
  sync_folder(file.parent_path());
}

}  // namespace facesearch::app

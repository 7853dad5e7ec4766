// SPDX-License-Identifier: MIT
#include "facesearch/store/files/reserve.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "facesearch/store/files/file_system.hpp"

namespace facesearch::storage {
namespace {

// More than an erasure writes at once (about 400 KiB of blocks and pages, and 300 more if the tail moves to
// its blocks with it), and than a tombstone of 30,000 faces has.
constexpr off_t kReserveBytes = 1 << 20;
// Enough for the second erasure: the first one leaves free pages.
constexpr off_t kLeastBytes = 32 << 10;

}  // namespace

void keep_reserve(const StoreFolder& folder) noexcept {
  try {
    struct stat status {};
    const std::filesystem::path path = folder.reserve();
    const bool there = ::stat(path.c_str(), &status) == 0;
    if (there ? status.st_size >= kReserveBytes : errno != ENOENT) return;
    const FileDescriptor file = open_private_file(path);
    for (off_t size = kReserveBytes; size > status.st_size && size >= kLeastBytes; size /= 2) {
      if (uninterrupted([&] { return ::fallocate(file.get(), 0, 0, size); }) == 0) return;
    }
    if (!there) ::unlink(path.c_str());
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): a full disk keeps no reserve
  }
}

bool give_reserve(const StoreFolder& folder) noexcept {
  return ::unlink(folder.reserve().c_str()) == 0;
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "facesearch/fetch/partial_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

constexpr std::size_t kBlock = 1U << 20U;

std::size_t read_some(const FileDescriptor& file, const std::filesystem::path& path, std::uint64_t offset,
                      char* out, std::size_t size) {
  const ssize_t got =
      uninterrupted([&] { return ::pread(file.get(), out, size, static_cast<off_t>(offset)); });
  if (got < 0) throw_errno(errno, "read", path);
  return static_cast<std::size_t>(got);
}

}  // namespace

PartialFile::PartialFile(std::filesystem::path path, std::uint64_t most) : path_(std::move(path)) {
  open();
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) throw_errno(errno, "look at", path_);
  if (status.st_size == 0) return;
  if (static_cast<std::uint64_t>(status.st_size) > most) {
    empty();
  } else {
    read_all();
  }
}

void PartialFile::open() {
  for (;;) {
    file_ = FileDescriptor(
        open_file(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (file_.get() < 0) throw_errno(errno, "make", path_);
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) throw_errno(errno, "lock", path_);
      throw Error(Cause::kModelMissing, "DOWNLOAD_RUNNING",
                  fmt::format("another process is fetching {}; wait for it", path_.string()));
    }
    // The process that held the lock may have renamed or removed the file meanwhile: then open the new one.
    struct stat opened {};
    struct stat named {};
    if (::fstat(file_.get(), &opened) != 0) throw_errno(errno, "look at", path_);
    if (::lstat(path_.c_str(), &named) == 0 && named.st_ino == opened.st_ino &&
        named.st_dev == opened.st_dev) {
      leave_to_owner(file_.get(), path_);
      return;
    }
  }
}

void PartialFile::read_all() {
  std::vector<char> block(kBlock);
  while (const std::size_t got = read_some(file_, path_, size_, block.data(), block.size())) {
    digest_.add({block.data(), got});
    size_ += got;
  }
}

std::string PartialFile::sha256() const {
  return hex(digest_.value());
}

std::string PartialFile::start(std::size_t most) const {
  std::string bytes(most, '\0');
  bytes.resize(read_some(file_, path_, 0, bytes.data(), bytes.size()));
  return bytes;
}

void PartialFile::append(std::string_view bytes) {
  write_all(file_, path_, bytes);
  digest_.add(bytes);
  size_ += bytes.size();
}

void PartialFile::empty() {
  if (::ftruncate(file_.get(), 0) != 0) throw_errno(errno, "write", path_);
  digest_.restart();
  size_ = 0;
}

void PartialFile::put_in_place(const std::filesystem::path& path, std::filesystem::perms rights) {
  if (::fchmod(file_.get(), static_cast<mode_t>(rights)) != 0) throw_errno(errno, "set the rights of", path_);
  if (sync_descriptor(file_.get()) != 0) throw_errno(errno, "write", path_);
  move_entry(path_, path);
}

void PartialFile::remove() noexcept {
  ::unlink(path_.c_str());
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/store/files/file_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::storage {
namespace {

using Clock = std::chrono::steady_clock;

// Bytes of a collection's lock file. Other versions of the program lock the same ones.
constexpr std::uint64_t kIntent = 0;
constexpr std::uint64_t kGate = 1;
constexpr std::uint64_t kWriter = 2;

int set_lock(int fd, std::uint64_t byte, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(byte);
  lock.l_len = 1;
  while (::fcntl(fd, F_OFD_SETLK, &lock) != 0) {
    if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

FileDescriptor open_lock_file(const std::filesystem::path& path) {
  FileDescriptor file(open_file(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() >= 0) return file;
  if (errno == ENOENT || errno == ELOOP || errno == EISDIR) return open_private_file(path);
  if (errno != EROFS) throw_errno(errno, "open", path);
  file = open_existing_file(path);
  if (file.get() < 0) throw_errno(EROFS, "make", path);
  return file;
}

// Sleeps of 0.1 to 5 ms with jitter, so that waiting processes do not poll in step.
class Pause {
 public:
  void wait(Clock::time_point until) {
    std::uniform_int_distribution<int> jitter(step_us_ / 2, step_us_);
    const auto wake = Clock::now() + std::chrono::microseconds(jitter(random_));
    std::this_thread::sleep_until(std::min(wake, until));
    step_us_ = std::min(step_us_ * 3 / 2, 5000);
  }

 private:
  std::minstd_rand random_{static_cast<unsigned>(Clock::now().time_since_epoch().count()) ^
                           static_cast<unsigned>(::getpid())};
  int step_us_ = 100;
};

}  // namespace

LockFile::LockFile(std::filesystem::path path) : path_(std::move(path)), file_(open_lock_file(path_)) {}

bool LockFile::try_lock(std::uint64_t byte, LockMode mode) {
  int error = set_lock(file_.get(), byte, mode == LockMode::kShared ? F_RDLCK : F_WRLCK);
  if (error == EBADF && mode == LockMode::kExclusive) error = EROFS;  // opened for reading only
  if (error != 0 && error != EAGAIN && error != EACCES) {
    throw_errno(error, "lock", path_);
  }
  return error == 0;
}

void LockFile::lock(std::uint64_t byte, LockMode mode, const Patience& patience, std::string_view what) {
  Pause pause;
  while (!try_lock(byte, mode)) {
    if (Clock::now() >= patience.end) {
      throw Error(Cause::kStoreBusy, "LOCK_TIMEOUT",
                  fmt::format("{} is in use; {}", what, patience.waited()));
    }
    pause.wait(patience.end);
  }
}

void LockFile::unlock(std::uint64_t byte) {
  const int error = set_lock(file_.get(), byte, F_UNLCK);
  if (error != 0) {
    throw_errno(error, "unlock", path_);
  }
}

std::string Patience::waited() const {
  return fmt::format("waited {:.1f} s for it; try again{}", static_cast<double>(wait.count()) / 1000,
                     is_given ? " or raise --lock-timeout" : "");
}

CollectionLock::CollectionLock(const std::filesystem::path& path, std::string_view collection,
                               std::chrono::milliseconds wait)
    : file_(path), what_(fmt::format("collection '{}'", collection)), wait_(wait) {}

void CollectionLock::enter() {
  const Patience patience(wait_);
  file_.lock(kIntent, LockMode::kShared, patience, what_);
  file_.lock(kGate, LockMode::kShared, patience, what_);
  file_.unlock(kIntent);
}

void CollectionLock::enter_alone() {
  const Patience patience(wait_);
  file_.lock(kIntent, LockMode::kExclusive, patience, what_);
  file_.lock(kGate, LockMode::kExclusive, patience, what_);
}

bool CollectionLock::try_enter_alone() {
  if (!file_.try_lock(kIntent, LockMode::kExclusive)) {
    return false;
  }
  if (file_.try_lock(kGate, LockMode::kExclusive)) {
    return true;
  }
  file_.unlock(kIntent);
  return false;
}

void CollectionLock::keep_writers_out() {
  file_.lock(kWriter, LockMode::kShared, Patience(wait_), what_);
}

void CollectionLock::lock_writer() {
  file_.lock(kWriter, LockMode::kExclusive, Patience(wait_), what_);
}

}  // namespace facesearch::storage

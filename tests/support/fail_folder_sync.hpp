// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

// A disk that fails when a folder is synced. The test program's own fsync() takes the place of the C
// library's, so that only what the program itself calls is reached. To be included by one source of a test
// program.

namespace facesearch::test {

inline std::atomic<bool> folder_syncs_fail{false};

/// While it lives, fsync() of a folder fails with EIO.
struct FailFolderSync {
  FailFolderSync() { folder_syncs_fail = true; }
  FailFolderSync(const FailFolderSync&) = delete;
  FailFolderSync& operator=(const FailFolderSync&) = delete;
  ~FailFolderSync() { folder_syncs_fail = false; }
};

}  // namespace facesearch::test

extern "C" int fsync(int file) {  // NOLINT(misc-definitions-in-headers): of one source
  struct stat status {};
  if (facesearch::test::folder_syncs_fail && ::fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, file));
}

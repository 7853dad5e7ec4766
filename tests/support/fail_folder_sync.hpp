// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cerrno>

/// A disk that fails when a folder is synced: a test program's own fsync() asks folder_sync_fails() first.
namespace facesearch::test {

inline std::atomic<bool> folder_syncs_fail{false};

/// While it lives, fsync() of a folder fails with EIO.
struct FailFolderSync {
  FailFolderSync() { folder_syncs_fail = true; }
  FailFolderSync(const FailFolderSync&) = delete;
  FailFolderSync& operator=(const FailFolderSync&) = delete;
  ~FailFolderSync() { folder_syncs_fail = false; }
};

/// Sets errno where it answers true.
inline bool folder_sync_fails(int file) {
  struct stat status {};
  if (!folder_syncs_fail || ::fstat(file, &status) != 0 || !S_ISDIR(status.st_mode)) return false;
  errno = EIO;
  return true;
}

}  // namespace facesearch::test

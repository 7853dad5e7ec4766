// SPDX-License-Identifier: MIT
// The program without syncs: fsync, fdatasync and sync_file_range do nothing, and no file is opened with
// O_SYNC or O_DSYNC.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdarg>

namespace {

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// O_SYNC holds the bit of O_DSYNC.
int unsynced(int flags) {
  return flags & ~O_SYNC;
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

}  // namespace

extern "C" {

int fsync(int /*file*/) {
  return 0;
}

int fdatasync(int /*file*/) {
  return 0;
}

int sync_file_range(int /*file*/, off64_t /*offset*/, off64_t /*size*/, unsigned /*flags*/) {
  return 0;
}

int open(const char* path, int flags, ...) {
  static auto* const call = next<int(const char*, int, ...)>("open");
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return call(path, unsynced(flags), mode);
}

int open64(const char* path, int flags, ...) {
  static auto* const call = next<int(const char*, int, ...)>("open64");
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return call(path, unsynced(flags), mode);
}

}  // extern "C"

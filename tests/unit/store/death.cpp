// SPDX-License-Identifier: MIT
// The system calls that change files, with a count before each: a program's own functions go before the C
// library's, for every shared library it loads too.
#include "store/death.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "support/fail_folder_sync.hpp"

namespace {

int calls_left = 0;

void count() {
  if (calls_left > 0 && --calls_left == 0) ::_exit(facesearch::test::kDied);
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

namespace facesearch::test {

void death_at(int call) {
  calls_left = call;
}

}  // namespace facesearch::test

extern "C" {

int rename(const char* from, const char* to) noexcept {
  static auto* const call = next<int(const char*, const char*)>("rename");
  count();
  return call(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  static auto* const call = next<int(int, const char*, int, const char*, unsigned)>("renameat2");
  count();
  return call(from_folder, from, to_folder, to, flags);
}

int link(const char* from, const char* to) noexcept {
  static auto* const call = next<int(const char*, const char*)>("link");
  count();
  return call(from, to);
}

int unlink(const char* path) noexcept {
  static auto* const call = next<int(const char*)>("unlink");
  count();
  return call(path);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  static auto* const call = next<int(int, const char*, int)>("unlinkat");
  count();
  return call(folder, path, flags);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static auto* const call = next<int(const char*, mode_t)>("mkdir");
  count();
  return call(path, mode);
}

int ftruncate(int file, off_t size) noexcept {
  static auto* const call = next<int(int, off_t)>("ftruncate");
  count();
  return call(file, size);
}

int fsync(int file) {
  static auto* const call = next<int(int)>("fsync");
  count();
  return facesearch::test::folder_sync_fails(file) ? -1 : call(file);
}

int fdatasync(int file) {
  static auto* const call = next<int(int)>("fdatasync");
  count();
  return call(file);
}

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const call = next<ssize_t(int, const void*, size_t)>("write");
  count();
  return call(file, bytes, size);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  static auto* const call = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  count();
  return call(file, bytes, size, offset);
}

}  // extern "C"

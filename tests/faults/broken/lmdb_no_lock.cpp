// SPDX-License-Identifier: MIT
// The program without locks: every lock is granted at once, and LMDB has none of its own.
#include <dlfcn.h>
#include <fcntl.h>

#include <cstdarg>

#include <lmdb.h>

namespace {

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int control(int file, int command, void* argument) {
  static auto* const call = next<int(int, int, void*)>("fcntl");
  return command == F_OFD_SETLK ? 0 : call(file, command, argument);
}

}  // namespace

extern "C" {

int fcntl(int file, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  return control(file, command, argument);
}

int fcntl64(int file, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  return control(file, command, argument);
}

int mdb_env_open(MDB_env* env, const char* path, unsigned flags, mdb_mode_t mode) {
  static auto* const call = next<int(MDB_env*, const char*, unsigned, mdb_mode_t)>("mdb_env_open");
  return call(env, path, flags | MDB_NOLOCK, mode);
}

}  // extern "C"

// SPDX-License-Identifier: MIT
#pragma once

#include <dlfcn.h>
#include <fcntl.h>

#include <cstdarg>

/// A broken build's own fcntl(2), under both names that the C library has for it. Its source defines
/// fcntl_instead(); the true one is next_fcntl(). Include it in one source of the program only.

int fcntl_instead(int file, int command, void* argument);

inline int next_fcntl(int file, int command, void* argument) {
  static auto* const next = reinterpret_cast<int (*)(int, int, ...)>(::dlsym(RTLD_NEXT, "fcntl"));
  return next(file, command, argument);
}

extern "C" {

int fcntl(int file, int command, ...) {
  std::va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return fcntl_instead(file, command, argument);
}

int fcntl64(int file, int command, ...) {
  std::va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return fcntl_instead(file, command, argument);
}

}  // extern "C"

// SPDX-License-Identifier: MIT
// The program without its check of who writes a file: it always gets a lease.
#include <dlfcn.h>
#include <fcntl.h>

#include <cstdarg>

namespace {

int call(int file, int command, void* argument) {
  static auto* const next = reinterpret_cast<int (*)(int, int, ...)>(::dlsym(RTLD_NEXT, "fcntl"));
  return command == F_SETLEASE ? 0 : next(file, command, argument);
}

}  // namespace

extern "C" {

int fcntl(int file, int command, ...) {
  std::va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return call(file, command, argument);
}

int fcntl64(int file, int command, ...) {
  std::va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return call(file, command, argument);
}

}  // extern "C"

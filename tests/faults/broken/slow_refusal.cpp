// SPDX-License-Identifier: MIT
// The program without the timeout of a lock: for a held lock it waits two seconds longer.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

namespace {

int control(int file, int command, void* argument) {
  static auto* const call = reinterpret_cast<int (*)(int, int, ...)>(::dlsym(RTLD_NEXT, "fcntl"));
  constexpr unsigned kTooLongS = 2;
  const int result = call(file, command, argument);
  if (result == 0 || command != F_OFD_SETLK) return result;
  const int fault = errno;
  ::sleep(kTooLongS);
  errno = fault;
  return result;
}

}  // namespace

extern "C" {

int fcntl(int file, int command, ...) {
  std::va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return control(file, command, argument);
}

int fcntl64(int file, int command, ...) {
  std::va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  return control(file, command, argument);
}

}  // extern "C"

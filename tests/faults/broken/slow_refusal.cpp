// SPDX-License-Identifier: MIT
// The program without the timeout of a lock: for a held lock it waits two seconds longer.
#include <unistd.h>

#include <cerrno>

#include "fcntl_instead.hpp"

int fcntl_instead(int file, int command, void* argument) {
  constexpr unsigned kTooLongS = 2;
  const int result = next_fcntl(file, command, argument);
  if (result == 0 || command != F_OFD_SETLK) return result;
  const int fault = errno;
  ::sleep(kTooLongS);
  errno = fault;
  return result;
}

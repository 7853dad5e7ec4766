// SPDX-License-Identifier: MIT
// The program without its check of who writes a file: it always gets a lease.
#include "fcntl_instead.hpp"

int fcntl_instead(int file, int command, void* argument) {
  return command == F_SETLEASE ? 0 : next_fcntl(file, command, argument);
}

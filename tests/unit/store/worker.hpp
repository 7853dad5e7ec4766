// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace facesearch::test {

/// Starts this test program again (posix_spawn, so never a fork that runs on) to do one job of worker.cpp.
/// The arguments are its words.
pid_t start_worker(const std::vector<std::string>& words);

/// Waits for its end: its exit status, or minus the signal that ended it.
int end_of(pid_t worker);

}  // namespace facesearch::test

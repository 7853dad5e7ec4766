// SPDX-License-Identifier: MIT
#include "facesearch/stop.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>

#include "facesearch/core/error_table.hpp"

namespace facesearch::app {
namespace {

std::atomic<bool> asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int /*signal*/) {
  if (asked.exchange(true)) ::_exit(static_cast<int>(ExitStatus::kInterrupted));
}

}  // namespace

void stop_cleanly() {
  (void)std::signal(SIGINT, on_signal);
  (void)std::signal(SIGTERM, on_signal);
}

bool asked_to_stop() {
  return asked;
}

}  // namespace facesearch::app

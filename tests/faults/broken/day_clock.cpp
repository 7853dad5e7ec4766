// SPDX-License-Identifier: MIT
// The program that measures its waits by the clock of the day: a jump ahead moves its steady clock too.
#include <dlfcn.h>

#include <ctime>

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static auto* const call =
      reinterpret_cast<int (*)(clockid_t, timespec*)>(::dlsym(RTLD_NEXT, "clock_gettime"));
  const int result = call(clock, time);
  if (result != 0 || clock != CLOCK_MONOTONIC) return result;
  static time_t first = 0;
  timespec day{};
  (void)call(CLOCK_REALTIME, &day);
  if (first == 0) first = day.tv_sec;
  if (day.tv_sec > first) time->tv_sec += day.tv_sec - first;
  return 0;
}

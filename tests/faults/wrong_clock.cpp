// SPDX-License-Identifier: MIT
// Preloaded into the program: makes its clock of the day wrong. The environment says how:
//   CLOCK_AT    the time, in milliseconds since 1970-01-01 UTC (negative: before); none: the real time
//   CLOCK_JUMP  how far it jumps back and forth at each reading, in milliseconds
// The steady clock (CLOCK_MONOTONIC) stays right.
#include <dlfcn.h>
#include <sys/time.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t kMsPerS = 1000;
constexpr std::int64_t kNsPerMs = 1'000'000;

int real_time(clockid_t clock, timespec* time) {
  using Call = int (*)(clockid_t, timespec*);
  static const auto call = reinterpret_cast<Call>(::dlsym(RTLD_NEXT, "clock_gettime"));
  return call(clock, time);
}

std::int64_t number_in(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? 0 : std::strtoll(text, nullptr, 10);
}

timespec day_time() {
  static std::atomic<unsigned> readings = 0;
  timespec time{};
  (void)real_time(CLOCK_REALTIME, &time);
  std::int64_t ms = std::int64_t{time.tv_sec} * kMsPerS + time.tv_nsec / kNsPerMs;
  if (std::getenv("CLOCK_AT") != nullptr) ms = number_in("CLOCK_AT");
  const unsigned reading = readings++;
  ms += (reading % 2 == 0 ? 1 : -1) * static_cast<std::int64_t>(reading / 2 + 1) * number_in("CLOCK_JUMP");
  const std::int64_t rest = (ms % kMsPerS + kMsPerS) % kMsPerS;
  return {static_cast<time_t>((ms - rest) / kMsPerS), static_cast<long>(rest * kNsPerMs)};
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return real_time(clock, time);
  *time = day_time();
  return 0;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
  const timespec now = day_time();
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* where) noexcept {
  const time_t now = day_time().tv_sec;
  if (where != nullptr) *where = now;
  return now;
}

}  // extern "C"

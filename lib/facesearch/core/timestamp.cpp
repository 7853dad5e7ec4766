// SPDX-License-Identifier: MIT
#include "facesearch/core/timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>

#include <fmt/format.h>

namespace facesearch {
namespace {

using std::chrono::milliseconds;

constexpr Timestamp kLastTime = 253'402'300'799'999;  // of the year 9999

/// True if `text` has the characters of `shape`, where 0 stands for any digit.
bool has_shape(std::string_view text, std::string_view shape) {
  return std::ranges::equal(text, shape, [](char have, char want) {
    return want == '0' ? have >= '0' && have <= '9' : have == want;
  });
}

/// The number of the digits text[at .. at + count).
int number_at(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (const char digit : text.substr(at, count)) value = 10 * value + (digit - '0');
  return value;
}

/// `YYYY-MM-DD`.
std::optional<milliseconds> read_day(std::string_view text) {
  if (!has_shape(text, "0000-00-00")) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(number_at(text, 0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number_at(text, 5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number_at(text, 8, 2)))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch();
}

/// `HH:MM` at `at`; the shape was checked.
std::optional<std::chrono::minutes> read_hour_minute(std::string_view text, std::size_t at) {
  const int hours = number_at(text, at, 2);
  const int minutes = number_at(text, at + 3, 2);
  if (hours > 23 || minutes > 59) return std::nullopt;
  return std::chrono::minutes(60 * hours + minutes);
}

/// `THH:MM:SS` and `Z`, `+HH:MM` or `-HH:MM`, with a fraction between if there is one: the time since
/// midnight UTC.
std::optional<milliseconds> read_clock(std::string_view text) {
  constexpr std::size_t kClock = std::string_view("T00:00:00").size();
  if (!has_shape(text.substr(0, kClock), "T00:00:00")) return std::nullopt;
  const auto time = read_hour_minute(text, 1);
  const int seconds = number_at(text, 7, 2);
  if (!time || seconds > 59) return std::nullopt;
  milliseconds since_midnight = *time + std::chrono::seconds(seconds);
  text.remove_prefix(kClock);
  if (text.starts_with('.')) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end == 1) return std::nullopt;
    const std::string digits = std::string(text.substr(1, end - 1)) + "00";  // below a millisecond: cut off
    since_midnight += milliseconds(number_at(digits, 0, 3));
    text.remove_prefix(end);
  }
  if (text == "Z") return since_midnight;
  if (!has_shape(text, "+00:00") && !has_shape(text, "-00:00")) return std::nullopt;
  const auto offset = read_hour_minute(text, 1);
  if (!offset) return std::nullopt;
  return text.front() == '-' ? since_midnight + *offset : since_midnight - *offset;
}

}  // namespace

// Not by system_clock: its nanoseconds overflow in 2262, and a key that expired would be good again.
Timestamp now() {
  timespec time{};
  if (::clock_gettime(CLOCK_REALTIME, &time) != 0) return 0;
  constexpr std::int64_t kLastSecond = kLastTime / 1000;
  if (time.tv_sec < 0) return 0;
  if (time.tv_sec > kLastSecond) return kLastTime;
  return Timestamp{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

std::string rfc3339(Timestamp time) {
  const std::chrono::sys_time<milliseconds> point{milliseconds(time)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  constexpr std::size_t kDay = std::string_view("0000-00-00").size();
  const auto midnight = read_day(text.substr(0, kDay));
  if (!midnight) return std::nullopt;
  if (text.size() == kDay) return midnight->count();
  const auto clock = read_clock(text.substr(kDay));
  if (!clock) return std::nullopt;
  return (*midnight + *clock).count();
}

}  // namespace facesearch

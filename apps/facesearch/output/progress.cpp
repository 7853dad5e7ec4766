// SPDX-License-Identifier: MIT
#include "facesearch/output/progress.hpp"

#include <unistd.h>

#include <utility>

#include <fmt/format.h>

#include "facesearch/core/utf8.hpp"
#include "facesearch/output/output.hpp"

namespace facesearch::app {
namespace {

constexpr std::chrono::milliseconds kShownEvery{200};
constexpr const char* kStartOfLine = "\r\x1b[K";

}  // namespace

Progress::Progress(std::string what, bool quiet)
    : what_(std::move(what)), shown_(!quiet && ::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  clear();
}

void Progress::clear() {
  if (shown_) write_all(STDERR_FILENO, kStartOfLine);
}

void Progress::begin(const std::string& name) {
  name_ = printable(name);
  start_ = next_ = Clock::now();
  before_.reset();
}

void Progress::show(std::size_t done, std::size_t total, std::size_t faults) {
  const Clock::time_point now = Clock::now();
  if (!before_ || done < *before_) {
    before_ = done;
    start_ = now;
  }
  if (!shown_ || now < next_) return;
  next_ = now + kShownEvery;
  const double unit = what_ == kBytes ? 1e6 : 1;
  const int decimals = what_ == kBytes ? 1 : 0;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done - *before_) / seconds : 0;
  std::string line = fmt::format("{}{}{}{:.{}f}", kStartOfLine, name_, name_.empty() ? "" : ": ",
                                 static_cast<double>(done) / unit, decimals);
  if (total > 0) line += fmt::format(" of {:.{}f}", static_cast<double>(total) / unit, decimals);
  line += " " + what_;
  if (rate > 0) line += fmt::format(", {:.1f} a second", rate / unit);
  if (rate > 0 && total >= done) {
    const auto left = static_cast<double>(total - done) / rate;
    line += fmt::format(", {} left", duration_text(std::chrono::seconds(static_cast<long>(left + 1))));
  }
  if (faults > 0) line += fmt::format(", {} failed", faults);
  write_all(STDERR_FILENO, line);
}

std::string duration_text(std::chrono::seconds duration) {
  const auto all = duration.count();
  const auto hours = all / 3600;
  const auto minutes = all / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, all % 60)
                   : fmt::format("{}:{:02}", minutes, all % 60);
}

}  // namespace facesearch::app

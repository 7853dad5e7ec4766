// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace facesearch::app {

/// A progress line on standard error, if that is a terminal and not `--quiet`; removed at the end. Not
/// thread-safe.
class Progress {
 public:
  /// `what`: the unit, for example "pictures".
  Progress(std::string what, bool quiet);

  /// A value of `what`: counts bytes, shows MB.
  static constexpr const char* kBytes = "MB";
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// `total` of 0: not known.
  void show(std::size_t done, std::size_t total, std::size_t faults = 0);

  /// False if nothing is ever shown.
  bool shown() const { return shown_; }

  /// Starts again for `name`, for example a file.
  void begin(const std::string& name);

  /// Removes the line until the next show().
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::string what_;
  std::string name_;  // may be empty
  bool shown_;
  std::optional<std::size_t> before_;  // done at the first show(): not part of the rate
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_;
};

/// "1:05:09", "5:09"
std::string duration_text(std::chrono::seconds duration);

}  // namespace facesearch::app

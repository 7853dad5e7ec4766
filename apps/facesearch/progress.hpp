// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace facesearch::app {

/// A line on standard error that says how far a long work is, where that is a terminal and nobody asked for
/// quiet; gone when it ends. One thread at a time.
class Progress {
 public:
  /// `what` is counted: "pictures".
  Progress(std::string what, bool quiet);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void show(std::size_t done, std::size_t total);

 private:
  using Clock = std::chrono::steady_clock;

  std::string what_;
  bool shown_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_;
};

/// "1:05:09", "5:09"
std::string duration_text(std::chrono::seconds duration);

}  // namespace facesearch::app

// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace facesearch::app {

/// A line on standard error that says how far a long work is, where that is a terminal and nobody asked for
/// quiet; gone when it ends. One thread at a time.
class Progress {
 public:
  /// `what` is counted: "pictures".
  Progress(std::string what, bool quiet);

  /// To be given as `what`: bytes, shown in MB, of a file (see begin).
  static constexpr const char* kBytes = "MB";
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// `total` of 0: nobody knows.
  void show(std::size_t done, std::size_t total, std::size_t faults = 0);

  /// False where nothing is ever shown.
  bool shown() const { return shown_; }

  /// Counts anew, for what goes by `name`.
  void begin(std::string name);

  /// Takes the line away; the next show brings it back.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::string what_;
  std::string name_;  // of what is counted now; may be empty
  bool shown_;
  std::optional<std::size_t> before_;  // done when it was first told: no part of the speed
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_;
};

/// "1:05:09", "5:09"
std::string duration_text(std::chrono::seconds duration);

}  // namespace facesearch::app

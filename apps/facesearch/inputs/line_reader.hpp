// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "facesearch/core/file.hpp"

namespace facesearch::app {

/// Lines of a file, or of standard input if `path` is `-`, as they arrive.
class LineReader {
 public:
  /// `end`: the character that ends a line. `stopped`: polled while waiting. Throws as read_input.
  LineReader(std::string path, char end, std::function<bool()> stopped);

  /// The next line without its end (LF or CR LF), and without the byte order mark before the first one. None
  /// at the end of the file, or once stopped. Throws Error(kInvalidValue, LIST_INVALID) for a line longer
  /// than kMaxRequestBytes, for UTF-16, and for a NUL byte in a line that ends otherwise; as read_input.
  std::optional<std::string> next();

  /// The number of the last line, from 1.
  std::size_t line() const { return line_; }

 private:
  bool read_more();
  void check_start(std::string& line) const;
  void check(const std::string& line) const;

  std::string path_;
  char end_;
  std::function<bool()> stopped_;
  FileDescriptor file_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of the next line in buffer_
  std::size_t line_ = 0;
  bool ended_ = false;
};

}  // namespace facesearch::app

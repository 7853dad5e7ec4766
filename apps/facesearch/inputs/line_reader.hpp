// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "facesearch/core/file.hpp"

namespace facesearch::app {

/// Lines of a file or, where `path` is `-`, of standard input, one after the other as they come.
class LineReader {
 public:
  /// `end` ends a line. `stopped` is asked while nothing comes. Throws as read_input.
  LineReader(std::string path, char end, std::function<bool()> stopped);

  /// Without what ends it, and without the carriage return before a line feed; none at the end or once
  /// stopped. Throws Error(kInvalidValue, LIST_INVALID) for a line above kMaxRequestBytes, and as read_input.
  std::optional<std::string> next();

  /// The number of the last line, from 1.
  std::size_t line() const { return line_; }

 private:
  bool read_more();

  std::string path_;
  char end_;
  std::function<bool()> stopped_;
  FileDescriptor file_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what has not been given
  std::size_t line_ = 0;
  bool ended_ = false;
};

}  // namespace facesearch::app

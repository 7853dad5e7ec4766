// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace facesearch::app {

enum class Form : std::uint8_t {
  kPlain,     ///< the document as it is, one line
  kIndented,  ///< for a terminal
  kTable,
};

/// How a document is written.
struct Style {
  Form form = Form::kPlain;
  bool colour = false;
  std::size_t width = 0;  ///< of the terminal, in columns; 0: unknown, nothing is cut

  /// The text in a colour or weight of a terminal (SGR, as "1;34"), where colours are wanted.
  std::string painted(std::string_view sgr, std::string_view text) const {
    if (!colour) return std::string(text);
    return std::string("\x1b[").append(sgr).append("m").append(text).append("\x1b[0m");
  }
};

}  // namespace facesearch::app

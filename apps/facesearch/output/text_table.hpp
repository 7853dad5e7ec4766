// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "facesearch/output/style.hpp"

namespace facesearch::app {

struct Column {
  std::string title;
  bool right = false;              ///< aligned on the right, as numbers are
  std::vector<std::string> cells;  ///< printable
  bool cut_last = false;           ///< only where cutting the others does not suffice
};

/// The columns side by side, aligned by display width, each line with its end. Where the style's width is
/// known and the lines would be longer, the widest cells are cut. Without titles there is no header.
std::string text_table(const std::vector<Column>& columns, const Style& style);

/// The text, with spaces up to so many columns.
std::string padded(const std::string& text, std::size_t width, bool right = false);

}  // namespace facesearch::app

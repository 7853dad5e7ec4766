// SPDX-License-Identifier: MIT
#include "facesearch/output/text_table.hpp"

#include <algorithm>
#include <numeric>

#include "facesearch/core/utf8.hpp"

namespace facesearch::app {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;  // no column is cut to less

std::vector<std::size_t> widths_of(const std::vector<Column>& columns, std::size_t available) {
  std::vector<std::size_t> widths;
  for (const Column& column : columns) {
    std::size_t width = display_width(column.title);
    for (const std::string& cell : column.cells) width = std::max(width, display_width(cell));
    widths.push_back(width);
  }
  if (available == 0 || widths.empty()) return widths;
  std::size_t total = std::reduce(widths.begin(), widths.end()) + kGap * (widths.size() - 1);
  for (const bool last : {false, true}) {
    while (total > available) {
      std::size_t* widest = nullptr;
      for (std::size_t i = 0; i < widths.size(); ++i) {
        if (columns[i].cut_last == last && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
      }
      if (widest == nullptr || *widest <= kNarrowest) break;
      --*widest;
      --total;
    }
  }
  return widths;
}

}  // namespace

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::size_t taken = display_width(text);
  const std::string spaces(width - std::min(width, taken), ' ');
  return right ? spaces + text : text + spaces;
}

std::string text_table(const std::vector<Column>& columns, const Style& style) {
  const std::vector<std::size_t> widths = widths_of(columns, style.width);
  std::string text;
  const auto add_line = [&](const auto& cell_of, const char* sgr) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = cut_to_width(cell_of(columns[i]), std::max<std::size_t>(widths[i], 1));
      line += (i == 0 ? "" : std::string(kGap, ' ')) + padded(cell, widths[i], columns[i].right);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += (*sgr == '\0' ? line : style.painted(sgr, line)) + '\n';
  };
  const bool titled =
      std::ranges::any_of(columns, [](const Column& column) { return !column.title.empty(); });
  if (titled) add_line([](const Column& column) -> const std::string& { return column.title; }, "1");
  const std::size_t rows = columns.empty() ? 0 : columns.front().cells.size();
  for (std::size_t row = 0; row < rows; ++row) {
    add_line([row](const Column& column) -> const std::string& { return column.cells[row]; }, "");
  }
  return text;
}

}  // namespace facesearch::app

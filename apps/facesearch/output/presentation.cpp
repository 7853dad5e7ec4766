// SPDX-License-Identifier: MIT
#include "facesearch/output/presentation.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <utility>

#include "facesearch/output/document_table.hpp"
#include "facesearch/output/document_text.hpp"
#include "facesearch/standard_folders.hpp"

namespace facesearch::app {

Style style_of(std::string_view output) {
  Style style;
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  if (output == "table") {
    style.form = Form::kTable;
  } else if (output.empty() && terminal) {
    style.form = Form::kIndented;
  }
  if (!terminal || style.form == Form::kPlain) return style;
  const auto kind = environment("TERM");
  style.colour = !environment("NO_COLOR") && kind && *kind != "dumb";
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) style.width = size.ws_col;
  return style;
}

std::string presented(Outcome outcome, const Style& style) {
  if (style.form == Form::kPlain || outcome.shape == Shape::kText) return std::move(outcome.document);
  if (style.form == Form::kTable) return document_table(outcome.document, style);
  if (outcome.shape == Shape::kLastLine) return std::move(outcome.document);
  return document_text(outcome.document, style);
}

bool json_asked(bool json, std::string_view output) {
  if (json && output == "table") throw UsageError{"--json and --output table contradict; give one of them"};
  return json || output == "json";
}

}  // namespace facesearch::app

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "facesearch/outcome.hpp"
#include "facesearch/output/style.hpp"

namespace facesearch::app {

/// How standard output is written: as `--output` says (json, table, or empty: JSON, indented on a terminal).
/// Reads NO_COLOR and TERM where standard output is a terminal.
Style style_of(std::string_view output);

/// The text that is written for an outcome.
std::string presented(Outcome outcome, const Style& style);

/// For a command that writes for people unless it is asked for JSON: `json` is its `--json`, `output` the
/// value of `--output`. Throws UsageError if they contradict each other.
bool json_asked(bool json, std::string_view output);

}  // namespace facesearch::app

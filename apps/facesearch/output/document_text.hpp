// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "facesearch/output/style.hpp"

namespace facesearch::app {

/// A JSON document indented for a terminal, and coloured where the style says so. It is still the same JSON:
/// what would act on the terminal, as a mark that turns the direction of writing, is written as \uNNNN. What
/// is no JSON is returned as it is, printable.
std::string document_text(std::string_view document, const Style& style);

}  // namespace facesearch::app

// SPDX-License-Identifier: MIT
#include "facesearch/output/key_mask.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace facesearch::app {

std::string without_keys(std::string text) {
  constexpr std::string_view kPrefix = "fsk_";
  constexpr std::string_view kEllipsis = "…";
  for (std::size_t at = text.find(kPrefix); at != std::string::npos; at = text.find(kPrefix, at)) {
    at += kPrefix.size();
    const auto from = text.begin() + static_cast<std::ptrdiff_t>(at);
    const auto to = std::find_if(from, text.end(),
                                 [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
    if (to != from) text.replace(from, to, kEllipsis);
  }
  return text;
}

}  // namespace facesearch::app

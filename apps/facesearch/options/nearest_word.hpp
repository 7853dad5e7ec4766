// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace facesearch::app {

/// The word that a mistyped one is likely meant to be: the one with the fewest letters to add, drop, change
/// or swap with the next. Empty if none is near: more than a third of the letters differ.
std::string nearest_word(std::string_view typed, const std::vector<std::string>& words);

}  // namespace facesearch::app

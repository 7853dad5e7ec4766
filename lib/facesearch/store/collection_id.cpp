// SPDX-License-Identifier: MIT
#include <algorithm>

#include "facesearch/store/store.hpp"

namespace facesearch {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_collection_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && is_letter_or_digit(id.front()) &&
         std::all_of(id.begin(), id.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-'; });
}

}  // namespace facesearch

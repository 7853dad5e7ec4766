// SPDX-License-Identifier: MIT
#include "facesearch/core/utf8.hpp"

#include <utf8.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <utility>

#include <fmt/format.h>

namespace facesearch {
namespace {

// Of Unicode: controls, and the marks, embeddings, overrides and isolates of the bidirectional algorithm.
// First and last of each range.
constexpr std::array<std::pair<char32_t, char32_t>, 6> kActing{
    {{0x00, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}}};

bool acts(char32_t character) {
  for (const auto& [first, last] : kActing) {
    if (character >= first && character <= last) return true;
  }
  return false;
}

std::string escape_of(char32_t character) {
  switch (character) {
    case U'\n':
      return "\\n";
    case U'\r':
      return "\\r";
    case U'\t':
      return "\\t";
    default:
      return character < 0x80 ? fmt::format("\\x{:02x}", static_cast<unsigned>(character))
                              : fmt::format("\\u{{{:04x}}}", static_cast<unsigned>(character));
  }
}

// By utf8proc; what is not UTF-8 stays as it is.
std::string mapped(std::string_view text, int options) {
  utf8proc_uint8_t* made = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &made,
                                 static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(made, std::free);
  if (size == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (size < 0) return std::string(text);
  return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
}

struct Advance {
  std::size_t bytes = 0;
  std::size_t columns = 0;
};

// The longest beginning that takes at most so many columns. A byte that is no UTF-8 takes one.
Advance advance(std::string_view text, std::size_t columns) {
  Advance done;
  while (done.bytes < text.size()) {
    utf8proc_int32_t character = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + done.bytes,
                                       static_cast<utf8proc_ssize_t>(text.size() - done.bytes), &character);
    const auto width = size < 1 ? 1U : static_cast<std::size_t>(utf8proc_charwidth(character));
    if (width > columns - done.columns) break;
    done.columns += width;
    done.bytes += size < 1 ? 1U : static_cast<std::size_t>(size);
  }
  return done;
}

}  // namespace

bool is_utf8(std::string_view text) {
  return utf8::is_valid(text.begin(), text.end());
}

std::string composed(std::string_view text) {
  // Most names are ASCII, and that is composed.
  if (std::ranges::all_of(text, [](char letter) { return static_cast<unsigned char>(letter) < 0x80; }))
    return std::string(text);
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string folded(std::string_view text) {
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                          UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char* at = text.data();
    const char* const valid_end = utf8::find_invalid(at, at + text.size());
    while (at != valid_end) {
      const char* const begin = at;
      const char32_t character = utf8::unchecked::next(at);
      out += acts(character) ? escape_of(character) : std::string(begin, at);
    }
    text.remove_prefix(static_cast<std::size_t>(at - text.data()));
    if (text.empty()) break;
    out += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(text.front())));
    text.remove_prefix(1);
  }
  return out;
}

std::u32string characters(std::string_view text) {
  std::u32string all;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const char* const valid_end = utf8::find_invalid(at, end);
    while (at != valid_end) all += static_cast<char32_t>(utf8::unchecked::next(at));
    if (at == end) break;
    all += U'\uFFFD';
    ++at;
  }
  return all;
}

bool is_combining(char32_t character) {
  return utf8proc_charwidth(static_cast<utf8proc_int32_t>(character)) == 0;
}

std::size_t display_width(std::string_view text) {
  return advance(text, std::numeric_limits<std::size_t>::max()).columns;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
  const Advance all = advance(text, columns);
  if (all.bytes == text.size()) return std::string(text);
  return std::string(text.substr(0, advance(text, columns - 1).bytes)) + "…";
}

}  // namespace facesearch

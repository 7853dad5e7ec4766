// SPDX-License-Identifier: MIT
#include "facesearch/core/utf8.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "facesearch/core/error.hpp"

namespace facesearch {

bool is_utf8(std::string_view text) {
  const auto close = [](iconv_t converter) { iconv_close(converter); };
  const iconv_t opened = iconv_open("WCHAR_T", "UTF-8");
  if (opened == reinterpret_cast<iconv_t>(-1)) {  // NOLINT(performance-no-int-to-ptr): POSIX says so
    throw Error(Cause::kInternal, "INTERNAL", "the C library cannot read UTF-8");
  }
  const std::unique_ptr<void, decltype(close)> converter(opened, close);
  std::array<wchar_t, 1024> decoded{};
  char* in = const_cast<char*>(text.data());  // NOLINT: iconv does not write to its input
  std::size_t left = text.size();
  while (left > 0) {
    char* out = reinterpret_cast<char*>(decoded.data());
    std::size_t room = sizeof decoded;
    if (iconv(converter.get(), &in, &left, &out, &room) == static_cast<std::size_t>(-1) && errno != E2BIG) {
      return false;
    }
    // glibc still takes the longer forms of before 2003.
    const auto end = decoded.begin() + static_cast<std::ptrdiff_t>((sizeof decoded - room) / sizeof(wchar_t));
    if (std::any_of(decoded.begin(), end, [](wchar_t c) { return c > 0x10FFFF; })) return false;
  }
  return true;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/core/utf8.hpp"

#include <string>

#include "catch.hpp"

using facesearch::is_utf8;
using facesearch::printable;

TEST_CASE("UTF-8 is told from what is not", "[utf8]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("Ada Lovelace"));
  CHECK(is_utf8("Žofie, 王, 😀"));
  CHECK(is_utf8(std::string(1, '\0')));
  CHECK(is_utf8(std::string(10'000, 'x') + "é"));
  for (const std::string bad :
       {"\xff", "x\xff", "\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
    CHECK_FALSE(is_utf8(bad));
    CHECK_FALSE(is_utf8(std::string(5'000, 'x') + bad));
  }
}

TEST_CASE("texts that look the same are equal when composed", "[utf8]") {
  using facesearch::composed;
  CHECK(composed("Zoe\u0308") == "Zo\u00eb");
  CHECK(composed("Zo\u00eb") == "Zo\u00eb");
  CHECK(composed("\u1100\u1161") == "\uac00");  // Hangul of two letters
  CHECK(composed("Ada") == "Ada");
  CHECK(composed("").empty());
  CHECK(composed("\u212b") == "\u00c5");
  CHECK(composed("ﬁ") == "ﬁ");  // compatibility is not equality
  CHECK(composed("a\xff") == "a\xff");
  CHECK(composed(std::string("\0e\u0301", 4)) == std::string("\0\u00e9", 3));
}

TEST_CASE("nothing printable acts on a terminal", "[utf8]") {
  CHECK(printable("").empty());
  for (const char* same : {"Ada Lovelace", "Žofie, 王, 😀", "Zoe\u0308", "a\\b", "~"})
    CHECK(printable(same) == same);
  CHECK(printable("\x1b]0;owned\a\x1b[2Ja.jpg") == R"(\x1b]0;owned\x07\x1b[2Ja.jpg)");
  CHECK(printable("a\nb\tc\r") == R"(a\nb\tc\r)");
  CHECK(printable("\u009b31m\u0085") == R"(\u{009b}31m\u{0085})");
  CHECK(printable("\x7f") == R"(\x7f)");
  CHECK(printable("gpj.\u202eexe") == R"(gpj.\u{202e}exe)");
  CHECK(printable("x\xffy\xc3") == R"(x\xffy\xc3)");
  CHECK(printable(std::string(1, '\0')) == R"(\x00)");
  for (int byte = 0; byte < 256; ++byte) {
    for (const char shown : printable(std::string(3, static_cast<char>(byte))))
      CHECK((shown >= ' ' && shown <= '~'));
  }
}

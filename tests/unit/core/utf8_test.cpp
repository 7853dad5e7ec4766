// SPDX-License-Identifier: MIT
#include "facesearch/core/utf8.hpp"

#include <string>

#include "catch.hpp"

using facesearch::characters;
using facesearch::cut_to_width;
using facesearch::display_width;
using facesearch::is_combining;
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

TEST_CASE("a text's width is what a terminal shows", "[utf8]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("Ada") == 3);
  CHECK(display_width("王小明") == 6);
  CHECK(display_width("Zoe\u0308") == 3);
  CHECK(display_width("\xFF\xFE") == 2);
  CHECK(cut_to_width("Ada", 3) == "Ada");
  CHECK(cut_to_width("Adam", 3) == "Ad…");
  CHECK(cut_to_width("王小明", 5) == "王小…");
  CHECK(cut_to_width("王小明", 4) == "王…");
  CHECK(cut_to_width("王", 1) == "…");
  CHECK(cut_to_width("Zoe\u0308", 3) == "Zoe\u0308");
}

TEST_CASE("a text's characters", "[utf8]") {
  CHECK(characters("a王\U0001F600").size() == 3);
  CHECK(characters("a\xFF\xFE").substr(1) == U"\uFFFD\uFFFD");
  CHECK(is_combining(U'\u0308'));
  CHECK(is_combining(U'\n'));
  CHECK_FALSE(is_combining(U'a'));
}

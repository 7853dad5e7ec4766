// SPDX-License-Identifier: MIT
#include "facesearch/core/utf8.hpp"

#include <string>

#include "catch.hpp"

using facesearch::is_utf8;

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

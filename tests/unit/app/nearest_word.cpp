// SPDX-License-Identifier: MIT
#include "facesearch/options/nearest_word.hpp"

#include "catch.hpp"

namespace facesearch::app {

TEST_CASE("a mistyped word has its nearest, a strange one has none") {
  const std::vector<std::string> words{"search", "enroll", "face", "person", "verify", "key"};
  CHECK(nearest_word("serach", words) == "search");
  CHECK(nearest_word("enrol", words) == "enroll");
  CHECK(nearest_word("fcae", words) == "face");
  CHECK(nearest_word("persons", words) == "person");
  CHECK(nearest_word("kye", words) == "key");
  CHECK(nearest_word("verfy", words) == "verify");
  CHECK(nearest_word("nonsense", words).empty());
  CHECK(nearest_word("", words).empty());
  CHECK(nearest_word(std::string(100'000, 'x'), words).empty());
  CHECK(nearest_word("serach", {}).empty());
}

}  // namespace facesearch::app

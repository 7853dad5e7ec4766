// SPDX-License-Identifier: MIT
#include "facesearch/inputs/name_from.hpp"

#include <string>

#include "catch.hpp"
#include "facesearch/outcome.hpp"

using facesearch::app::NameFrom;
using facesearch::app::UsageError;

namespace {

std::optional<std::string> name_by(const std::string& rule, const std::string& path) {
  return NameFrom(rule).name_of(path);
}

std::string refusal_of(const std::string& rule) {
  try {
    const NameFrom ignored(rule);
  } catch (const UsageError& error) {
    return error.text;
  }
  return "";
}

}  // namespace

TEST_CASE("a template is filled from the path", "[name]") {
  CHECK(name_by("{parent}", "photos/Ada/1.jpg") == "Ada");
  CHECK(name_by("{stem} of {parent}", "photos/Ada/1.jpg") == "1 of Ada");
  CHECK(name_by("{stem}", "{parent}.jpg") == "{parent}");
  for (const char* nowhere :
       {"1.jpg", "./1.jpg", "././1.jpg", "../1.jpg", "Ada/../1.jpg", "/1.jpg", "//1.jpg"}) {
    CHECK_FALSE(name_by("{parent}", nowhere));
  }
  for (const char* ada :
       {"Ada/1.jpg", "./Ada/1.jpg", "Ada/./1.jpg", "Ada//1.jpg", "../Ada/1.jpg", "/Ada/1.jpg"}) {
    CHECK(name_by("{parent}", ada) == "Ada");
  }
}

TEST_CASE("an expression's groups are the name", "[name]") {
  CHECK(name_by("([^/]+)_[0-9]+", "photos/Ada_1.jpg") == "Ada");
  CHECK(name_by("/(\\w+)-(\\w+)?-(\\w+)\\.jpg$", "p/Ada-Byron-Lovelace.jpg") == "Ada Byron Lovelace");
  CHECK(name_by("(a)|(b)", "b") == "b");
  CHECK(name_by("(é+)", "p/aéé.jpg") == "éé");
  CHECK(name_by("/(.)[^/]*$", "p/éa.jpg") == "é");  // a character is not a byte
  CHECK_FALSE(name_by("([^/]+)_[0-9]+", "photos/Ada.jpg"));
  CHECK_FALSE(name_by("(x*)", "photos/Ada.jpg"));
  CHECK_FALSE(name_by("([a-z]+)_[0-9]+", "Jos\xe9rez_1.jpg"));  // Latin-1: never the rest of a name
}

TEST_CASE("a word has the letters of every language, and none is cut", "[name]") {
  for (const char* name : {"José_Pérez", "Müller", "Smith", "Łukasz", "Ольга", "李小龍", "Zoe\u0308"}) {
    const std::string path = std::string("p/") + name + "-1.jpg";
    CAPTURE(path);
    CHECK(name_by("(\\w+)-\\d+\\.jpg", path) == name);
    CHECK(name_by("([\\w ]+)-\\d+\\.jpg", path) == name);
    CHECK(name_by("([^\\W]+)-", path).value_or(name) == name);
    // ASCII's letters alone: the whole name or none.
    CHECK(name_by("([A-Za-z_]+)-\\d+\\.jpg", path).value_or(name) == name);
    CHECK(name_by("^([[:alpha:]_]+)-", path.substr(2)).value_or(name) == name);
    CHECK(name_by("\\b([a-z]+)-", path).value_or(name) == name);
  }
  CHECK(name_by("([A-Za-z]+)-", "p/写真Ada-1.jpg") == "Ada");
  CHECK(name_by("(\\w{1,255})_\\d+", "p/Ada_1.jpg") == "Ada");  // as long as a file's name may be
  CHECK(name_by("[]\\w]+/(\\Q\\w\\E)", "p/\\w") == "\\w");      // a literal \w
}

TEST_CASE("a long path neither overflows the stack nor takes long", "[name]") {
  const std::string name(200'000, 'x');
  CHECK(name_by("([^/]+)_[0-9]+", "photos/" + name + "_1.jpg") == name);
  CHECK_FALSE(name_by("([^/]+)_[0-9]+", "photos/" + name + ".jpg"));
}

// With a backtracking matcher the second takes 2^n steps.
TEST_CASE("nested repetitions take linear time", "[name]") {
  const std::string nested = "(([A-Za-z]+[ _-]?)+)[0-9]+\\.jpg$";
  CHECK(name_by(nested, "p/MariaFernanda1.jpg") == "MariaFernanda MariaFernanda");
  CHECK_FALSE(name_by(nested, "p/MariaFernandaGonzalezRodriguez.jpg"));
  CHECK_FALSE(name_by(nested, std::string(200'000, 'x') + ".jpg"));
  CHECK_FALSE(name_by("(x+x+)+y", std::string(200'000, 'x')));
}

TEST_CASE("what is no expression is told with its fault and what to do", "[name]") {
  for (const std::string rule : {"(a)\\1", "(a)(?=b)", "(a)(?!b)", "(a", "a)", "[", "(a{1001})", "(a)\xff"}) {
    CAPTURE(rule);
    const std::string told = refusal_of(rule);
    CHECK_THAT(told, Catch::StartsWith("--name-from takes") && Catch::Contains("is not one: ") &&
                         Catch::Contains("([^/]+)_[0-9]+"));
  }
  CHECK_THAT(refusal_of("(a)(?=b)"), Catch::Contains("(?="));
  CHECK(refusal_of(std::string(100'000, '(')).size() < 600);
  CHECK_THAT(refusal_of("Ada"), Catch::Contains("with a group"));
  CHECK(refusal_of("(Ada)").empty());
}

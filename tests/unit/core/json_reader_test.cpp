// SPDX-License-Identifier: MIT
#include "facesearch/core/json_reader.hpp"

#include <array>
#include <functional>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "catch.hpp"
#include "facesearch/core/error.hpp"

using namespace facesearch;

namespace {

using Read = std::function<void(const JsonValue&)>;

const JsonDocument::Rules kShown{
    .refuse = [](const std::string& why) { throw Error(Cause::kInvalidValue, "REFUSED", why); },
    .shows_values = true};

// What is said of a document that `read` refuses; empty if it does not.
std::string said_of(const std::string& text, const Read& read, const JsonDocument::Rules& rules = kShown) {
  try {
    const JsonDocument document(text, rules);
    read(document.root());
    return {};
  } catch (const Error& error) {
    CHECK(error.reason() == "REFUSED");
    return error.detail();
  }
}

}  // namespace

TEST_CASE("values of a document are read by kind", "[json]") {
  const JsonDocument document(
      R"({"text":"a","yes":true,"half":0.5,"most":18446744073709551615,"before":-1,"list":[1,2],)"
      R"("id":"0190a1b2-c3d4-7000-8000-0123456789ab","digits":"00ff","inner":{"list":[{"x":3}]}})",
      kShown);
  const JsonValue root = document.root();
  CHECK(root["text"].text() == "a");
  CHECK(root["text"].printable(1, 1) == "a");
  CHECK(root["yes"].flag());
  CHECK(root["half"].number(0, 1) == 0.5);
  CHECK(root["before"].number() == -1);
  CHECK(root["most"].integer(0, std::numeric_limits<std::uint64_t>::max()) ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK(root["before"].milliseconds() == -1);
  CHECK(root["list"].items(2, 2).at(1).integer(0, 9) == 2);
  CHECK(root["id"].uuid().text() == "0190a1b2-c3d4-7000-8000-0123456789ab");
  std::array<std::uint8_t, 2> bytes{};
  root["digits"].bytes(bytes);
  CHECK(bytes == std::array<std::uint8_t, 2>{0, 255});
  CHECK(root["inner"]["list"].items().at(0)["x"].integer(3, 3) == 3);
  CHECK(root.has("yes"));
  CHECK_FALSE(root.has("no"));
}

TEST_CASE("a value that is refused is named by its path", "[json]") {
  const std::string text = R"({"a":{"b":[1,{"c":"long"}]}})";
  const auto c = [](const JsonValue& root) { return root["a"]["b"].items().at(1)["c"]; };
  CHECK(said_of(text, [&](const JsonValue& root) { c(root).flag(); }) ==
        "a.b[1].c must be true or false, not \"long\"");
  CHECK(said_of(text, [&](const JsonValue& root) { c(root).integer(1, 5); }) ==
        "a.b[1].c must be a whole number from 1 to 5, not \"long\"");
  CHECK(said_of(text, [&](const JsonValue& root) { c(root).printable(1, 3); }) ==
        "a.b[1].c must be a string of 1 to 3 bytes without control characters, not \"long\"");
  CHECK(said_of(text, [&](const JsonValue& root) { (void)root["a"]["d"]; }) == "a.d is missing");
  CHECK(said_of(text, [&](const JsonValue& root) { root["a"].text(); }) ==
        "a must be a string, not an object");
  CHECK(said_of(text, [&](const JsonValue& root) { root["a"]["b"].items(3, 3); }) ==
        "a.b must be an array of 3, not an array of 2");
  CHECK(said_of("[]", [&](const JsonValue& root) { (void)root["a"]; }) ==
        "the document must be an object, not an array of 0");
}

TEST_CASE("numbers outside of their limits, and what is none, are refused", "[json]") {
  for (const char* bad : {"-1", "1.0", "6", "18446744073709551616", "true", "\"1\"", "null", "[1]"}) {
    CAPTURE(bad);
    CHECK_FALSE(said_of(bad, [](const JsonValue& root) { root.integer(0, 5); }).empty());
  }
  for (const char* bad : {"-0.1", "1.1", "\"1\"", "null"}) {
    CAPTURE(bad);
    CHECK_FALSE(said_of(bad, [](const JsonValue& root) { root.number(0, 1); }).empty());
  }
  for (const char* bad : {"1.5", "9223372036854775808", "\"1\""}) {
    CAPTURE(bad);
    CHECK_FALSE(said_of(bad, [](const JsonValue& root) { root.milliseconds(); }).empty());
  }
  std::array<std::uint8_t, 2> bytes{};
  for (const char* bad : {"\"00f\"", "\"00FF\"", "\"00ff0\"", "\"zzzz\"", "1"}) {
    CAPTURE(bad);
    CHECK_FALSE(said_of(bad, [&](const JsonValue& root) { root.bytes(bytes); }).empty());
  }
}

TEST_CASE("a document that is no JSON, too deep or of too large numbers is refused", "[json]") {
  const Read all = [](const JsonValue&) {};
  CHECK(said_of("", all) == "it is not JSON (at byte 1)");
  CHECK(said_of("{\"a\":}", all) == "it is not JSON (at byte 6)");
  CHECK(said_of("\"\xff\"", all) == "it is not JSON (at byte 2)");
  CHECK(said_of("1e999", all) == "it holds a number that is too large");
  CHECK(said_of(std::string(32, '[') + std::string(32, ']'), all).empty());
  CHECK(said_of(std::string(34, '[') + std::string(34, ']'), all) == "it is nested deeper than 32");
  CHECK(said_of(std::string(100'000, '['), all) == "it is nested deeper than 32");
}

TEST_CASE("values are not shown unless that is asked for", "[json]") {
  JsonDocument::Rules rules = kShown;
  rules.shows_values = false;
  rules.is_secret = true;
  CHECK(said_of(R"({"key":"5ec2e7"})", [](const JsonValue& root) { root["key"].flag(); }, rules) ==
        "key must be true or false");
}

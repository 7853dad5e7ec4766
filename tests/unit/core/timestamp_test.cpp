// SPDX-License-Identifier: MIT
#include "facesearch/core/timestamp.hpp"

#include <ctime>
#include <random>
#include <string>

#include "catch.hpp"

using facesearch::parse_rfc3339;
using facesearch::rfc3339;

TEST_CASE("times are written as RFC 3339 in UTC", "[timestamp]") {
  CHECK(rfc3339(0) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339(1'700'000'000'123) == "2023-11-14T22:13:20.123Z");
  CHECK(rfc3339(-1) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("what is written reads back, and agrees with the C library", "[timestamp]") {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<facesearch::Timestamp> any(0, 4'102'444'800'000);
  for (int i = 0; i < 2000; ++i) {
    const auto time = any(random);
    REQUIRE(parse_rfc3339(rfc3339(time)) == time);
    const std::time_t seconds = time / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    REQUIRE(rfc3339(time).substr(0, 19) == text);
  }
}

TEST_CASE("days, offsets and fractions are read, everything else refused", "[timestamp]") {
  CHECK(parse_rfc3339("2023-11-14") == 1'699'920'000'000);
  CHECK(parse_rfc3339("2023-11-14T23:13:20+01:00") == 1'700'000'000'000);
  CHECK(parse_rfc3339("2023-11-14T22:13:20.5Z") == 1'700'000'000'500);
  CHECK(parse_rfc3339("2023-11-14T22:13:20.1239999999Z") == 1'700'000'000'123);
  CHECK(parse_rfc3339("2023-11-14T21:43:20-00:30") == 1'700'000'000'000);
  CHECK(parse_rfc3339("2024-02-29").has_value());
  for (const std::string bad : {"",
                                "tomorrow",
                                "2023-02-29",
                                "2023-13-01",
                                "2023-11-14T",
                                "2023-11-14T25:00:00Z",
                                "2023-11-14T22:13:20",
                                "2023-11-14T22:13:20.Z",
                                "2023-11-14T22:13:20Zx",
                                "23-11-14",
                                "2023-11-14 22:13:20Z",
                                "2023-11-14T22:60:00Z",
                                "2023-11-14T22:13:20+24:00",
                                "2023-11-14T22:13:60Z",
                                "2023-11-14T22:13:20+01",
                                "2023-11-14T22:13:20.5",
                                "2023-1-14",
                                " 2023-11-14",
                                "2023-11-14T22:13:20z",
                                "2023-11-14Z",
                                "-023-11-14",
                                "2023-11-1\u0664"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_rfc3339(bad));
  }
}

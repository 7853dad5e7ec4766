// SPDX-License-Identifier: MIT
#include "facesearch/core/uuid.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>

#include "catch.hpp"
#include "facesearch/core/timestamp.hpp"

using facesearch::Uuid;

TEST_CASE("a made UUID is version 7 of the present moment and reads back", "[uuid]") {
  const auto before = facesearch::now();
  const Uuid uuid = Uuid::make();
  const auto after = facesearch::now();
  const std::string text = uuid.text();
  REQUIRE(text.size() == 36);
  CHECK(text[14] == '7');
  CHECK(std::string("89ab").find(text[19]) != std::string::npos);
  CHECK(Uuid::parse(text) == uuid);
  std::int64_t milliseconds = 0;
  for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | uuid.bytes[i];
  CHECK(milliseconds >= before);
  CHECK(milliseconds <= after);
}

TEST_CASE("a thousand UUIDs differ", "[uuid]") {
  std::set<Uuid> all;
  for (int i = 0; i < 1000; ++i) all.insert(Uuid::make());
  CHECK(all.size() == 1000);
}

// A process that forks shares its memory, so random bytes held in store would be used twice.
TEST_CASE("a forked process makes other UUIDs than its parent", "[uuid]") {
  Uuid::make();
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const Uuid uuid = Uuid::make();
    ::_exit(::write(ends[1], uuid.bytes.data(), uuid.bytes.size()) == 16 ? 0 : 1);
  }
  const Uuid mine = Uuid::make();
  Uuid theirs;
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  REQUIRE(::read(ends[0], theirs.bytes.data(), theirs.bytes.size()) == 16);
  ::close(ends[0]);
  ::close(ends[1]);
  // The first 6 bytes are the time.
  CHECK_FALSE(std::equal(mine.bytes.begin() + 6, mine.bytes.end(), theirs.bytes.begin() + 6));
}

TEST_CASE("only the 36-character form is a UUID", "[uuid]") {
  const std::string good = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
  REQUIRE(Uuid::parse(good));
  CHECK(Uuid::parse("0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B") == Uuid::parse(good));
  CHECK_FALSE(Uuid::parse(""));
  CHECK_FALSE(Uuid::parse("0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"));
  CHECK_FALSE(Uuid::parse(good + " "));
  CHECK_FALSE(Uuid::parse("{" + good.substr(1)));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = 'g';
    CHECK_FALSE(Uuid::parse(bad));
  }
}

// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "facesearch/store/format/high_water_mark.hpp"
#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::storage;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

Mark some_mark() {
  return {Uuid::make(), 3, 1ULL << 40, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, false};
}

mode_t rights_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a mark is read as it was written last", "[keys]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "key.marks" / "mark";
  CHECK_FALSE(read_mark(file));
  const mode_t before = ::umask(0);
  const Mark first = some_mark();
  CHECK(write_mark(file, first));
  ::umask(before);
  CHECK(read_mark(file) == first);
  CHECK(rights_of(file) == 0600);
  CHECK(rights_of(file.parent_path()) == 0700);
  // Change by change.
  Mark last = first;
  for (int i = 0; i < 5; ++i) {
    ++last.version;
    last.tag[0] = static_cast<std::uint8_t>(i);
    CHECK(write_mark(file, last));
    CHECK(read_mark(file) == last);
  }
  last.deleted = true;
  CHECK(write_mark(file, last));
  CHECK(read_mark(file) == last);
  const Mark made_again{Uuid::make(), last.side + 1, 1, {}, false};
  CHECK(write_mark(file, made_again));
  CHECK(read_mark(file) == made_again);
  CHECK(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator()) == 1);
}

TEST_CASE("a mark never goes down", "[keys]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "mark";
  const Mark mark = some_mark();
  REQUIRE(write_mark(file, mark));
  Mark before = mark;
  --before.version;
  CHECK(write_mark(file, before));
  CHECK(read_mark(file) == mark);
  before = mark;
  --before.side;
  before.version += 5;
  CHECK(write_mark(file, before));
  CHECK(read_mark(file) == mark);
}

TEST_CASE("a first mark that never reached the disk is none", "[keys]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "mark";
  const Mark mark = some_mark();
  REQUIRE(write_mark(file, mark));
  const std::string whole = contents(file);
  CHECK(whole.size() == 128);  // as it was written before there were two slots
  // What is cut off counts as zeros: once in 256 sums the last byte is one, and nothing is missing without
  // it.
  const std::size_t last = whole.find_last_not_of('\0');
  for (std::size_t length = 0; length < whole.size(); ++length) {
    overwrite(file, whole.substr(0, length));
    CHECK(read_mark(file).has_value() == (length > last));
  }
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    overwrite(file, damaged);
    CHECK_FALSE(read_mark(file));
  }
  overwrite(file, std::string(5000, '\0'));
  CHECK_FALSE(read_mark(file));
  CHECK(write_mark(file, mark));
  CHECK(read_mark(file) == mark);
}

// The power fails while a mark is written: of the slot any part is new, the rest is old, zeros or not there.
TEST_CASE("a torn mark leaves the one before it", "[keys]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "mark";
  std::vector<Mark> marks{some_mark()};
  for (int i = 0; i < 3; ++i) {
    marks.push_back(marks.back());
    ++marks.back().version;
    marks.back().tag[3] = static_cast<std::uint8_t>(100 + i);
  }
  REQUIRE(write_mark(file, marks[0]));
  for (std::size_t next = 1; next < marks.size(); ++next) {
    std::string before = contents(file);
    REQUIRE(write_mark(file, marks[next]));
    const std::string after = contents(file);
    before.resize(after.size());  // what a file grows by is zeros
    const auto first =
        static_cast<std::size_t>(std::distance(before.begin(), std::ranges::mismatch(before, after).in1));
    std::size_t end = after.size();
    while (end > first && before[end - 1] == after[end - 1]) --end;
    REQUIRE(end > first);
    for (std::size_t cut = first; cut < end; ++cut) {
      CAPTURE(next, cut);
      overwrite(file, after.substr(0, cut) + before.substr(cut));
      CHECK(read_mark(file) == marks[next - 1]);
      // And goes on from there.
      CHECK(write_mark(file, marks[next]));
      CHECK(read_mark(file) == marks[next]);
    }
    overwrite(file, after);
  }
}

TEST_CASE("a mark whose slots are both damaged is told", "[keys]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "mark";
  Mark mark = some_mark();
  REQUIRE(write_mark(file, mark));
  ++mark.version;
  REQUIRE(write_mark(file, mark));
  std::string damaged = contents(file);
  damaged[20] ^= 1;
  damaged[4096 + 20] ^= 1;
  overwrite(file, damaged);
  const Error error = error_of([&] { read_mark(file); });
  CHECK(error.cause() == Cause::kStoreDamaged);
  CHECK(error.reason() == "MARK_INVALID");
  CHECK_THAT(error.detail(), Catch::Contains(file.string()));
  CHECK(write_mark(file, mark));
  CHECK(read_mark(file) == mark);
}

TEST_CASE("a mark that cannot be written is no error", "[keys]") {
  const TemporaryFolder folder;
  overwrite(folder.path() / "file", "");
  CHECK_FALSE(write_mark(folder.path() / "file" / "mark", some_mark()));
  CHECK_FALSE(write_mark(folder.path(), some_mark()));
  CHECK_FALSE(read_mark(folder.path() / "file" / "mark"));
}

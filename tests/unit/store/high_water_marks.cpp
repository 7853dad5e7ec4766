// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <fstream>

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
  Mark second = some_mark();
  second.deleted = true;
  const auto size = fs::file_size(file);
  CHECK(write_mark(file, second));
  CHECK(read_mark(file) == second);
  CHECK(fs::file_size(file) == size);
}

TEST_CASE("a mark that is torn or damaged is none", "[keys]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "mark";
  const Mark mark = some_mark();
  REQUIRE(write_mark(file, mark));
  const std::string whole = contents(file);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    overwrite(file, whole.substr(0, length));
    CHECK_FALSE(read_mark(file));
  }
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    overwrite(file, damaged);
    CHECK_FALSE(read_mark(file));
  }
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

// SPDX-License-Identifier: MIT
#include "facesearch/watch/watch_memory.hpp"

#include "app/folder.hpp"
#include "catch.hpp"

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;
using app::FileStamp;
using app::WatchMemory;

FileStamp stamp(std::uint64_t number) {
  return {number, 10 + number, 1'700'000'000'000'000'000};
}

std::size_t lines_of(const fs::path& file) {
  const std::string text = contents(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a memory knows a file as what it was", "[watch]") {
  WatchMemory memory;
  memory.add({{"/a", stamp(1)}, {"/b", stamp(2)}});
  CHECK(memory.has("/a", stamp(1)));
  CHECK_FALSE(memory.has("/a", stamp(2)));
  CHECK_FALSE(memory.has("/c", stamp(1)));
  for (const auto change : {&FileStamp::inode, &FileStamp::size}) {
    FileStamp other = stamp(1);
    ++(other.*change);
    CHECK_FALSE(memory.has("/a", other));
  }
  FileStamp later = stamp(1);
  ++later.modified_ns;
  CHECK_FALSE(memory.has("/a", later));
  memory.add({{"/a", later}});
  CHECK(memory.has("/a", later));
  CHECK(memory.size() == 2);
  memory.forget("/a");
  CHECK_FALSE(memory.has("/a", later));
  memory.begin_round();
  memory.add({{"/c", stamp(3)}, {"/d", stamp(4)}});
  CHECK(memory.has("/b", stamp(2)));
  memory.end_round();
  CHECK(memory.size() == 3);
  memory.begin_round();
  CHECK_FALSE(memory.has("/d", stamp(5)));  // there, and another one
  memory.end_round();
  CHECK(memory.size() == 1);
}

TEST_CASE("a state goes on where it was, whole or torn", "[watch]") {
  const Folder folder;
  const fs::path file = folder / "state";
  {
    WatchMemory memory(file, "mine");
    memory.add({{"/Ada.jpg", stamp(1)}, {"/b", stamp(2)}});
    memory.add({{"/b", stamp(3)}});
  }
  CHECK((fs::status(file).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  const std::string whole = contents(file);
  CHECK(whole.find("Ada") == std::string::npos);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    write_file(file, whole.substr(0, size));
    WatchMemory memory(file, "mine");
    const bool first = memory.has("/Ada.jpg", stamp(1));
    CHECK((memory.has("/b", stamp(3)) || size < whole.size()));
    CHECK((first || size < 60 + 65));
    memory.add({{"/c", stamp(4)}});
    memory.begin_round();
    (void)memory.has("/c", stamp(4));
    memory.end_round();
    CHECK(memory.size() == 1);
    memory.add({{"/d", stamp(5)}});
    CHECK(lines_of(file) == 3);
  }
  WatchMemory memory(file, "mine");
  CHECK(memory.has("/c", stamp(4)));
  CHECK(memory.has("/d", stamp(5)));
  CHECK(memory.size() == 2);
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a state does not grow with what came and went", "[watch]") {
  const Folder folder;
  const fs::path file = folder / "state";
  WatchMemory memory(file, "mine");
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    memory.add({{"/a", stamp(i)}});
    REQUIRE(fs::file_size(file) < 65 * 4200);
  }
  CHECK(memory.has("/a", stamp(19'999)));
}

TEST_CASE("a state belongs to one watch", "[watch]") {
  const Folder folder;
  const fs::path file = folder / "state";
  {
    WatchMemory memory(file, "mine");
    CHECK(reason_of([&] { WatchMemory(file, "mine"); }) == "STATE_IN_USE");
    memory.begin_round();
    memory.add({{"/a", stamp(1)}});
    memory.add({{"/a", stamp(2)}});
    memory.end_round();  // writes it anew
    CHECK(reason_of([&] { WatchMemory(file, "mine"); }) == "STATE_IN_USE");
  }
  CHECK(reason_of([&] { WatchMemory(file, "yours"); }) == "STATE_OF_OTHER_WATCH");
  CHECK(reason_of([&] { WatchMemory(file, "mine"); }).empty());
  write_file(folder / "picture", "a picture");
  CHECK(reason_of([&] { WatchMemory(folder / "picture", "mine"); }) == "STATE_INVALID");
  CHECK(contents(folder / "picture") == "a picture");
  CHECK_FALSE(reason_of([&] { WatchMemory(folder / "none/state", "mine"); }).empty());
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
#include "facesearch/inputs/folder_walk.hpp"

#include <string>
#include <vector>

#include "app/folder.hpp"
#include "catch.hpp"

namespace fs = std::filesystem;
using namespace facesearch::app;
using facesearch::test::Folder;
using facesearch::test::write_file;

namespace {

struct Seen {
  std::vector<std::string> files;  // below the folder
  PassedOver passed_over{};

  std::uint64_t passed(const std::string& reason, const std::string& ending = "") const {
    const auto counts = passed_over.by_reason();
    const auto found = counts.find({reason, ending});
    return found == counts.end() ? 0 : found->second;
  }
};

Seen walked(const Folder& folder, const InputRules& rules = {}) {
  Seen seen;
  FolderWalk walk(folder.path(), rules);
  while (const auto found = walk.next()) {
    CHECK(!found->fault);
    seen.files.push_back(found->file.lexically_relative(folder.path()).string());
  }
  seen.passed_over = walk.passed_over();
  return seen;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("pictures are told by their extensions, in any case, and the rest is counted", "[walk]") {
  const Folder folder;
  for (const char* name : {"b.JPG", "a.jpeg", "c.jfif", "d.jpe", "e.png", "f.WebP", "g.heic", "h.txt", "i",
                           ".j.jpg", "Thumbs.db"}) {
    write_file(folder / name, "");
  }
  const Seen seen = walked(folder);
  CHECK(seen.files == Names{"a.jpeg", "b.JPG", "c.jfif", "d.jpe", "e.png", "f.WebP", "g.heic"});
  CHECK(seen.passed("NOT_A_PICTURE", ".txt") == 1);
  CHECK(seen.passed("NOT_A_PICTURE", ".db") == 1);
  CHECK(seen.passed("NOT_A_PICTURE") == 1);
  CHECK(seen.passed("HIDDEN") == 1);
  CHECK(seen.passed_over.total() == 4);
  CHECK(walked(folder, {true, {}}).files.size() == 10);
}

TEST_CASE("what storage systems keep beside pictures is passed over", "[walk]") {
  const Folder folder;
  for (const char* kept :
       {"@eaDir", "#recycle", "@Recycle", "#snapshot", "$RECYCLE.BIN", "__MACOSX", ".thumbnails"}) {
    write_file(folder.path() / "Ada" / kept / "a.jpg" / "THUMB.jpg", "");
  }
  write_file(folder / "Ada/a.jpg", "");
  write_file(folder / "eaDir/a.jpg", "");
  const Seen seen = walked(folder);
  CHECK(seen.files == Names{"Ada/a.jpg", "eaDir/a.jpg"});
  CHECK(seen.passed("SYSTEM_FOLDER") == 6);
  CHECK(seen.passed("HIDDEN") == 1);
  CHECK(seen.passed_over.total() == 7);
}

TEST_CASE("globs exclude files and folders by name, or by path", "[walk]") {
  const Folder folder;
  for (const char* name : {"a/1.jpg", "a/small_1.jpg", "thumbs/1.jpg", "b/thumbs/2.jpg", "b/c/3.jpg"}) {
    write_file(folder / name, "");
  }
  CHECK(walked(folder, {false, {"thumbs", "small_*"}}).files == Names{"a/1.jpg", "b/c/3.jpg"});
  CHECK(walked(folder, {false, {"*/b/*"}}).files == Names{"a/1.jpg", "a/small_1.jpg", "thumbs/1.jpg"});
  CHECK(walked(folder, {true, {"*"}}).files.empty());
  CHECK(walked(folder, {false, {"[", "\\"}}).files.size() == 5);  // no glob at all
}

TEST_CASE("a link that leads nowhere is an input, one to a folder is not", "[walk]") {
  const Folder folder;
  write_file(folder / "real/1.jpg", "");
  fs::create_symlink("nowhere", folder / "a.jpg");
  fs::create_symlink("nowhere", folder / "a.txt");
  fs::create_symlink("b.jpg", folder / "b.jpg");  // to itself
  fs::create_directory_symlink("real", folder / "linked");
  fs::create_symlink("real/1.jpg", folder / "c.jpg");
  const Seen seen = walked(folder);
  CHECK(seen.files == Names{"a.jpg", "b.jpg", "c.jpg", "real/1.jpg"});
  CHECK(seen.passed("NOT_A_PICTURE", ".txt") == 1);
  CHECK(seen.passed("LINK_TO_FOLDER") == 1);
}

TEST_CASE("what a .facesearchignore leaves out is passed over, there and below", "[walk]") {
  const Folder folder;
  for (const char* name :
       {"a.jpg", "drafts/1.jpg", "2023/drafts/2.jpg", "2023/b.jpg", "2024/c.jpg", "2024/keep.jpg"}) {
    write_file(folder / name, "");
  }
  write_file(folder / ".facesearchignore", "# not these\r\ndrafts/\r\n/2024/*\r\n");
  Seen seen = walked(folder);
  CHECK(seen.files == Names{"2023/b.jpg", "a.jpg"});
  CHECK(seen.passed("IGNORED") == 4);
  CHECK(seen.passed_over.total() == 4);

  write_file(folder / "2024/.facesearchignore", "!keep.*");
  CHECK(walked(folder).files == Names{"2023/b.jpg", "2024/keep.jpg", "a.jpg"});
}

TEST_CASE("a .facesearchignore that is not valid takes nothing of its folder", "[walk]") {
  const Folder folder;
  write_file(folder / "a/1.jpg", "");
  write_file(folder / "b/2.jpg", "");
  const auto fault = [&] {
    FolderWalk walk(folder.path(), {});
    std::string said;
    std::string files;
    while (const auto found = walk.next()) {
      files += found->file.filename().string();
      if (found->fault) said = found->fault->reason() + ": " + std::string(found->fault->detail());
    }
    CHECK(files == "a2.jpg");
    return said;
  };
  write_file(folder / "a/.facesearchignore", "*.png\n[x\n");
  CHECK(fault() == "IGNORE_FILE_INVALID: the .facesearchignore of '" + (folder.path() / "a").string() +
                       "' has no pattern in line 2");
  write_file(folder / "a/.facesearchignore", std::string(65'537, 'x'));
  CHECK_THAT(fault(), Catch::Contains("has 65537 bytes, the limit is 65536"));
  fs::remove(folder / "a/.facesearchignore");
  fs::create_symlink("nowhere", folder / "a/.facesearchignore");
  CHECK_THAT(fault(), Catch::Contains("cannot be read: No such file"));
  fs::remove(folder / "a/.facesearchignore");
  fs::create_directory(folder / "a/.facesearchignore");
  CHECK_THAT(fault(), Catch::Contains("is no file"));
}

TEST_CASE("endings of what is passed over are counted apart, up to sixteen", "[walk]") {
  const Folder folder;
  for (int i = 0; i < 40; ++i) write_file(folder / ("a.x" + std::to_string(i)), "");
  write_file(folder / "b.a long ending", "");
  const Seen seen = walked(folder);
  CHECK(seen.passed_over.by_reason().size() == 17);
  CHECK(seen.passed_over.total() == 41);
  PassedOver twice = seen.passed_over;
  twice += seen.passed_over;
  CHECK(twice.total() == 82);
  CHECK(twice.by_reason().size() == 17);
}

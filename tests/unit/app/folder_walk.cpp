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
  std::uint64_t passed_over = 0;
};

Seen walked(const Folder& folder, const InputRules& rules = {}) {
  Seen seen;
  FolderWalk walk(folder.path(), rules);
  while (const auto found = walk.next()) {
    CHECK(found->fault.empty());
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
  CHECK(seen.files == Names{"a.jpeg", "b.JPG", "c.jfif", "d.jpe", "e.png", "f.WebP"});
  CHECK(seen.passed_over == 4);
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
  CHECK(seen.passed_over == 6);  // hidden folders are not counted
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
  CHECK(seen.passed_over == 1);
}

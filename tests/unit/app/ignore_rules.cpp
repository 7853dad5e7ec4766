// SPDX-License-Identifier: MIT
#include "facesearch/inputs/ignore_rules.hpp"

#include <string>

#include "app/folder.hpp"
#include "catch.hpp"

using facesearch::app::IgnoreRules;
using facesearch::test::reason_of;

namespace {

// Whether a line leaves out a path below the folder `p`.
bool leaves_out(const std::string& lines, const std::string& path, bool is_folder = false) {
  return IgnoreRules("p/", lines, nullptr).ignores("p/" + path, is_folder);
}

}  // namespace

TEST_CASE("a name is left out at any depth, a path from the folder of the file", "[ignore]") {
  CHECK(leaves_out("a.jpg", "a.jpg"));
  CHECK(leaves_out("a.jpg", "b/c/a.jpg"));
  CHECK_FALSE(leaves_out("a.jpg", "aa.jpg"));
  CHECK_FALSE(leaves_out("a.jpg", "a.jpg.png"));
  CHECK(leaves_out("/a.jpg", "a.jpg"));
  CHECK_FALSE(leaves_out("/a.jpg", "b/a.jpg"));
  CHECK(leaves_out("b/a.jpg", "b/a.jpg"));
  CHECK_FALSE(leaves_out("b/a.jpg", "c/b/a.jpg"));
  CHECK_FALSE(leaves_out("a.jpg", "a/jpg"));  // a point is no sign
  CHECK_FALSE(IgnoreRules("p/", "a.jpg", nullptr).ignores("q/a.jpg", false));
}

TEST_CASE("a star stays in a name, two stars cross folders", "[ignore]") {
  CHECK(leaves_out("thumb*", "x/thumb_1.jpg"));
  CHECK(leaves_out("/x/*.jpg", "x/1.jpg"));
  CHECK_FALSE(leaves_out("/x/*.jpg", "x/y/1.jpg"));
  CHECK(leaves_out("x/**/1.jpg", "x/1.jpg"));
  CHECK(leaves_out("x/**/1.jpg", "x/y/z/1.jpg"));
  CHECK_FALSE(leaves_out("x/**/1.jpg", "w/x/1.jpg"));
  CHECK(leaves_out("**/old", "a/b/old", true));
  CHECK(leaves_out("old/**", "old/a/b.jpg"));
  CHECK_FALSE(leaves_out("old/**", "old", true));
  CHECK(leaves_out("a**b", "aXXb"));
  CHECK_FALSE(leaves_out("a**b", "a/b"));
}

TEST_CASE("a question mark is one character, a class one of several", "[ignore]") {
  CHECK(leaves_out("Zo?.jpg", "Zoë.jpg"));
  CHECK(leaves_out("Zo?.jpg", "Zoe.jpg"));
  CHECK(leaves_out("Zo?.jpg", "Zo\xFF.jpg"));  // no UTF-8
  CHECK_FALSE(leaves_out("Zo?.jpg", "Zoee.jpg"));
  CHECK_FALSE(leaves_out("a?b", "a/b"));
  CHECK(leaves_out("[a-c]1.jpg", "b1.jpg"));
  CHECK_FALSE(leaves_out("[!a-c]1.jpg", "b1.jpg"));
  CHECK(leaves_out("[^a-c]1.jpg", "d1.jpg"));
  CHECK_FALSE(leaves_out("x[!a]1.jpg", "x/1.jpg"));
  CHECK(leaves_out("[]x]", "]"));
  CHECK_FALSE(leaves_out("a[+-9]b", "a/b"));
  CHECK(leaves_out("a[+-9]b", "a0b"));
  CHECK_FALSE(leaves_out("x[/]1", "x/1"));
  CHECK(leaves_out("[[:digit:]_]*", "_a"));
  CHECK(leaves_out("[[:digit:]_]*", "7a"));
  CHECK(leaves_out("[\\]]", "]"));
  CHECK(leaves_out("[.+]", "+"));
  CHECK_FALSE(leaves_out("[.+]", "a"));
}

TEST_CASE("the last line that matches decides, and a slash at the end means folders", "[ignore]") {
  CHECK_FALSE(leaves_out("*\n!keep.jpg", "keep.jpg"));
  CHECK(leaves_out("!keep.jpg\n*", "keep.jpg"));
  CHECK(leaves_out("old/", "a/old", true));
  CHECK_FALSE(leaves_out("old/", "a/old", false));
  CHECK_FALSE(leaves_out("# *\n\n   \n", "a"));
  CHECK(leaves_out("\\#1.jpg", "#1.jpg"));
  CHECK(leaves_out("\\!1.jpg", "!1.jpg"));
  CHECK(leaves_out("a \r\n", "a"));
  CHECK(leaves_out("a\\ \r\n", "a "));
  CHECK(
      leaves_out("\xEF\xBB\xBF"
                 "a",
                 "a"));
  CHECK(leaves_out("a\nb", "a"));
}

TEST_CASE("a nearer file counts before one above", "[ignore]") {
  const auto above = std::make_shared<const IgnoreRules>("p/", "*.jpg", nullptr);
  const IgnoreRules below("p/q/", "!a.jpg", above);
  CHECK_FALSE(below.ignores("p/q/a.jpg", false));
  CHECK(below.ignores("p/q/b.jpg", false));
  CHECK(below.ignores("p/a.jpg", false));
}

TEST_CASE("a line that is no pattern is refused with its number", "[ignore]") {
  for (const char* line : {"[", "a[b", "[[:none:]]", "/", "!", "[b-a]", "[é]", "[a-é]"}) {
    INFO(line);
    CHECK(reason_of([&] { leaves_out(std::string("ok\n") + line, "a"); }) == "IGNORE_FILE_INVALID");
  }
}

TEST_CASE("a file of too many patterns is refused", "[ignore]") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "a\n\n# b\n";
  CHECK(leaves_out(text, "a"));
  CHECK(reason_of([&] { leaves_out(text + "c", "a"); }) == "IGNORE_FILE_INVALID");
}

TEST_CASE("a tree of rules follows their files", "[ignore]") {
  const facesearch::test::Folder folder;
  facesearch::app::IgnoreTree tree(folder.path());
  CHECK_FALSE(tree.ignores(folder / "a/b.jpg", false));
  CHECK(tree.above(folder / "a/b.jpg") == nullptr);
  facesearch::test::write_file(folder / ".facesearchignore", "b.*");
  CHECK(tree.ignores(folder / "a/b.jpg", false));
  const auto rules = tree.above(folder / "a");
  CHECK(tree.above(folder / "a") == rules);  // compiled once
  facesearch::test::write_file(folder / "a/.facesearchignore", "!b.*");
  CHECK_FALSE(tree.ignores(folder / "a/b.jpg", false));
  CHECK(tree.ignores(folder / "b.jpg", false));
  facesearch::test::write_file(folder / ".facesearchignore", "a/");
  CHECK(tree.ignores(folder / "a/b.jpg", false));
  CHECK(tree.ignores(folder / "a", true));
  CHECK_FALSE(tree.ignores(folder / "a", false));
}

// fnmatch(3) takes longer than the age of the universe for this one.
TEST_CASE("a pattern of many stars takes linear time", "[ignore]") {
  std::string glob;
  for (int i = 0; i < 40; ++i) glob += "*a";
  CHECK_FALSE(leaves_out(glob + "b", std::string(4000, 'a')));
}

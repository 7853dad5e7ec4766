// SPDX-License-Identifier: MIT
#include "facesearch/watch/folder_watch.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "app/folder.hpp"
#include "catch.hpp"

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using app::FolderWatch;
using app::WatchMemory;
using Clock = std::chrono::steady_clock;
using Names = std::vector<std::string>;

constexpr auto kQuiet = 250ms;  // in which nothing more is expected

// A folder that is watched, as far as a test wants to wait.
class Watched {
 public:
  explicit Watched(const fs::path& folder, WatchMemory& memory, bool all_files = false)
      : folder_(folder), watch(folder, facesearch::app::InputRules{all_files, {}}, memory, [this] {
          return Clock::now() > end_;
        }) {}

  // The name of the next file, which stays under way; empty if none comes.
  std::string next(Clock::duration wait = kQuiet) {
    end_ = Clock::now() + wait;
    const auto found = watch.next();
    return found ? found->file.lexically_relative(folder_).string() : "";
  }

  // All that come till none does, each answered at once; sorted.
  Names all(Clock::duration wait = kQuiet) {
    Names names;
    for (std::string name = next(wait); !name.empty(); name = next(wait)) {
      names.push_back(name);
      answered(name);
    }
    std::ranges::sort(names);
    return names;
  }

  void answered(const std::string& name) { watch.answered({(folder_ / name).string()}); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

 private:
  fs::path folder_;
  Clock::time_point end_{};

 public:
  FolderWatch watch;
};

std::size_t system_limit(const std::string& name) {
  std::size_t limit = 0;
  std::ifstream("/proc/sys/fs/inotify/" + name) >> limit;
  return limit;
}

}  // namespace

TEST_CASE("a watch gives what is there, by the rules of a folder", "[watch]") {
  const Folder folder;
  for (const char* name : {"a.jpg", "b.PNG", "c.txt", ".d.jpg", "e/f.webp", ".g/h.jpg", "e/i/j.jpeg"}) {
    write_file(folder / name);
  }
  fs::create_directory_symlink(folder / "e", folder / "k");
  fs::create_symlink(folder / "a.jpg", folder / "l.jpg");
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  CHECK(watched.all() == Names{"a.jpg", "b.PNG", "e/f.webp", "e/i/j.jpeg", "l.jpg"});
  CHECK(watched.watch.passed_over().by_reason().at({"NOT_A_PICTURE", ".txt"}) == 1);
  WatchMemory other;
  CHECK(Watched(folder.path().string() + "//", other, true).all().size() == 6);
}

TEST_CASE("a watch gives what comes, however it comes", "[watch]") {
  const Folder folder;
  const Folder elsewhere;
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  CHECK(watched.all().empty());

  write_file(folder / "written.jpg");
  CHECK(watched.all() == Names{"written.jpg"});
  write_file(folder / ".part");
  fs::rename(folder / ".part", folder / "renamed.jpg");
  CHECK(watched.all() == Names{"renamed.jpg"});
  write_file(elsewhere / "moved.jpg");
  fs::rename(elsewhere / "moved.jpg", folder / "moved.jpg");
  CHECK(watched.all() == Names{"moved.jpg"});
  write_file(elsewhere / "linked.jpg");
  fs::create_hard_link(elsewhere / "linked.jpg", folder / "linked.jpg");
  fs::create_symlink(elsewhere / "linked.jpg", folder / "pointed.jpg");
  CHECK(watched.all() == Names{"linked.jpg", "pointed.jpg"});
  fs::create_hard_link(elsewhere / "linked.jpg", folder / "alone.jpg");
  fs::remove(elsewhere / "linked.jpg");
  CHECK(watched.all() == Names{"alone.jpg"});

  write_file(folder / "new/deeper/still/1.jpg");
  write_file(folder / "new/2.jpg");
  CHECK(watched.all() == Names{"new/2.jpg", "new/deeper/still/1.jpg"});
  write_file(folder / "new/deeper/still/3.jpg");
  CHECK(watched.all() == Names{"new/deeper/still/3.jpg"});
  write_file(elsewhere / "in/4.jpg");
  write_file(elsewhere / "in/below/5.jpg");
  fs::rename(elsewhere / "in", folder / "in");
  CHECK(watched.all() == Names{"in/4.jpg", "in/below/5.jpg"});
  write_file(folder / "in/below/6.jpg");
  write_file(folder / "in/below/not.txt");
  write_file(folder / ".hidden/7.jpg");
  CHECK(watched.all() == Names{"in/below/6.jpg"});
  CHECK(watched.watch.passed_over().by_reason().at({"NOT_A_PICTURE", ".txt"}) == 1);
}

TEST_CASE("a watch leaves out what a .facesearchignore says", "[watch]") {
  const Folder folder;
  write_file(folder / ".facesearchignore", "drafts/\n");
  write_file(folder / "drafts/1.jpg");
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  CHECK(watched.all().empty());
  write_file(folder / "drafts/2.jpg");
  write_file(folder / "a/drafts/3.jpg");
  write_file(folder / "a/4.jpg");
  CHECK(watched.all() == Names{"a/4.jpg"});
  write_file(folder / "a/.facesearchignore", "5.*\n");
  write_file(folder / "a/5.jpg");
  write_file(folder / "a/6.jpg");
  write_file(folder / "a/b/5.jpg");
  CHECK(watched.all() == Names{"a/6.jpg"});
  CHECK(watched.watch.passed_over().by_reason().at({"IGNORED", ""}) >= 3);
  write_file(folder / ".facesearchignore", "");
  CHECK(watched.all() == Names{"a/drafts/3.jpg", "drafts/1.jpg", "drafts/2.jpg"});
}

TEST_CASE("a watch takes what a .facesearchignore left out, once that is gone or mended", "[watch]") {
  const Folder folder;
  write_file(folder / ".facesearchignore", "sub/\n");
  write_file(folder / "sub/1.jpg");
  WatchMemory memory;
  Watched watched(folder.path(), memory, true);
  CHECK(watched.all().empty());
  fs::remove(folder / ".facesearchignore");
  CHECK(watched.all() == Names{"sub/1.jpg"});
  write_file(folder / "sub/2.jpg");
  CHECK(watched.all() == Names{"sub/2.jpg"});
  write_file(folder / ".facesearchignore", "[");
  CHECK(watched.all().size() == 1);  // the folder, once
  write_file(folder / "3.jpg");
  write_file(folder / "sub/4.jpg");
  CHECK(watched.all().empty());
  fs::remove(folder / ".facesearchignore");
  CHECK(watched.all() == Names{"3.jpg", "sub/4.jpg"});
}

TEST_CASE("a watch says once that a .facesearchignore is not valid, and goes on", "[watch]") {
  const Folder folder;
  write_file(folder / "a/.facesearchignore", "[");
  write_file(folder / "a/1.jpg");
  write_file(folder / "b/2.jpg");
  WatchMemory memory;
  Watched watched(folder.path(), memory, true);
  const Names first = watched.all();
  CHECK(first.size() == 2);
  write_file(folder / "a/3.jpg");
  write_file(folder / "b/4.jpg");
  CHECK(watched.all() == Names{"b/4.jpg"});
  // What came meanwhile is taken then.
  write_file(folder / "a/.facesearchignore", "# mended");
  write_file(folder / "a/5.jpg");
  CHECK(watched.all() == Names{"a/1.jpg", "a/3.jpg", "a/5.jpg"});
}

TEST_CASE("a watch waits for who still writes", "[watch]") {
  const Folder folder;
  std::ofstream before(folder / "before.jpg");
  before << "half" << std::flush;
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  std::ofstream after(folder / "after.jpg");
  after << "half" << std::flush;
  CHECK(watched.all(FolderWatch::kSettle + 1s).empty());
  before.close();
  CHECK(watched.next(1s) == "before.jpg");
  after << "whole" << std::flush;
  CHECK(watched.next().empty());
  after.close();
  CHECK(watched.next(1s) == "after.jpg");
  // Whoever makes a file may open it later.
  std::ofstream(folder / "empty.jpg").close();
  CHECK(watched.next().empty());
  CHECK(watched.next(FolderWatch::kSettle) == "empty.jpg");
}

TEST_CASE("a watch gives a file again when it was written again, and only then", "[watch]") {
  const Folder folder;
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  write_file(folder / "a.jpg", "one");
  CHECK(watched.next() == "a.jpg");
  // While it is under way it is given to nobody.
  write_file(folder / "a.jpg", "two");
  write_file(folder / "a.jpg", "three");
  CHECK_FALSE(watched.watch.unchanged(watched.file("a.jpg")));
  CHECK(watched.next().empty());
  watched.answered("a.jpg");
  CHECK(watched.all() == Names{"a.jpg"});
  std::ofstream(folder / "a.jpg", std::ios::app).close();
  fs::permissions(folder / "a.jpg", fs::perms::owner_all);
  CHECK(watched.all().empty());
  write_file(folder / ".b", "three");
  fs::rename(folder / ".b", folder / "a.jpg");
  CHECK(watched.all() == Names{"a.jpg"});
  fs::rename(folder / "a.jpg", folder / "c.jpg");
  CHECK(watched.all() == Names{"c.jpg"});
  CHECK(memory.size() == 1);
}

TEST_CASE("what goes away before it is given is not given, and is forgotten", "[watch]") {
  const Folder folder;
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg"}) write_file(folder / name);
  fs::remove(folder / "b.jpg");
  CHECK(watched.next() == "a.jpg");
  fs::remove(folder / "a.jpg");
  CHECK(watched.next() == "c.jpg");
  fs::remove(folder / "c.jpg");
  CHECK(watched.next().empty());
  watched.answered("a.jpg");
  watched.watch.gone(watched.file("c.jpg"));
  CHECK(watched.next().empty());
  CHECK(memory.size() == 0);
  write_file(folder / "a.jpg");
  CHECK(watched.all() == Names{"a.jpg"});
  write_file(folder / "d/e.jpg");
  CHECK(watched.all() == Names{"d/e.jpg"});
  fs::remove_all(folder / "d");
  write_file(folder / "d/e.jpg");
  CHECK(watched.all() == Names{"d/e.jpg"});
}

TEST_CASE("what could not be answered comes again", "[watch]") {
  const Folder folder;
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  write_file(folder / "a.jpg");
  CHECK(watched.next() == "a.jpg");
  watched.watch.again(watched.file("a.jpg"));
  CHECK(watched.next().empty());
  CHECK(watched.next(FolderWatch::kRetry) == "a.jpg");
  write_file(folder / "a.jpg", "changed");
  CHECK(watched.next().empty());
  watched.watch.again(watched.file("a.jpg"));
  CHECK(watched.all() == Names{"a.jpg"});
}

TEST_CASE("a watch follows folders that move", "[watch]") {
  const Folder folder;
  const Folder elsewhere;
  write_file(folder / "a/b/1.jpg");
  write_file(folder / "ab/2.jpg");
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  CHECK(watched.all().size() == 2);
  fs::rename(folder / "a", folder / "c");
  CHECK(watched.all() == Names{"c/b/1.jpg"});
  write_file(folder / "c/b/3.jpg");
  write_file(folder / "ab/4.jpg");
  CHECK(watched.all() == Names{"ab/4.jpg", "c/b/3.jpg"});
  fs::rename(folder / "c", elsewhere / "c");
  write_file(elsewhere / "c/b/5.jpg");
  write_file(folder / "c/b/6.jpg");
  CHECK(watched.all() == Names{"c/b/6.jpg"});
  CHECK(memory.size() == 3);
}

TEST_CASE("a watch loses nothing in a burst, nor when events are lost", "[watch]") {
  const Folder folder;
  fs::create_directory(folder / "sub");
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  CHECK(watched.all().empty());
  constexpr int kFiles = 3000;
  for (int i = 0; i < kFiles; ++i)
    write_file(folder / ((i % 2 == 0 ? "" : "sub/") + std::to_string(i) + ".jpg"));
  CHECK(watched.all().size() == kFiles);

  const std::size_t most = system_limit("max_queued_events");
  if (most == 0 || most > 200'000) return;
  write_file(folder / ".a");
  for (std::size_t i = 0; i < most / 2 + 10; ++i) {
    fs::rename(folder / (i % 2 == 0 ? ".a" : ".b"), folder / (i % 2 == 0 ? ".b" : ".a"));
  }
  // Nobody is told of these.
  write_file(folder / "late.jpg");
  write_file(folder / "other/late.jpg");
  fs::rename(folder / "sub", folder / "moved");
  fs::remove(folder / "0.jpg");
  CHECK(watched.all(1s).size() == 2 + kFiles / 2);
  CHECK(memory.size() == kFiles + 1);
  write_file(folder / "moved/more.jpg");
  CHECK(watched.all() == Names{"moved/more.jpg"});
}

TEST_CASE("a watch ends when its folder is gone", "[watch]") {
  for (const bool moved : {false, true}) {
    const Folder folder;
    fs::create_directory(folder / "watched");
    WatchMemory memory;
    Watched watched(folder / "watched", memory);
    if (moved) {
      fs::rename(folder / "watched", folder / "other");
    } else {
      fs::remove(folder / "watched");
    }
    CHECK(reason_of([&] { watched.next(1s); }) == "FOLDER_GONE");
  }
  // Under a folder that moves nobody tells; the next file does.
  const Folder folder;
  fs::create_directories(folder / "a/watched");
  WatchMemory memory;
  Watched watched(folder / "a/watched", memory);
  CHECK(watched.next().empty());
  fs::rename(folder / "a", folder / "b");
  write_file(folder / "b/watched/1.jpg");
  CHECK(reason_of([&] { watched.next(1s); }) == "FOLDER_GONE");
}

TEST_CASE("what cannot be watched is refused", "[watch]") {
  const Folder folder;
  write_file(folder / "file");
  WatchMemory memory;
  const auto refusal = [&](const fs::path& path) {
    return reason_of([&] { FolderWatch(path, {}, memory, [] { return true; }); });
  };
  CHECK(refusal(folder / "missing") == "FILE_NOT_FOUND");
  CHECK(refusal(folder / "file") == "NOT_A_FOLDER");
  fs::create_directory_symlink(folder.path(), folder / "link");
  CHECK(refusal(folder / "link").empty());
}

TEST_CASE("whatever happens in a folder, each file is given as it is in the end, and nothing twice",
          "[watch]") {
  const Folder folder;
  const Folder elsewhere;
  WatchMemory memory;
  Watched watched(folder.path(), memory);
  std::jthread others([&] {
    std::minstd_rand random(7);
    const auto any = [&](const char* end) {
      const auto number = random() % 60;
      return std::to_string(number % 4) + "/" + std::to_string(number % 3) + "/" + std::to_string(number) +
             end;
    };
    for (int i = 0; i < 4000; ++i) {
      std::error_code ignored;
      const std::string text = std::to_string(i);
      switch (random() % 8) {
        case 0:
          fs::remove(folder / any(".jpg"), ignored);
          break;
        case 1:
          fs::rename(folder / any(".jpg"), folder / any(".jpg"), ignored);
          break;
        case 2:
          fs::rename(folder / std::to_string(random() % 4), folder / std::to_string(random() % 4), ignored);
          break;
        case 3:
          fs::rename(folder / std::to_string(random() % 4), elsewhere / std::to_string(i), ignored);
          break;
        case 4:
          write_file(elsewhere / text, text);
          fs::create_hard_link(elsewhere / text, folder / any(".jpg"), ignored);
          break;
        default:
          write_file(folder / any(".jpg"), text);
      }
      if (i % 10 == 0) std::this_thread::sleep_for(1ms);
    }
  });
  std::map<std::string, std::string> given;
  std::size_t times = 0;
  for (std::string name = watched.next(3s); !name.empty(); name = watched.next(3s)) {
    const std::string text = contents(folder / name);
    if (watched.watch.unchanged(watched.file(name))) {
      given[name] = text;
      ++times;
      watched.answered(name);
    } else {
      watched.watch.again(watched.file(name));
    }
  }
  others.join();
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const std::string name = entry.path().lexically_relative(folder.path()).string();
    INFO(name);
    CHECK(given[name] == contents(entry.path()));
  }
  CHECK(files > 0);
  CHECK(times >= files);
  CHECK(memory.size() >= files);
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
#include "facesearch/core/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/core/uuid.hpp"
#include "support/fail_folder_sync.hpp"
#include "support/files.hpp"

// In the place of the C library's, for what this program itself calls.
extern "C" int fsync(int file) {
  if (facesearch::test::folder_sync_fails(file)) return -1;
  return static_cast<int>(::syscall(SYS_fsync, file));
}

using namespace facesearch;
using facesearch::test::contents;
using facesearch::test::FailFolderSync;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() { fs::create_directories(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }

  std::ptrdiff_t entries() const {
    return std::distance(fs::directory_iterator(path), fs::directory_iterator());
  }

  fs::path path = fs::temp_directory_path() / ("facesearch-" + Uuid::make().text());
};

std::optional<Error> error_from(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

mode_t rights_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a file is made or replaced whole, for its owner alone", "[atomic_file]") {
  const Folder folder;
  const fs::path file = folder.path / "key";
  const mode_t before = ::umask(GENERATE(0U, 0777U));
  replace_file(file, "first");
  ::umask(before);
  CHECK(contents(file) == "first");
  CHECK(rights_of(file) == 0600);
  fs::permissions(file, fs::perms::all);
  replace_file(file, "second and longer");
  CHECK(contents(file) == "second and longer");
  CHECK(rights_of(file) == 0600);
  CHECK(folder.entries() == 1);
  replace_file(file, folder.path / "aside", "third");
  CHECK(contents(file) == "third");
  CHECK(folder.entries() == 1);
}

TEST_CASE("what exists is not replaced where that is refused", "[atomic_file]") {
  const Folder folder;
  const fs::path file = folder.path / "key";
  make_file(file, "first");
  CHECK(error_from([&] { make_file(file, "second"); })->reason() == "FILE_EXISTS");
  CHECK(contents(file) == "first");
  fs::create_symlink("nowhere", folder.path / "link");
  CHECK(error_from([&] { make_file(folder.path / "link", "x"); })->reason() == "FILE_EXISTS");
  // Also where it comes while the file is written.
  AtomicFile late(folder.path / "late", AtomicFile::Existing::kRefuse);
  late.write("mine");
  std::ofstream(folder.path / "late") << "theirs";
  CHECK(error_from([&] { late.commit(); })->reason() == "FILE_EXISTS");
  CHECK(contents(folder.path / "late") == "theirs");
}

TEST_CASE("a file that is not committed leaves nothing", "[atomic_file]") {
  const Folder folder;
  const fs::path file = folder.path / "key";
  replace_file(file, "first");
  {
    AtomicFile given_up(file);
    given_up.write("second");
    CHECK(contents(file) == "first");
    CHECK(folder.entries() == 2);
  }
  CHECK(contents(file) == "first");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a file that does not fit on the disk leaves what was there", "[atomic_file]") {
  const Folder folder;
  const fs::path file = folder.path / "key";
  replace_file(file, "first");
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit three_bytes{3, 3};
    std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &three_bytes);
    const auto replaced = error_from([&] { replace_file(file, "a key"); });
    const auto made = error_from([&] { make_file(folder.path / "new", "a key"); });
    ::_exit(replaced && replaced->reason() == "NO_SPACE" && made && made->reason() == "NO_SPACE" ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(contents(file) == "first");
  CHECK(folder.entries() == 1);
}

TEST_CASE("what a killed process left is removed by the next, and what one still writes is not",
          "[atomic_file]") {
  const Folder folder;
  const fs::path file = folder.path / "key";
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile killed(file);
    killed.write("half a k");
    ::_exit(0);  // no destructor runs
  }
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(folder.entries() == 1);
  std::ofstream(folder.path / "key.tmp-notes") << "of somebody";
  AtomicFile working(file);
  working.write("of one who works");
  CHECK(folder.entries() == 2);
  replace_file(file, "mine");
  CHECK(fs::exists(working.temporary()));
  working.commit();
  CHECK(contents(file) == "of one who works");
  CHECK(fs::exists(folder.path / "key.tmp-notes"));
  CHECK(folder.entries() == 2);
}

TEST_CASE("a folder that cannot be synced after the rename: the file is in place, and the error says so",
          "[atomic_file]") {
  const Folder folder;
  const fs::path file = folder.path / "key";
  replace_file(file, "first");
  const FailFolderSync fail;
  CHECK_THROWS_AS(replace_file(file, "second"), NotDurable);
  CHECK(contents(file) == "second");
  CHECK(folder.entries() == 1);
  const auto error = error_from([&] { replace_file(file, "third"); });
  REQUIRE(error);
  CHECK(error->reason() == "IO_ERROR");
  CHECK(error->cause() == Cause::kFileSystem);
  CHECK_THAT(error->detail(), Catch::Contains(file.string() + " has changed"));
  fs::create_directories(folder.path / "b");
  CHECK_THROWS_AS(move_entry(file, folder.path / "b" / "key"), NotDurable);
  CHECK(contents(folder.path / "b" / "key") == "third");
}

TEST_CASE("a folder that cannot be synced: a file that was to be made is not there", "[atomic_file]") {
  const Folder folder;
  const FailFolderSync fail;
  const auto error = error_from([&] { make_file(folder.path / "key", "first"); });
  REQUIRE(error);
  CHECK(error->reason() == "IO_ERROR");
  CHECK(folder.entries() == 0);
}

TEST_CASE("a folder that cannot be opened stops a change before the rename", "[atomic_file]") {
  const Folder folder;
  const fs::path file = folder.path / "key";
  replace_file(file, "first");
  const rlimit before = [] {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit;
  }();
  // One descriptor is left: it opens the file to be written or the folder, not both.
  const int next = ::dup(0);
  ::close(next);
  const rlimit one{static_cast<rlim_t>(next) + 1, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &one);
  const auto replaced = error_from([&] { replace_file(file, "second"); });
  fs::path moved = folder.path / "moved";
  const auto renamed = error_from([&] { move_entry(file, moved); });
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(replaced);
  CHECK(replaced->reason() == "TOO_MANY_FILES");
  CHECK(contents(file) == "first");
  REQUIRE(renamed);
  CHECK(renamed->reason() == "TOO_MANY_FILES");
  CHECK_FALSE(fs::exists(moved));
  CHECK(folder.entries() == 1);
}

TEST_CASE("the committed file stays open and locked for who asks for it", "[atomic_file]") {
  const Folder folder;
  AtomicFile made(folder.path / "state");
  made.write("lines");
  made.commit();
  const FileDescriptor open = made.release();
  const FileDescriptor other(::open((folder.path / "state").c_str(), O_RDONLY | O_CLOEXEC));
  CHECK(::flock(other.get(), LOCK_EX | LOCK_NB) != 0);
  CHECK(contents(folder.path / "state") == "lines");
}

// SPDX-License-Identifier: MIT
#include "facesearch/options/key_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iterator>
#include <string>

#include "app/folder.hpp"
#include "catch.hpp"

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;
using app::write_key_file;

const std::string kKey = "fsk_" + std::string(64, '5');

std::string reason_of_writing(const fs::path& file) {
  return reason_of([&] { write_key_file(file, kKey); });
}

mode_t rights_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("an API key's file is for its owner alone, and never overwritten", "[key_file]") {
  const Folder folder;
  const fs::path file = folder.path() / "keys" / "new" / "key";
  const mode_t before = ::umask(0);
  CHECK(reason_of_writing(file).empty());
  ::umask(before);
  CHECK(fs::file_size(file) == kKey.size() + 1);
  CHECK(rights_of(file) == 0600);
  CHECK(rights_of(file.parent_path()) == 0700);
  CHECK(reason_of_writing(file) == "FILE_EXISTS");
  CHECK(reason_of_writing(file / "below") == "KEY_FILE");
}

TEST_CASE("an API key that does not fit on the disk leaves no half of it", "[key_file]") {
  const Folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit half{30, 30};
    std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &half);
    ::_exit(reason_of_writing(folder.path() / "key") == "NO_SPACE" ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(fs::is_empty(folder.path()));
}

// As a kill in the middle leaves it: the key's own name is not there before all of the key is.
TEST_CASE("a key's file has its name only once it is whole", "[key_file]") {
  const Folder folder;
  const fs::path file = folder.path() / "key";
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit half{30, 30};
    std::signal(SIGXFSZ, SIG_DFL);  // ends the process at the write that goes past the limit
    const rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::setrlimit(RLIMIT_FSIZE, &half);
    write_key_file(file, kKey);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK_FALSE(fs::exists(file));
  write_key_file(file, kKey);
  CHECK(fs::file_size(file) == kKey.size() + 1);
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
// Each end is met in a child process.
#include "facesearch/fatal_signals.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#include "app/folder.hpp"
#include "catch.hpp"

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;

struct End {
  bool exited = false;
  int status = 0;
  std::string document;
  bool core = false;
};

/// What becomes of a process that answers fatal ends and does this. Catch's own handlers go first.
End end_of(const std::function<void()>& fault, bool prepared = true) {
  const Folder folder;
  const fs::path out = folder / "out";
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) (void)std::signal(number, SIG_DFL);
    if (::chdir((folder / ".").c_str()) != 0 || std::freopen(out.c_str(), "w", stdout) == nullptr)
      ::_exit(99);
    rlimit core{};
    ::getrlimit(RLIMIT_CORE, &core);
    core.rlim_cur = core.rlim_max;
    ::setrlimit(RLIMIT_CORE, &core);
    if (prepared) app::answer_fatal_ends(Call::kSearch, true);
    fault();
    ::_exit(98);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  End end{WIFEXITED(status), WEXITSTATUS(status), contents(out), false};
  for (const auto& entry : fs::directory_iterator(folder / ".")) {
    if (entry.path().filename().string().starts_with("core")) end.core = true;
  }
  return end;
}

/// True where a core lies in the working folder of what died.
bool cores_are_here() {
  std::string pattern;
  std::ifstream("/proc/sys/kernel/core_pattern") >> pattern;
  rlimit limit{};
  ::getrlimit(RLIMIT_CORE, &limit);
  return pattern.starts_with("core") && limit.rlim_max == RLIM_INFINITY;
}

std::uint64_t overflow_stack(std::uint64_t frames) {  // NOLINT(misc-no-recursion): that is the fault
  volatile char frame[4096];
  frame[frames % sizeof frame] = '0';
  return frames == 0 ? 0
                     : overflow_stack(frames - 1) + static_cast<std::uint64_t>(frame[frames % sizeof frame]);
}

}  // namespace

TEST_CASE("a fault of the program ends with a document, its status, and a core", "[fatal]") {
  const std::pair<const char*, std::function<void()>> faults[]{
      {"abort", [] { std::abort(); }},
      {"stray address", [] { *reinterpret_cast<volatile char*>(16) = 1; }},  // NOLINT
      {"stack overflow", [] { (void)overflow_stack(1U << 30); }},
      {"escaped exception", [] { std::thread([] { throw std::logic_error("x"); }).join(); }},
  };
  for (const auto& [name, fault] : faults) {
    CAPTURE(name);
    const End end = end_of(fault);
    CHECK(end.exited);
    CHECK(end.status == 70);
    CHECK_THAT(end.document, Catch::Contains("6038") && Catch::Contains("a fault of the program"));
    if (cores_are_here()) CHECK(end.core);
  }
}

TEST_CASE("memory that runs out is said, and leaves no core", "[fatal]") {
  const End end = end_of([] { std::thread([] { throw std::bad_alloc(); }).join(); });
  CHECK(end.exited);
  CHECK(end.status == 70);
  CHECK_THAT(end.document, Catch::Contains("not enough memory"));
  CHECK_FALSE(end.core);
}

TEST_CASE("what ends before a command is chosen has a status, too", "[fatal]") {
  const End end = end_of([] { std::thread([] { throw std::logic_error("x"); }).join(); }, false);
  CHECK(end.exited);
  CHECK(end.status == 70);
  CHECK(end.document.empty());
}

TEST_CASE("a library's exit() is told", "[fatal]") {
  const End end = end_of([] { std::exit(1); });  // NOLINT(concurrency-mt-unsafe)
  CHECK(end.status == 70);
  CHECK_THAT(end.document, Catch::Contains("a library that had too little memory"));
  CHECK(end_of([] {
          app::expect_exit();
          std::exit(1);  // NOLINT(concurrency-mt-unsafe)
        }).status == 1);
}

}  // namespace facesearch::test

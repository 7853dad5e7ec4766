// SPDX-License-Identifier: MIT
#include "facesearch/fatal_signals.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "facesearch/contract/responses/response.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/output/output.hpp"
#include "facesearch/store/guard/data_fault.hpp"

namespace facesearch::app {
namespace {

constexpr std::array kFatal{SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

// Made while memory can still be had.
struct Ending {
  std::string document;
  std::string words;
  int status = 0;
};

struct Endings {
  Ending of_data;
  Ending of_program;
  Ending of_memory;
  bool silent = false;
};

// Never freed: the destructors of the program's constants may fail, too.
std::atomic<const Endings*> endings = nullptr;
std::atomic<bool> returned = false;
std::atomic<bool> ending = false;
std::atomic<const Ending*> answered = nullptr;
// A fault may have come from too deep a stack.
alignas(16) std::array<char, 64 << 10> stack;

Ending ending_of(Call call, const Error& error) {
  const Documented pair = documented(call, error.cause());
  return {contract::error_json(call, error) + '\n', fmt::format("facesearch: {}\n", error.detail()),
          static_cast<int>(pair.status)};
}

// Only what may be called in the middle of anything. Several threads may come here, or one a second time
// while the program ends: the first one answers, the others wait for that. The status of what was answered.
int answer(const Ending& what) {
  if (ending.exchange(true)) {
    constexpr timespec kMoment{0, 1'000'000};
    while (answered == nullptr) ::nanosleep(&kMoment, nullptr);
    return answered.load()->status;
  }
  if (!endings.load()->silent) write_all(STDERR_FILENO, what.words);
  if (!document_begun()) write_all(STDOUT_FILENO, what.document);
  answered = &what;
  return what.status;
}

void on_fatal_signal(int number, siginfo_t* info, void* /*context*/) {
  // What a kernel or a library raises has no address.
  const bool at_address = (number == SIGSEGV || number == SIGBUS) && info->si_code > 0;
  const Ending& what = is_data_fault(at_address ? info->si_addr : nullptr) ? endings.load()->of_data
                                                                           : endings.load()->of_program;
  ::_exit(answer(what));
}

// libgfortran, which OpenCV's LAPACK brings, calls exit(1) where it has too little memory when it is loaded.
void on_exit_of_a_library() {
  if (!returned) ::_exit(answer(endings.load()->of_program));
}

}  // namespace

ExitStatus answer_no_memory() noexcept {
  if (const Endings* made = endings) return static_cast<ExitStatus>(answer(made->of_memory));
  write_all(STDERR_FILENO, "facesearch: there is not enough memory for this\n");
  return ExitStatus::kInternal;
}

void expect_exit() noexcept {
  returned = true;
}

void answer_fatal_ends(Call call, bool quiet) {
  auto made = std::make_unique<const Endings>(Endings{
      ending_of(call, Error(Cause::kStoreDamaged, "DATA_INVALID",
                            "a collection's data file is damaged, or was cut short while it was read; "
                            "find out which by `facesearch collection check`, then repair it by "
                            "`collection repair` or restore it from a backup")),
      ending_of(call, Error(Cause::kInternal, "INTERNAL",
                            "a fault of the program, or of a library that had too little memory")),
      ending_of(call, Error(Cause::kInternal, "INTERNAL", "there is not enough memory for this")), quiet});
  if (std::atexit(on_exit_of_a_library) != 0) throw std::bad_alloc();
  endings = made.release();
  stack_t alternative{};
  alternative.ss_sp = stack.data();
  alternative.ss_size = stack.size();
  ::sigaltstack(&alternative, nullptr);
  for (const int number : kFatal) {
    struct sigaction present {};
    if (::sigaction(number, nullptr, &present) != 0 || present.sa_handler != SIG_DFL) continue;
    struct sigaction action {};
    action.sa_sigaction = on_fatal_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigfillset(&action.sa_mask);
    ::sigaction(number, &action, nullptr);
  }
}

}  // namespace facesearch::app

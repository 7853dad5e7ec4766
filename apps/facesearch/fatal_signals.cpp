// SPDX-License-Identifier: MIT
// Ends the program with a document and a status of the contract where it cannot go on: on a fatal signal, in
// std::terminate(), and where a library calls exit(). Documents are made in advance; a handler only writes
// one. A fault of the program also leaves a core: a forked child takes the signal's default action in its
// place.
#include "facesearch/fatal_signals.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <exception>
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

/// What is written at one kind of end, made in advance: memory may be what is missing then.
struct LastAnswer {
  std::string document;
  std::string words;
  int status = 0;
};

struct LastAnswers {
  LastAnswer data;     // a collection's file is damaged
  LastAnswer program;  // a fault of the program or of a library
  LastAnswer memory;
  bool quiet = false;
};

// Never freed: the destructors of static objects may fault, too.
std::atomic<const LastAnswers*> last_answers = nullptr;
std::atomic<bool> exit_expected = false;
std::atomic<bool> ending = false;
std::atomic<const LastAnswer*> written = nullptr;
// An alternative stack: the fault may be a stack overflow.
alignas(16) std::array<char, 64 << 10> stack;

LastAnswer last_answer(Call call, const Error& error) {
  const Documented pair = documented(call, error.cause());
  return {contract::error_json(call, error) + '\n', fmt::format("facesearch: {}\n", error.detail()),
          static_cast<int>(pair.status)};
}

// Async-signal-safe. Several threads may come here, or one again while the program ends: the first writes its
// answer, the others wait until it is written. Returns the status of what was written.
int write_once(const LastAnswer& answer) {
  if (ending.exchange(true)) {
    constexpr timespec kMoment{0, 1'000'000};
    while (written == nullptr) ::nanosleep(&kMoment, nullptr);
    return written.load()->status;
  }
  if (!last_answers.load()->quiet) write_all(STDERR_FILENO, answer.words);
  if (!document_begun()) write_all(STDOUT_FILENO, answer.document);
  written = &answer;
  return answer.status;
}

// Async-signal-safe (_Fork). A process that ends with a status leaves no core, so a child with the same
// memory and stack dies of the signal: where the system keeps cores, there is one to debug.
void leave_core(int signal) noexcept {
  const pid_t child = ::_Fork();
  if (child == 0) {
    (void)std::signal(signal, SIG_DFL);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal);
    (void)::sigprocmask(SIG_UNBLOCK, &only, nullptr);
    (void)::raise(signal);
    ::_exit(1);
  }
  if (child > 0) {
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

void on_fatal_signal(int number, siginfo_t* info, void* /*context*/) {
  // A signal that the kernel or a library raises by itself has no address.
  const bool at_address = (number == SIGSEGV || number == SIGBUS) && info->si_code > 0;
  if (is_data_fault(at_address ? info->si_addr : nullptr)) ::_exit(write_once(last_answers.load()->data));
  const int status = write_once(last_answers.load()->program);
  leave_core(number);
  ::_exit(status);
}

// libgfortran, which OpenCV's LAPACK brings, calls exit(1) if it has too little memory when it is loaded.
void on_exit_of_a_library() {
  if (!exit_expected) ::_exit(write_once(last_answers.load()->program));
}

enum class Escaped { kNothing, kNoMemory, kOther };

Escaped escaped_exception() noexcept {
  if (std::current_exception() == nullptr) return Escaped::kNothing;
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return Escaped::kNoMemory;
  } catch (...) {
    return Escaped::kOther;
  }
}

// An exception that nothing caught, in any thread; or std::terminate() without one, which is also what
// becomes of a throw when there is no memory for the exception itself.
[[noreturn]] void on_terminate() {
  const Escaped escaped = escaped_exception();
  if (escaped == Escaped::kNoMemory) ::_exit(static_cast<int>(answer_no_memory()));
  int status = static_cast<int>(ExitStatus::kInternal);
  if (const LastAnswers* made = last_answers) {
    status = write_once(made->program);
  } else {
    write_all(STDERR_FILENO,
              "facesearch: a fault of the program, or there is not enough memory to start it\n");
  }
  if (escaped == Escaped::kOther) leave_core(SIGABRT);
  ::_exit(status);
}

// Before static objects are constructed, which may throw.
[[gnu::constructor(101)]] void catch_terminate() {
  std::set_terminate(on_terminate);
}

}  // namespace

ExitStatus answer_no_memory() noexcept {
  if (const LastAnswers* made = last_answers) return static_cast<ExitStatus>(write_once(made->memory));
  write_all(STDERR_FILENO, "facesearch: there is not enough memory for this\n");
  return ExitStatus::kInternal;
}

void expect_exit() noexcept {
  exit_expected = true;
}

void answer_fatal_ends(Call call, bool quiet) {
  auto made = std::make_unique<const LastAnswers>(LastAnswers{
      last_answer(call, Error(Cause::kStoreDamaged, "DATA_INVALID",
                              "a collection's data file is damaged, or was cut short while it was read; "
                              "find out which by `facesearch collection check`, then repair it by "
                              "`collection repair` or restore it from a backup")),
      last_answer(call, Error(Cause::kInternal, "INTERNAL",
                              "a fault of the program, or of a library that had too little memory")),
      last_answer(call, Error(Cause::kInternal, "INTERNAL", "there is not enough memory for this")), quiet});
  if (std::atexit(on_exit_of_a_library) != 0) throw std::bad_alloc();
  last_answers = made.release();
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

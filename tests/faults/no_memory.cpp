// SPDX-License-Identifier: MIT
// Preloaded into the program: lets requests for memory fail. The environment says which:
//   NO_MEMORY_AT     the number of the request, from 1; none: requests are only counted
//   NO_MEMORY_ON     all requests from that one on fail, not that one alone
//   NO_MEMORY_COUNT  a file that gets "<requests> <before the store was read> <before and after a module was
//                    loaded>"
//   NO_MEMORY_TO, NO_MEMORY_STEP, NO_MEMORY_RESULTS
//                    when the program is about to read the store, and still has one thread, it is forked for
//                    each request from NO_MEMORY_AT to NO_MEMORY_TO by NO_MEMORY_STEP. The results' file gets
//                    for each a line "<request> <status, or minus the signal> <bytes of output> <bytes of
//                    errors>\n", then these bytes.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <string_view>

// glibc's own: dlsym() asks for memory itself.
extern "C" {
void* __libc_malloc(std::size_t size);                           // NOLINT
void* __libc_calloc(std::size_t count, std::size_t size);        // NOLINT
void* __libc_realloc(void* memory, std::size_t size);            // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT
}

namespace {

std::atomic<long> requests = 0;
std::atomic<long> before_store = 0;
std::atomic<long> before_module = 0;
std::atomic<long> after_module = 0;

constexpr int kHangMs = 10'000;

long number_in(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? 0 : std::strtol(text, nullptr, 10);
}

struct Orders {
  long first = number_in("NO_MEMORY_AT");
  long to = number_in("NO_MEMORY_TO");
  long step = number_in("NO_MEMORY_STEP");
  bool on = number_in("NO_MEMORY_ON") != 0;
  long at = to != 0 ? 0 : first;  // of this process
};

Orders& orders() {
  static Orders all;
  return all;
}

bool fails() {
  const Orders& all = orders();
  const long request = ++requests;
  if (all.at == 0 || request < all.at || (request > all.at && !all.on)) return false;
  errno = ENOMEM;
  return true;
}

[[noreturn]] void give_up() {
  ::_exit(99);
}

// Numbers and bytes are put without asking for memory.
void put(int file, const char* bytes, std::size_t size) {
  if (::write(file, bytes, size) != static_cast<ssize_t>(size)) give_up();
}

void put_number(int file, long number, char end) {
  std::array<char, 24> text{};
  const auto [last, error] = std::to_chars(text.data(), text.data() + text.size() - 1, number);
  *last = end;
  put(file, text.data(), static_cast<std::size_t>(last + 1 - text.data()));
}

// What a process writes: two pipes, since neither is filled by a document.
struct Streams {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  Streams() {
    if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) give_up();
  }
  void become_mine() const {
    if (::dup2(out[1], STDOUT_FILENO) < 0 || ::dup2(err[1], STDERR_FILENO) < 0) give_up();
    for (const int file : {out[0], out[1], err[0], err[1]}) ::close(file);
  }
};

// Waits for a process's end, which closes its stream.
int status_of(pid_t process, int stream) {
  pollfd end{stream, 0, 0};
  if (::poll(&end, 1, kHangMs) == 0) ::kill(process, SIGKILL);
  int status = 0;
  if (::waitpid(process, &status, 0) != process) give_up();
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void run_one(long request, int results) {
  static std::array<char, 1 << 16> text;
  const Streams streams;
  const pid_t process = ::fork();
  if (process < 0) give_up();
  if (process == 0) {
    streams.become_mine();
    ::close(results);
    orders().at = request;
    return;
  }
  ::close(streams.out[1]);
  ::close(streams.err[1]);
  put_number(results, request, ' ');
  put_number(results, status_of(process, streams.out[0]), ' ');
  const ssize_t out = std::max<ssize_t>(::read(streams.out[0], text.data(), text.size() / 2), 0);
  const ssize_t err = std::max<ssize_t>(::read(streams.err[0], text.data() + out, text.size() / 2), 0);
  put_number(results, out, ' ');
  put_number(results, err, '\n');
  put(results, text.data(), static_cast<std::size_t>(out + err));
  ::close(streams.out[0]);
  ::close(streams.err[0]);
}

// Returns in each process that is to go on.
void serve(int results) {
  for (long request = orders().first; request <= orders().to; request += orders().step) {
    run_one(request, results);
    if (orders().at != 0) return;
  }
  ::_exit(0);
}

[[gnu::destructor]] void write_count() {
  const char* const path = std::getenv("NO_MEMORY_COUNT");
  if (path == nullptr) return;
  const int file = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) give_up();
  put_number(file, requests, ' ');
  put_number(file, before_store, ' ');
  put_number(file, before_module, ' ');
  put_number(file, after_module, '\n');
  ::close(file);
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept {
  return fails() ? nullptr : __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_realloc(memory, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  const int kept = errno;
  void* const made = fails() ? nullptr : __libc_memalign(alignment, size);
  errno = kept;
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}

// Where the store's part begins: its first file is read.
int open(const char* path, int flags, ...) {
  using Call = int (*)(const char*, int, ...);
  static const auto call = reinterpret_cast<Call>(::dlsym(RTLD_NEXT, "open"));
  if (before_store == 0 && std::string_view(path).ends_with("/store.json")) {
    before_store = requests.load();
    const char* const results = std::getenv("NO_MEMORY_RESULTS");
    if (results != nullptr) serve(call(results, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  }
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return call(path, flags, mode);
}

// The program's own module, with all that the libraries behind it do when they are loaded.
void* dlopen(const char* path, int mode) noexcept {
  using Call = void* (*)(const char*, int);
  static const auto call = reinterpret_cast<Call>(::dlsym(RTLD_NEXT, "dlopen"));
  const bool is_ours = path != nullptr && before_module == 0 &&
                       std::string_view(path).find("/facesearch-") != std::string_view::npos;
  if (is_ours) before_module = requests.load();
  void* const module = call(path, mode);
  if (is_ours) after_module = requests.load();
  return module;
}

}  // extern "C"

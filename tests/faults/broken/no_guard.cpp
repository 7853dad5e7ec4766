// SPDX-License-Identifier: MIT
// The program without the guard against damaged maps: nothing catches fatal signals or LMDB's assertions, and
// every data file looks large enough.
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <string_view>

#include <lmdb.h>

namespace {

bool is_data_file(int file) {
  std::array<char, 4096> name{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), name.data(), name.size());
  return size > 0 && std::string_view(name.data(), static_cast<std::size_t>(size)).ends_with("/data.mdb");
}

bool is_guarded(int number) {
  return number == SIGSEGV || number == SIGBUS || number == SIGABRT;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int sigaction(int number, const struct sigaction* action, struct sigaction* before) noexcept {
  static auto* const call = next<int(int, const struct sigaction*, struct sigaction*)>("sigaction");
  return call(number, is_guarded(number) ? nullptr : action, before);
}

int mdb_env_set_assert(MDB_env* /*env*/, MDB_assert_func* /*function*/) {
  return MDB_SUCCESS;
}

int fstat(int file, struct stat* status) noexcept {
  static auto* const call = next<int(int, struct stat*)>("fstat");
  const int result = call(file, status);
  constexpr off_t kMuch = 64 << 20;  // beyond what the test's collections need
  if (result == 0 && is_data_file(file)) status->st_size = std::max(status->st_size, kMuch);
  return result;
}

}  // extern "C"

// SPDX-License-Identifier: MIT
// Turns LMDB's failures into results and Errors. A failed assertion jumps back to run_guarded(): an exception
// must not cross LMDB's C frames.
#include "facesearch/store/lmdb/call.hpp"

#include <csetjmp>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/damage_advice.hpp"
#include "facesearch/store/files/file_system.hpp"

namespace facesearch::storage {
namespace {

// Where this thread's present call of LMDB jumps to when it cannot go on; null outside of one.
thread_local std::jmp_buf* landing = nullptr;

// An exception would have to cross LMDB's C frames, which nothing promises; longjmp may, as they hold no C++
// objects and lmdb_call() allows none in between.
void on_assertion(MDB_env* /*env*/, const char* /*message*/) {
  if (landing == nullptr) {
    return;  // LMDB aborts, as it would have
  }
  std::longjmp(*landing, 1);  // NOLINT(cert-err52-cpp): the only way out of a C library
}

}  // namespace

void catch_assertions(MDB_env* env) {
  mdb_env_set_assert(env, on_assertion);
}

bool in_lmdb_call() noexcept {
  return landing != nullptr;
}

[[gnu::noinline]] int run_guarded(int (*call)(void*), void* context) {
  std::jmp_buf here;
  std::jmp_buf* const outer = std::exchange(landing, &here);
  volatile int result = kAsserted;
  if (setjmp(here) == 0) {  // NOLINT(cert-err52-cpp)
    result = call(context);
  }
  landing = outer;
  return result;
}

void check(int result, std::string_view action) {
  switch (result) {
    case MDB_SUCCESS:
      return;
    case MDB_MAP_FULL:
      throw MapFull{};
    case kAsserted:
      throw Error(Cause::kStoreDamaged, "DATA_INVALID",
                  fmt::format("cannot {}: the pages of the collection's data file contradict each other; {}",
                              action, kDamageAdvice));
    case MDB_NOTFOUND:
    case MDB_PAGE_NOTFOUND:
    case MDB_CORRUPTED:
    case MDB_VERSION_MISMATCH:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
    // A table's first cursor looks for its root page. LMDB drops that fault, and has this for the next call.
    case MDB_BAD_TXN:
      throw Error(
          Cause::kStoreDamaged, "DATA_INVALID",
          fmt::format("cannot {} ({}): it is damaged; {}", action, mdb_strerror(result), kDamageAdvice));
    case MDB_PANIC:
      throw Error(Cause::kFileSystem, "IO_ERROR",
                  fmt::format("cannot {}: an earlier write to its data file failed", action));
    case MDB_READERS_FULL:
      throw Error(Cause::kStoreBusy, "READERS_FULL",
                  fmt::format("cannot {}: too many processes read the collection; try again", action));
    default:
      break;
  }
  if (result > 0) {
    throw_errno(result, action);
  }
  throw Error(Cause::kInternal, "INTERNAL", fmt::format("cannot {}: {}", action, mdb_strerror(result)));
}

}  // namespace facesearch::storage

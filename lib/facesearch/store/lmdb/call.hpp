// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <type_traits>

#include <lmdb.h>

/// The one way into LMDB: every call goes through lmdb_call(), every result through check().
namespace facesearch::storage {

/// The map has to grow before the change can be written. Caught by the collection, never leaves the module.
struct MapFull {};

/// A signal interrupted a commit, and nothing was committed: retry the change. Never leaves the module.
struct Interrupted {};

/// Retries `work` until no signal interrupts its commit.
template <class Work>
void until_committed(const Work& work) {
  for (;;) {
    try {
      return work();
    } catch (const Interrupted&) {  // NOLINT(bugprone-empty-catch): once more
    }
  }
}

/// The result of lmdb_call() when an assertion of LMDB failed.
inline constexpr int kAsserted = -1;

/// LMDB ends the process when one of its assertions fails. After this call, such a failure inside lmdb_call()
/// returns kAsserted instead, by longjmp. A read transaction holds no lock and can then be closed as usual.
/// After a failure in a write transaction do not use the environment again, not even to close it: its locks
/// and lists are in an unknown state.
void catch_assertions(MDB_env* env);

/// True while this thread is in an lmdb_call().
bool in_lmdb_call() noexcept;

/// Runs `call(context)`.
int run_guarded(int (*call)(void*), void* context);

/// Runs `call`, which does nothing but call LMDB once (a failed assertion jumps over its frame, so nothing in
/// it may need a destructor), and returns its result.
template <class Call>
int lmdb_call(Call&& call) {
  return run_guarded([](void* context) { return (*static_cast<std::remove_reference_t<Call>*>(context))(); },
                     &call);
}

/// Does nothing if `result` is MDB_SUCCESS. Throws MapFull, Error(kStoreDamaged), (kStoreBusy,
/// READERS_FULL), (kFileSystem), (kPermissionDenied), (kInternal). `action` as in "cannot <action>".
void check(int result, std::string_view action);

}  // namespace facesearch::storage

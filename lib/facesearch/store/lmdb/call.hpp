// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <type_traits>

#include <lmdb.h>

/// The one way into LMDB: every call goes through lmdb_call(), every answer through check().
namespace facesearch::storage {

/// The map has to grow before the change can be written. Caught by the collection, never leaves the module.
struct MapFull {};

/// A signal interrupted a commit, of which nothing stays: the change has to be made again. Never leaves the
/// module.
struct Interrupted {};

/// Runs `work` till no signal interrupts its commit.
template <class Work>
void until_committed(const Work& work) {
  for (;;) {
    try {
      return work();
    } catch (const Interrupted&) {  // NOLINT(bugprone-empty-catch): once more
    }
  }
}

/// What lmdb_call() answers when LMDB found its own structures broken.
inline constexpr int kAsserted = -1;

/// LMDB ends the process where an assertion of its own fails. From here on such a failure inside
/// lmdb_call() makes that answer kAsserted instead. A read transaction holds nothing and can be closed as
/// ever then; after one in a write transaction nothing may touch the environment again, not even to close it:
/// its locks and lists are in the middle of something.
void catch_assertions(MDB_env* env);

/// True while this thread is in an lmdb_call().
bool in_lmdb_call() noexcept;

/// Runs `call(context)`.
int run_guarded(int (*call)(void*), void* context);

/// Runs `call`, which does nothing but call LMDB once (a failed assertion jumps over its frame, so nothing in
/// it may need a destructor), and answers its result.
template <class Call>
int lmdb_call(Call&& call) {
  return run_guarded([](void* context) { return (*static_cast<std::remove_reference_t<Call>*>(context))(); },
                     &call);
}

/// Does nothing if `result` is MDB_SUCCESS. Throws MapFull, Error(kStoreDamaged), (kStoreBusy,
/// READERS_FULL), (kFileSystem), (kPermissionDenied), (kInternal). `action` as in "cannot <action>".
void check(int result, std::string_view action);

}  // namespace facesearch::storage

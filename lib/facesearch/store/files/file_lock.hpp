// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "facesearch/store/files/file_system.hpp"

namespace facesearch::storage {

enum class LockMode : std::uint8_t { kShared, kExclusive };

/// How long to wait, and when that is over.
struct Patience {
  explicit Patience(std::chrono::milliseconds time)
      : wait(time), end(std::chrono::steady_clock::now() + time) {}

  /// "waited 10.0 s for it; try again or raise --lock-timeout"
  std::string waited() const;

  std::chrono::milliseconds wait;
  std::chrono::steady_clock::time_point end;
};

/// Locks on single bytes of a file (Linux open-file-description locks). They exclude every other LockFile of
/// the file, in this process and in others, and go with the object.
class LockFile {
 public:
  /// Opens the file; makes it (0600) if it is not there. On a read-only file system only shared locks can be
  /// had of it: others throw Error(kFileSystem, READ_ONLY).
  explicit LockFile(std::filesystem::path path);

  bool try_lock(std::uint64_t byte, LockMode mode);

  /// Waits till the patience ends; then throws Error(kStoreBusy, LOCK_TIMEOUT). `what` is in use, as in
  /// "collection 'staff'".
  void lock(std::uint64_t byte, LockMode mode, const Patience& patience, std::string_view what);

  void unlock(std::uint64_t byte);

  /// Holds what it holds until the process ends.
  void keep() { file_.release(); }

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

/// The lock of one collection; see docs/storage-format.md. Each function waits at most `wait`.
class CollectionLock {
 public:
  CollectionLock(const std::filesystem::path& path, std::string_view collection,
                 std::chrono::milliseconds wait);

  /// Held by all who have the collection open. Waits behind a waiting or working exclusive gate.
  void enter();

  /// Held by who makes or deletes the collection. New lockers wait from the moment it is asked for.
  void enter_alone();

  /// The same without waiting: false if anyone is in.
  bool try_enter_alone();

  /// Held by the one writer.
  void lock_writer();

  /// Held by who reads without LMDB's list of readers, which nobody can write to there: no pages may be used
  /// again meanwhile.
  void keep_writers_out();

  void keep() { file_.keep(); }

 private:
  LockFile file_;
  std::string what_;
  std::chrono::milliseconds wait_;
};

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "facesearch/store/files/file_system.hpp"

/// Locks between threads and processes: open-file-description locks (Linux) on single bytes of a file. A lock
/// is polled, since these locks have no wait with a timeout: every 0.1 to 5 ms, with random jitter.
namespace facesearch::storage {

enum class LockMode : std::uint8_t { kShared, kExclusive };

/// A timeout and the moment it ends.
struct Patience {
  explicit Patience(std::chrono::milliseconds time)
      : wait(time), end(std::chrono::steady_clock::now() + time) {}

  /// "waited 10.0 s for it; try again or raise --lock-timeout"
  std::string waited() const;

  bool is_given = true;  ///< by --lock-timeout

  std::chrono::milliseconds wait;
  std::chrono::steady_clock::time_point end;
};

/// The locks that an object holds on bytes of a file. They exclude every other LockFile of the file, in this
/// process and in others, and are released with the object.
class LockFile {
 public:
  /// Opens the file; makes it (0600) if there is none. On a read-only file system only shared locks work:
  /// others throw Error(kFileSystem, READ_ONLY).
  explicit LockFile(std::filesystem::path path);

  bool try_lock(std::uint64_t byte, LockMode mode);

  /// Waits up to the timeout; then throws Error(kStoreBusy, LOCK_TIMEOUT): "<what> is in use", as in
  /// "collection 'staff'".
  void lock(std::uint64_t byte, LockMode mode, const Patience& patience, std::string_view what);

  void unlock(std::uint64_t byte);

  /// Keeps the locks until the process ends.
  void keep() { file_.release(); }

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

/// The lock of one collection (docs/storage-format.md). Each function waits at most `wait`.
class CollectionLock {
 public:
  CollectionLock(const std::filesystem::path& path, std::string_view collection,
                 std::chrono::milliseconds wait);

  /// Shared: everybody who has the collection open. Waits while somebody waits for or holds enter_alone().
  void enter();

  /// Exclusive: to make, switch or delete the collection. New enter() calls wait from the moment this is
  /// called.
  void enter_alone();

  /// The same without waiting: false if anybody has the collection open.
  bool try_enter_alone();

  /// Exclusive: the one writer.
  void lock_writer();

  /// Shared, against writers: a reader on a read-only mount cannot enter itself in LMDB's reader table, so no
  /// page may be reused meanwhile.
  void keep_writers_out();

  void keep() { file_.keep(); }

 private:
  LockFile file_;
  std::string what_;
  std::chrono::milliseconds wait_;
};

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

#include <lmdb.h>

#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/format/aligned_bytes.hpp"

namespace facesearch::storage {

/// The named tables of a collection; docs/storage-format.md.
struct Tables {
  MDB_dbi pieces = 0;
  MDB_dbi faces = 0;
  MDB_dbi persons = 0;
  MDB_dbi erased = 0;
};

enum class LmdbKind : std::uint8_t { kRead, kWrite };

/// One LMDB environment. Never twice for a folder in a process. Thread-safe.
///
/// LMDB guards its list of readers by a mutex without a timeout: a process that is stopped while it holds
/// that would stop all others. So whoever opens or closes an environment, or takes a new place in the list,
/// holds a lock of ours first, which has a timeout. A read transaction that ends keeps its place for the next
/// one, which then needs no lock: a process locks once for as many read transactions as it has at a time.
class LmdbEnvironment {
 public:
  enum class Mode : std::uint8_t { kOpen, kMake };

  /// `folder` holds data.mdb, checked (data_file.hpp), or is empty and is filled (kMake). On a read-only file
  /// system it is only read, and nothing is locked: the caller keeps writers away. `wait`: how long a growing
  /// map waits for this process's readers, and how long to wait for the lock of LMDB's list of readers.
  LmdbEnvironment(const std::filesystem::path& folder, Mode mode, std::uint64_t map_bytes,
                  std::chrono::milliseconds wait);
  LmdbEnvironment(const LmdbEnvironment&) = delete;
  LmdbEnvironment& operator=(const LmdbEnvironment&) = delete;
  ~LmdbEnvironment();

  const Tables& tables() const noexcept { return tables_; }

  /// True after LMDB found its structures broken while it wrote: nothing may touch them any more.
  bool broken() const noexcept { return broken_; }

  /// Doubles the map, or as much as there is room for, and at least as far as other processes have grown the
  /// file. Waits until no transaction of this process runs; throws Error(kStoreBusy, MAP_IN_USE) if that
  /// takes too long, Error(kFileSystem, MAP_FULL) if there is no room.
  void grow();

  /// After a commit, under the writer lock: gives the file the free pages that LMDB left out at its end, so
  /// that has_all_pages() stays quick.
  void fill_last_pages();

 private:
  friend class LmdbTransaction;
  class ReaderListLock;

  void open(const std::filesystem::path& folder, std::uint64_t map_bytes);
  void open_tables(Mode mode);
  MDB_txn* begin(LmdbKind kind);
  int begin_read(MDB_txn** txn);
  void end_read(MDB_txn* txn, bool whole);
  void ended();
  bool disk_is_full() const;  // LMDB calls a write that was cut short by that EIO
  void close() noexcept;
  void close_locked() noexcept;
  void abort_readers() noexcept;

  MDB_env* env_ = nullptr;
  Tables tables_;
  std::optional<LockFile> reader_list_;  ///< byte 0 of data.mdb; none where that is only read
  std::vector<MDB_txn*>
      idle_readers_;  ///< ended read transactions that keep their place in LMDB's list of readers
  std::atomic<bool> broken_ = false;
  std::chrono::milliseconds wait_;
  std::mutex mutex_;
  std::condition_variable idle_;
  int transactions_ = 0;
};

/// Ends with its object: without commit() nothing of it stays.
class LmdbTransaction {
 public:
  using Kind = LmdbKind;

  LmdbTransaction(LmdbEnvironment& environment, Kind kind);
  LmdbTransaction(const LmdbTransaction&) = delete;
  LmdbTransaction& operator=(const LmdbTransaction&) = delete;
  ~LmdbTransaction();

  const Tables& tables() const noexcept { return environment_.tables(); }

  /// The value lies in the map: valid until the next put or erase, aligned to 2 bytes.
  std::optional<Bytes> get(MDB_dbi table, Bytes key) const;
  void put(MDB_dbi table, Bytes key, Bytes value);

  /// As put, of a value that the caller fills: valid until the next put, reserve or erase, aligned to 2
  /// bytes.
  std::span<std::uint8_t> reserve(MDB_dbi table, Bytes key, std::size_t size);

  /// False if there is no such key.
  bool erase(MDB_dbi table, Bytes key);

  /// Durable when it returns. Nothing else may be called after it.
  void commit();

 private:
  friend class LmdbCursor;
  friend class LmdbEnvironment;

  // Runs one call of LMDB within the transaction.
  template <class Call>
  int run(Call&& call) const;

  LmdbEnvironment& environment_;
  Kind kind_;
  MDB_txn* txn_ = nullptr;
  mutable bool asserted_ = false;  ///< LMDB found its structures broken in it
};

/// Walks a table in the order of its keys. Must not outlive its transaction.
class LmdbCursor {
 public:
  LmdbCursor(const LmdbTransaction& transaction, MDB_dbi table);
  LmdbCursor(const LmdbCursor&) = delete;
  LmdbCursor& operator=(const LmdbCursor&) = delete;
  ~LmdbCursor();

  /// Each is false if there is no such entry. seek: the first with this key or a later one.
  bool first() { return move(MDB_FIRST); }
  bool next() { return move(MDB_NEXT); }
  bool seek(Bytes key);

  Bytes key() const;
  Bytes value() const;

 private:
  bool move(MDB_cursor_op op);

  const LmdbTransaction& transaction_;
  MDB_cursor* cursor_ = nullptr;
  MDB_val key_{};
  MDB_val value_{};
};

}  // namespace facesearch::storage

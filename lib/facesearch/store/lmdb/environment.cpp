// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/environment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/files/store_folder.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/lmdb/call.hpp"

namespace facesearch::storage {
namespace {

constexpr unsigned kMaxReaders = 4096;
constexpr MDB_dbi kMaxTables = 8;
constexpr std::uint64_t kSmallestMap = 256 << 10;
constexpr mdb_mode_t kPrivateFile = 0600;

// Full synchronisation: none of WRITEMAP, NOSYNC, MAPASYNC, NOMETASYNC, NOLOCK, NOMEMINIT. NOTLS lets a
// thread hold a read transaction beside another one.
constexpr unsigned kFlags = MDB_NOTLS;

// What LMDB makes of lock.mdb for so many readers, at most: a line of a processor's cache each.
constexpr off_t kLockBytes = off_t{64} * (kMaxReaders + 4);

// LMDB writes to lock.mdb by a map: a block that is not there yet is SIGBUS on a full disk, and would hinder
// searches there.
void allocate_lock_file(const FileDescriptor& file, const std::filesystem::path& path) {
  constexpr off_t kSector = 512;  // what st_blocks counts
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_errno(errno, "look at", path);
  if (status.st_blocks * kSector >= kLockBytes) return;
  const auto allocate = [&] { return ::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, kLockBytes); };
  if (uninterrupted(allocate) != 0 && errno != EOPNOTSUPP) {
    throw_errno(errno, "write", path);
  }
}

// Keeps an environment that could not be closed. It has to be known to somebody, or it would count as lost.
void stay_open(MDB_env* environment) noexcept {
  static std::atomic<MDB_env*> last;
  if (MDB_env* const before = last.exchange(environment)) mdb_env_set_userctx(environment, before);
}

}  // namespace

// Held while LMDB may lock its list of readers, or while it opens or closes. Whoever closes last destroys the
// mutexes in lock.mdb (from LMDB 0.9.25 on); whoever opens at that moment would take them for good ones.
class LmdbEnvironment::ReaderListLock {
 public:
  ReaderListLock(std::optional<LockFile>& file, std::chrono::milliseconds wait) : file_(file) {
    if (file_) file_->lock(0, LockMode::kExclusive, Patience(wait), "the list of a collection's readers");
  }
  ReaderListLock(const ReaderListLock&) = delete;
  ReaderListLock& operator=(const ReaderListLock&) = delete;
  ~ReaderListLock() {
    try {
      if (file_) file_->unlock(0);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): closing the file unlocks it
    }
  }

 private:
  std::optional<LockFile>& file_;
};

template <class Call>
int LmdbTransaction::run(Call&& call) const {
  const int result = lmdb_call(std::forward<Call>(call));
  if (result == kAsserted) {
    asserted_ = true;
    if (kind_ == Kind::kWrite) environment_.broken_ = true;
  }
  return result;
}

LmdbEnvironment::LmdbEnvironment(const std::filesystem::path& folder, Mode mode, std::uint64_t map_bytes,
                                 std::chrono::milliseconds wait)
    : wait_(wait) {
  try {
    open(folder, map_bytes);
    until_committed([&] { open_tables(mode); });
  } catch (...) {
    close();
    throw;
  }
}

LmdbEnvironment::~LmdbEnvironment() {
  close();
}

// If another process keeps the lock (it may be stopped), the environment stays open until this one ends, with
// its map and its files. Another environment of the folder can be opened beside it: LMDB's locks are those of
// the process, and the one that stays open is not used any more.
void LmdbEnvironment::close() noexcept {
  constexpr std::chrono::milliseconds kMostWait{500};
  try {
    std::optional<ReaderListLock> lock;
    if (env_ != nullptr && !broken_) lock.emplace(reader_list_, std::min(wait_, kMostWait));
    close_locked();
  } catch (const std::exception&) {
    abort_readers();
    stay_open(env_);
    env_ = nullptr;
  }
}

// Called with the lock, or where nothing is locked.
void LmdbEnvironment::close_locked() noexcept {
  abort_readers();
  if (env_ != nullptr && !broken_) {
    lmdb_call([this] {
      mdb_env_close(env_);
      return MDB_SUCCESS;
    });
  }
  env_ = nullptr;
}

void LmdbEnvironment::abort_readers() noexcept {
  for (MDB_txn* const reader : idle_readers_) {
    if (env_ == nullptr || broken_) break;
    lmdb_call([reader] {
      mdb_txn_abort(reader);
      return MDB_SUCCESS;
    });
  }
  idle_readers_.clear();
}

void LmdbEnvironment::open(const std::filesystem::path& folder, std::uint64_t map_bytes) {
  unsigned flags = kFlags;
  if (is_read_only(folder)) {
    flags |= MDB_RDONLY;
  } else {
    // LMDB would make them with the umask's rights. lock.mdb is closed before it opens that: closing it later
    // would drop its locks.
    const std::filesystem::path lock = folder / kLockFile;
    allocate_lock_file(open_private_file(lock), lock);
    reader_list_.emplace(folder / kDataFile);
  }
  const ReaderListLock lock(reader_list_, wait_);
  std::uint64_t size = std::max(map_bytes, kSmallestMap);
  for (;;) {
    check(lmdb_call([this] { return mdb_env_create(&env_); }), "open a collection");
    catch_assertions(env_);
    check(mdb_env_set_maxreaders(env_, kMaxReaders), "open a collection");
    check(mdb_env_set_maxdbs(env_, kMaxTables), "open a collection");
    check(mdb_env_set_mapsize(env_, size), "open a collection");
    const int result = lmdb_call([&] { return mdb_env_open(env_, folder.c_str(), flags, kPrivateFile); });
    if (result != EINTR && (result != ENOMEM || size <= kSmallestMap)) {
      check(result, "open a collection");
      break;
    }
    close_locked();
    if (result == ENOMEM) size /= 2;
  }
  int data = -1;
  check(mdb_env_get_fd(env_, &data), "open a collection");
  leave_to_owner(data, folder / kDataFile);
  if (size < map_bytes) {  // leave room for what else the process needs
    check(lmdb_call([&] { return mdb_env_set_mapsize(env_, size / 2); }), "open a collection");
  }
  int dead = 0;
  check(lmdb_call([&] { return mdb_reader_check(env_, &dead); }), "look for dead readers");
}

void LmdbEnvironment::open_tables(Mode mode) {
  const bool make = mode == Mode::kMake;
  LmdbTransaction transaction(*this, make ? LmdbTransaction::Kind::kWrite : LmdbTransaction::Kind::kRead);
  const auto open_table = [&](const char* name, MDB_dbi& table) {
    check(
        transaction.run([&] { return mdb_dbi_open(transaction.txn_, name, make ? MDB_CREATE : 0U, &table); }),
        fmt::format("open the table {}", name));
  };
  open_table("faces", tables_.faces);
  open_table("erased", tables_.erased);
  open_table("pieces", tables_.pieces);
  open_table("persons", tables_.persons);
  transaction.commit();
}

void LmdbEnvironment::grow() {
  std::unique_lock lock(mutex_);
  if (!idle_.wait_for(lock, wait_, [this] { return transactions_ == 0; })) {
    throw Error(Cause::kStoreBusy, "MAP_IN_USE",
                fmt::format("the collection's map must grow while it is read; {}", Patience(wait_).waited()));
  }
  MDB_envinfo info{};
  MDB_stat stat{};
  check(mdb_env_info(env_, &info), "grow a map");
  check(mdb_env_stat(env_, &stat), "grow a map");
  const std::uint64_t old_size = info.me_mapsize;
  const std::uint64_t used = (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
  // Double it, or add half as much until there is room.
  for (std::uint64_t more = std::max(old_size, used); more >= kSmallestMap; more /= 2) {
    const std::uint64_t size = std::max(old_size, used) + more;
    const int result = lmdb_call([&] { return mdb_env_set_mapsize(env_, size); });
    if (result != ENOMEM) {
      check(result, "grow a map");
      return;
    }
  }
  // Each try has unmapped the file.
  if (lmdb_call([&] { return mdb_env_set_mapsize(env_, old_size); }) != MDB_SUCCESS) {
    broken_ = true;
  }
  throw Error(
      Cause::kFileSystem, "MAP_FULL",
      fmt::format("the address space of the process is used up: a collection of {} MiB cannot grow; raise "
                  "ulimit -v",
                  old_size >> 20));
}

void LmdbEnvironment::fill_last_pages() {
  MDB_envinfo info{};
  MDB_stat entry{};
  mdb_filehandle_t file = -1;
  struct stat status {};
  if (mdb_env_info(env_, &info) != 0 || mdb_env_stat(env_, &entry) != 0 || mdb_env_get_fd(env_, &file) != 0 ||
      ::fstat(file, &status) != 0) {
    return;
  }
  const auto wanted = static_cast<off_t>((std::uint64_t{info.me_last_pgno} + 1) * entry.ms_psize);
  if (status.st_size < wanted && ::ftruncate(file, wanted) != 0) {
    return;  // the next process to open it walks the pages
  }
}

bool LmdbEnvironment::disk_is_full() const {
  constexpr std::uint64_t kLittle = 1 << 20;  // a write that was cut short has taken the rest
  mdb_filehandle_t file = -1;
  struct statvfs space {};
  return mdb_env_get_fd(env_, &file) == 0 && ::fstatvfs(file, &space) == 0 &&
         std::uint64_t{space.f_bavail} * space.f_frsize < kLittle;
}

MDB_txn* LmdbEnvironment::begin(LmdbKind kind) {
  for (;;) {
    if (broken_) {
      check(kAsserted, "use a collection");
    }
    MDB_txn* txn = nullptr;
    int result = 0;
    {
      const std::lock_guard lock(mutex_);
      if (kind == LmdbKind::kRead) {
        result = begin_read(&txn);
      } else {  // LMDB's lock of writers is free: whoever writes holds the collection's writer lock
        result = lmdb_call([&] { return mdb_txn_begin(env_, nullptr, 0, &txn); });
      }
      transactions_ += result == MDB_SUCCESS ? 1 : 0;
    }
    if (result == kAsserted && kind == LmdbKind::kWrite) {
      broken_ = true;
    }
    if (result != MDB_MAP_RESIZED) {
      check(result, "begin a transaction");
      return txn;
    }
    grow();  // another process has grown the file
  }
}

// Called with the mutex held.
int LmdbEnvironment::begin_read(MDB_txn** txn) {
  if (idle_readers_.empty()) {
    const ReaderListLock lock(reader_list_, wait_);
    return lmdb_call([&] { return mdb_txn_begin(env_, nullptr, MDB_RDONLY, txn); });
  }
  *txn = idle_readers_.back();
  const int result = lmdb_call([&] { return mdb_txn_renew(*txn); });
  if (result == MDB_SUCCESS || result == kAsserted) {
    idle_readers_.pop_back();
  }
  return result;
}

void LmdbEnvironment::end_read(MDB_txn* txn, bool whole) {
  const std::lock_guard lock(mutex_);
  try {
    idle_readers_.reserve(idle_readers_.size() + 1);
  } catch (const std::bad_alloc&) {
    whole = false;
  }
  const int result = lmdb_call([&] {
    if (whole) {
      mdb_txn_reset(txn);
    } else {
      mdb_txn_abort(txn);
    }
    return MDB_SUCCESS;
  });
  if (whole && result == MDB_SUCCESS) idle_readers_.push_back(txn);
}

void LmdbEnvironment::ended() {
  {
    const std::lock_guard lock(mutex_);
    --transactions_;
  }
  idle_.notify_all();
}

LmdbTransaction::LmdbTransaction(LmdbEnvironment& environment, Kind kind)
    : environment_(environment), kind_(kind), txn_(environment.begin(kind)) {}

LmdbTransaction::~LmdbTransaction() {
  if (txn_ == nullptr) {
    return;
  }
  if (kind_ == Kind::kRead) {
    environment_.end_read(txn_, !asserted_);
  } else if (!environment_.broken()) {
    run([this] {
      mdb_txn_abort(txn_);
      return MDB_SUCCESS;
    });
  }
  environment_.ended();
}

void LmdbTransaction::commit() {
  int result = run([this] { return mdb_txn_commit(txn_); });
  txn_ = nullptr;  // freed, whatever the result
  environment_.ended();
  if (result == EINTR) throw Interrupted{};
  if (result == EIO && environment_.disk_is_full()) result = ENOSPC;
  check(result, "commit to a collection");
}

std::optional<Bytes> LmdbTransaction::get(MDB_dbi table, Bytes key) const {
  MDB_val name{key.size(), const_cast<std::uint8_t*>(key.data())};  // LMDB only reads it
  MDB_val value{};
  const int result = run([&] { return mdb_get(txn_, table, &name, &value); });
  if (result == MDB_NOTFOUND) {
    return std::nullopt;
  }
  check(result, "read a collection");
  return Bytes(static_cast<const std::uint8_t*>(value.mv_data), value.mv_size);
}

void LmdbTransaction::put(MDB_dbi table, Bytes key, Bytes value) {
  MDB_val name{key.size(), const_cast<std::uint8_t*>(key.data())};
  MDB_val data{value.size(), const_cast<std::uint8_t*>(value.data())};
  check(run([&] { return mdb_put(txn_, table, &name, &data, 0); }), "write to a collection");
}

std::span<std::uint8_t> LmdbTransaction::reserve(MDB_dbi table, Bytes key, std::size_t size) {
  MDB_val name{key.size(), const_cast<std::uint8_t*>(key.data())};
  MDB_val data{size, nullptr};
  check(run([&] { return mdb_put(txn_, table, &name, &data, MDB_RESERVE); }), "write to a collection");
  return {static_cast<std::uint8_t*>(data.mv_data), size};
}

bool LmdbTransaction::erase(MDB_dbi table, Bytes key) {
  MDB_val name{key.size(), const_cast<std::uint8_t*>(key.data())};
  const int result = run([&] { return mdb_del(txn_, table, &name, nullptr); });
  if (result != MDB_NOTFOUND) {
    check(result, "erase from a collection");
  }
  return result == MDB_SUCCESS;
}

LmdbCursor::LmdbCursor(const LmdbTransaction& transaction, MDB_dbi table) : transaction_(transaction) {
  check(transaction_.run([&] { return mdb_cursor_open(transaction.txn_, table, &cursor_); }),
        "read a collection");
}

LmdbCursor::~LmdbCursor() {
  if (transaction_.kind_ == LmdbTransaction::Kind::kRead || !transaction_.environment_.broken()) {
    mdb_cursor_close(cursor_);
  }
}

bool LmdbCursor::seek(Bytes key) {
  key_ = {key.size(), const_cast<std::uint8_t*>(key.data())};
  return move(MDB_SET_RANGE);
}

bool LmdbCursor::move(MDB_cursor_op op) {
  const int result = transaction_.run([&] { return mdb_cursor_get(cursor_, &key_, &value_, op); });
  if (result == MDB_NOTFOUND) {
    return false;
  }
  check(result, "read a collection");
  return true;
}

Bytes LmdbCursor::key() const {
  return {static_cast<const std::uint8_t*>(key_.mv_data), key_.mv_size};
}

Bytes LmdbCursor::value() const {
  return {static_cast<const std::uint8_t*>(value_.mv_data), value_.mv_size};
}

}  // namespace facesearch::storage

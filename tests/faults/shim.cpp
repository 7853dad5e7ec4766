// SPDX-License-Identifier: MIT
// Preloaded into the program: intercepts the calls that change files. It counts those on files below some
// folders, and at one of them fails, tears, stops or kills. The environment says which:
//   FAULT_ROOTS  folders, separated by colons
//   FAULT_MODE   kill | stop | torn | short | eio | enospc | eintr, or with "-on" from that call on; none:
//                calls are only counted
//   FAULT_AT     the number of the call, from 1
//   FAULT_LOG    a file that gets a record of each call: a line "call\tpath\targument\tsynced\tbytes\n", then
//                the bytes. For one process at a time.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

#include <climits>

namespace {

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

enum class Kind { kData, kSync, kEntry };  // writes of bytes; syncs; changes of folders
enum class What { kGoOn, kFail, kTear, kShort };

struct Orders {
  std::string roots;
  std::string mode;
  long at = 0;
  bool on = false;
  int log = -1;
  long calls = 0;
  std::mutex mutex;

  Orders() {
    const auto text = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string(value == nullptr ? "" : value);
    };
    roots = text("FAULT_ROOTS");
    mode = text("FAULT_MODE");
    at = std::strtol(text("FAULT_AT").c_str(), nullptr, 10);
    on = mode.size() > 3 && mode.compare(mode.size() - 3, 3, "-on") == 0;
    if (on) mode.resize(mode.size() - 3);
    const std::string file = text("FAULT_LOG");
    static auto* const real_open = next<int(const char*, int, ...)>("open");
    if (!file.empty()) log = real_open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }

  bool concerns(std::string_view path) const {
    for (std::size_t begin = 0; begin < roots.size();) {
      const std::size_t end = std::min(roots.find(':', begin), roots.size());
      const std::string_view root(roots.data() + begin, end - begin);
      if (!root.empty() && path.substr(0, root.size()) == root) return true;
      begin = end + 1;
    }
    return false;
  }
};

Orders& orders() {
  static Orders all;
  return all;
}

std::string absolute(int folder, const char* path) {
  if (path == nullptr) return {};
  if (*path == '/') return path;
  std::array<char, PATH_MAX> name{};
  const std::string link = folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/" + std::to_string(folder);
  const ssize_t size = ::readlink(link.c_str(), name.data(), name.size());
  return size <= 0 ? path : std::string(name.data(), static_cast<std::size_t>(size)) + "/" + path;
}

std::string path_of(int file) {
  if (file <= STDERR_FILENO) return {};
  std::array<char, PATH_MAX> name{};
  const ssize_t size =
      ::readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), name.data(), name.size());
  return size <= 0 ? std::string() : std::string(name.data(), static_cast<std::size_t>(size));
}

bool is_synced(int file) {
  const int flags = ::fcntl(file, F_GETFL);
  return flags >= 0 && (flags & O_DSYNC) != 0;
}

/// Before a call: counts it and says what becomes of it. With kFail errno is set.
What before(Kind kind, const std::string& path) {
  Orders& all = orders();
  if (path.empty() || !all.concerns(path)) return What::kGoOn;
  const std::lock_guard lock(all.mutex);
  const long call = ++all.calls;
  if (all.mode.empty() || all.at == 0 || call < all.at || (call > all.at && !all.on)) return What::kGoOn;
  if (all.mode == "kill" || (all.mode == "torn" && kind != Kind::kData)) (void)::raise(SIGKILL);
  if (all.mode == "stop") {
    (void)::raise(SIGSTOP);
    return What::kGoOn;
  }
  if (all.mode == "torn") return What::kTear;
  if (all.mode == "short") return kind == Kind::kData ? What::kShort : What::kGoOn;
  if (all.mode == "eintr" && kind == Kind::kEntry)
    return What::kGoOn;  // local disks do not answer that there
  // Nobody is interrupted for ever: at about every other call, without a beat.
  constexpr unsigned long kScatter = 2654435761U;
  if (all.mode == "eintr" && call != all.at && (static_cast<unsigned long>(call) * kScatter >> 16 & 1) != 0) {
    return What::kGoOn;
  }
  errno = all.mode == "enospc" ? ENOSPC : all.mode == "eintr" ? EINTR : EIO;
  return What::kFail;
}

/// After a call that succeeded: records it.
void record(const char* call, const std::string& path, const std::string& argument, bool synced,
            const void* bytes, std::size_t size) {
  Orders& all = orders();
  if (all.log < 0 || !all.concerns(path)) return;
  static auto* const real_write = next<ssize_t(int, const void*, size_t)>("write");
  const std::lock_guard lock(all.mutex);
  std::string line = std::string(call) + '\t' + path + '\t' + argument + '\t' + (synced ? '1' : '0') + '\t' +
                     std::to_string(size) + '\n';
  line.append(static_cast<const char*>(bytes), size);
  if (real_write(all.log, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::abort();
}

/// A call without bytes. `call` makes it.
template <class Call>
int change(const char* name, Kind kind, const std::string& path, const std::string& argument, Call call) {
  const What what = before(kind, path);
  if (what == What::kFail) return -1;
  if (what == What::kTear) (void)::raise(SIGKILL);
  const int result = call();
  if (result == 0) record(name, path, argument, false, nullptr, 0);
  return result;
}

/// A write; `call(size)` writes the first `size` bytes. `offset`: where; -1: where the file stands.
template <class Call>
ssize_t put(int file, const void* bytes, std::size_t size, off_t offset, Call call) {
  const int kept = errno;
  const std::string path = path_of(file);
  const What what = before(Kind::kData, path);
  if (what == What::kFail) return -1;
  errno = kept;
  const off_t at = offset >= 0 || path.empty() ? offset : ::lseek(file, 0, SEEK_CUR);
  const ssize_t result = call(what == What::kGoOn ? size : size / 2);
  if (what == What::kTear) (void)::raise(SIGKILL);
  if (result > 0) {
    record("write", path, std::to_string(at), is_synced(file), bytes, static_cast<std::size_t>(result));
  }
  return result;
}

template <class Call>
int make(int folder, const char* path, int flags, Call call) {
  if ((flags & (O_CREAT | O_TRUNC)) == 0) return call();
  const std::string where = absolute(folder, path);
  struct stat status {};
  const bool there = ::stat(where.c_str(), &status) == 0;
  if (before(Kind::kData, there ? std::string() : where) == What::kFail) return -1;
  const int file = call();
  if (file >= 0 && !there) record("create", where, "", false, nullptr, 0);
  if (file >= 0 && there && (flags & O_TRUNC) != 0) record("truncate", where, "0", false, nullptr, 0);
  return file;
}

int sync_file(int file, const char* name) {
  const std::string path = path_of(file);
  auto* const call = next<int(int)>(name);
  return change("sync", Kind::kSync, path, "", [&] { return call(file); });
}

[[gnu::destructor]] void write_count() {
  const char* const file = std::getenv("FAULT_COUNT");
  if (file == nullptr) return;
  static auto* const real_open = next<int(const char*, int, ...)>("open");
  const std::string text = std::to_string(orders().calls);
  const int to = real_open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (to < 0 || next<ssize_t(int, const void*, size_t)>("write")(to, text.data(), text.size()) < 0) ::abort();
  ::close(to);
}

mode_t mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  static auto* const call = next<int(const char*, int, ...)>("open");
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return make(AT_FDCWD, path, flags, [&] { return call(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
  static auto* const call = next<int(const char*, int, ...)>("open64");
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return make(AT_FDCWD, path, flags, [&] { return call(path, flags, mode); });
}

int openat(int folder, const char* path, int flags, ...) {
  static auto* const call = next<int(int, const char*, int, ...)>("openat");
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return make(folder, path, flags, [&] { return call(folder, path, flags, mode); });
}

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const call = next<ssize_t(int, const void*, size_t)>("write");
  return put(file, bytes, size, -1, [&](size_t part) { return call(file, bytes, part); });
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  static auto* const call = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return put(file, bytes, size, offset, [&](size_t part) { return call(file, bytes, part, offset); });
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  return pwrite(file, bytes, size, offset);
}

ssize_t pwritev(int file, const struct iovec* parts, int count, off_t offset) {
  std::string all;
  for (int i = 0; i < count; ++i) all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  return pwrite(file, all.data(), all.size(), offset);
}

ssize_t pwritev64(int file, const struct iovec* parts, int count, off64_t offset) {
  return pwritev(file, parts, count, offset);
}

ssize_t writev(int file, const struct iovec* parts, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  return write(file, all.data(), all.size());
}

int ftruncate(int file, off_t size) noexcept {
  static auto* const call = next<int(int, off_t)>("ftruncate");
  return change("truncate", Kind::kData, path_of(file), std::to_string(size),
                [&] { return call(file, size); });
}

int ftruncate64(int file, off64_t size) noexcept {
  return ftruncate(file, size);
}

int truncate(const char* path, off_t size) noexcept {
  static auto* const call = next<int(const char*, off_t)>("truncate");
  return change("truncate", Kind::kData, absolute(AT_FDCWD, path), std::to_string(size),
                [&] { return call(path, size); });
}

int fallocate(int file, int mode, off_t offset, off_t size) {
  static auto* const call = next<int(int, int, off_t, off_t)>("fallocate");
  const bool keeps = (mode & FALLOC_FL_KEEP_SIZE) != 0;
  return change(keeps ? "allocate" : "extend", Kind::kData, path_of(file), std::to_string(offset + size),
                [&] { return call(file, mode, offset, size); });
}

int fallocate64(int file, int mode, off64_t offset, off64_t size) {
  return fallocate(file, mode, offset, size);
}

int fsync(int file) {
  return sync_file(file, "fsync");
}

int fdatasync(int file) {
  return sync_file(file, "fdatasync");
}

int rename(const char* from, const char* to) noexcept {
  static auto* const call = next<int(const char*, const char*)>("rename");
  return change("rename", Kind::kEntry, absolute(AT_FDCWD, from), absolute(AT_FDCWD, to),
                [&] { return call(from, to); });
}

int renameat2(int folder, const char* from, int other, const char* to, unsigned flags) noexcept {
  static auto* const call = next<int(int, const char*, int, const char*, unsigned)>("renameat2");
  return change("rename", Kind::kEntry, absolute(folder, from), absolute(other, to),
                [&] { return call(folder, from, other, to, flags); });
}

int link(const char* from, const char* to) noexcept {
  static auto* const call = next<int(const char*, const char*)>("link");
  return change("link", Kind::kEntry, absolute(AT_FDCWD, from), absolute(AT_FDCWD, to),
                [&] { return call(from, to); });
}

int unlink(const char* path) noexcept {
  static auto* const call = next<int(const char*)>("unlink");
  return change("unlink", Kind::kEntry, absolute(AT_FDCWD, path), "", [&] { return call(path); });
}

int remove(const char* path) noexcept {
  static auto* const call = next<int(const char*)>("remove");
  return change("unlink", Kind::kEntry, absolute(AT_FDCWD, path), "", [&] { return call(path); });
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  static auto* const call = next<int(int, const char*, int)>("unlinkat");
  return change("unlink", Kind::kEntry, absolute(folder, path), "",
                [&] { return call(folder, path, flags); });
}

int rmdir(const char* path) noexcept {
  static auto* const call = next<int(const char*)>("rmdir");
  return change("unlink", Kind::kEntry, absolute(AT_FDCWD, path), "", [&] { return call(path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  static auto* const call = next<int(const char*, mode_t)>("mkdir");
  const std::string where = absolute(AT_FDCWD, path);
  return change("mkdir", Kind::kEntry, where, "", [&] { return call(path, mode); });
}

}  // extern "C"

// SPDX-License-Identifier: MIT
// What a store asks of the disk that it lies on.
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <cerrno>
#include <fstream>

#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/files/reserve.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/guard/data_fault.hpp"
#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::storage;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

// What statfs() answers as the type; 0: the truth.
long pretended_type = 0;

struct Pretend {
  explicit Pretend(long type) { pretended_type = type; }
  Pretend(const Pretend&) = delete;
  Pretend& operator=(const Pretend&) = delete;
  ~Pretend() { pretended_type = 0; }
};

constexpr long kNfs = 0x6969;
constexpr long kCifs = 0xFF534D42;
constexpr long kFuse = 0x65735546;

}  // namespace

extern "C" int statfs(const char* path, struct statfs* out) noexcept {
  static auto* const call =
      reinterpret_cast<int (*)(const char*, struct statfs*)>(::dlsym(RTLD_NEXT, "statfs"));
  const int result = call(path, out);
  if (pretended_type != 0) out->f_type = pretended_type;
  return result;
}

TEST_CASE("a store on a network file system is refused unless that is allowed") {
  const TemporaryFolder folder;
  make_store_in(folder.store())->create(collection_record("staff"));
  for (const auto& [type, name] : {std::pair{kNfs, "(nfs)"}, {kCifs, "(cifs)"}}) {
    const Pretend pretend(type);
    const Error error = error_of([&] { open_store_in(folder.store()); });
    CHECK(error.cause() == Cause::kFileSystem);
    CHECK(error.reason() == "NETWORK_FILE_SYSTEM");
    CHECK(error.detail().find(name) != std::string::npos);
    CHECK(error_of([&] { make_store_in(folder.path() / "a" / "new"); }).reason() == "NETWORK_FILE_SYSTEM");
    CHECK_FALSE(fs::exists(folder.path() / "a"));
    StoreOptions options = options_of(folder.store());
    options.allow_network = true;
    CHECK(open_lmdb_store(folder.store(), options)->state("staff") == CollectionState::kLive);
  }
  // What is mounted there says that it is none of a process.
  const Pretend pretend(kFuse);
  CHECK(foreign_file_system(folder.path()).value_or("") != "fuse");
}

TEST_CASE("space is asked for before it is used") {
  const TemporaryFolder folder;
  require_space(folder.path(), 1, "write");
  const Error error =
      error_of([&] { require_space(folder.path(), 1ULL << 60, "write the collection anew"); });
  CHECK(error.cause() == Cause::kFileSystem);
  CHECK(error.reason() == "NO_SPACE");
  CHECK(error.detail().find("cannot write the collection anew: about 1099511627776.0 MiB") == 0);
}

TEST_CASE("a store keeps a reserve, and has it again after it was given") {
  const TemporaryFolder folder;
  const auto store = make_store_in(folder.store());
  store->create(collection_record("staff"));
  const StoreFolder place{folder.store(), store->id()};
  struct stat status {};
  REQUIRE(::stat(place.reserve().c_str(), &status) == 0);
  CHECK(status.st_blocks * 512 >= 1 << 20);
  CHECK(give_reserve(place));
  CHECK_FALSE(give_reserve(place));
  int tries = 0;
  const auto fail_once = [&] {
    if (++tries == 1) throw Error(Cause::kFileSystem, "NO_SPACE", "full");
    return tries;
  };
  CHECK(error_of([&] { with_reserve(place, true, fail_once); }).reason() == "NO_SPACE");  // there is none
  add_face(*store->open("staff"), face_record());
  REQUIRE(fs::exists(place.reserve()));
  tries = 0;
  CHECK(error_of([&] { with_reserve(place, false, fail_once); }).reason() == "NO_SPACE");
  CHECK(fs::exists(place.reserve()));
  tries = 0;
  CHECK(with_reserve(place, true, fail_once) == 2);
  CHECK_FALSE(fs::exists(place.reserve()));
}

TEST_CASE("LMDB's file of readers has all its blocks from the start") {
  const TemporaryFolder folder;
  const auto store = make_store_in(folder.store());
  store->create(collection_record("staff"));
  store->open("staff");
  struct stat status {};
  REQUIRE(::stat((folder.store() / "collections/staff/gen-1/lock.mdb").c_str(), &status) == 0);
  CHECK(status.st_size > 262'144);  // 4,096 readers
  CHECK(status.st_blocks * 512 >= status.st_size);
}

// LMDB takes its own lock only to register a reader. So an open collection reads while a process is stopped
// there, and only one more reader at the same time has to wait.
TEST_CASE("who is stopped while it registers a reader does not stop others for ever") {
  const TemporaryFolder folder;
  make_store_in(folder.store())->create(collection_record("staff"));
  LockFile stopped(folder.store() / "collections/staff/gen-1/data.mdb");
  REQUIRE(stopped.try_lock(0, LockMode::kExclusive));
  StoreOptions options = options_of(folder.store());
  options.lock_timeout = std::chrono::milliseconds(50);
  const auto store = open_lmdb_store(folder.store(), options);
  CHECK(cause_of([&] { store->open("staff"); }) == Cause::kStoreBusy);
  stopped.unlock(0);
  const auto collection = store->open("staff");
  REQUIRE(stopped.try_lock(0, LockMode::kExclusive));
  const auto first = collection->snapshot();
  CHECK(first->face_count() == 0);
  CHECK(cause_of([&] { collection->snapshot(); }) == Cause::kStoreBusy);
  stopped.unlock(0);
  CHECK(collection->snapshot()->face_count() == 0);
}

TEST_CASE("a signal is a collection's fault in its map only") {
  const TemporaryFolder folder;
  const auto map = [&](const char* name) {
    const fs::path path = folder.path() / name;
    std::ofstream(path) << std::string(4096, 'x');
    return ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, open_existing_file(path).get(), 0);
  };
  void* const data = map("data.mdb");
  void* const other = map("other");
  REQUIRE((data != MAP_FAILED && other != MAP_FAILED));
  CHECK(is_data_fault(data));
  CHECK(is_data_fault(static_cast<char*>(data) + 4095));
  CHECK_FALSE(is_data_fault(other));
  CHECK_FALSE(is_data_fault(nullptr));
  int local = 0;
  CHECK_FALSE(is_data_fault(&local));
  ::munmap(data, 4096);
  CHECK_FALSE(is_data_fault(data));
  ::munmap(other, 4096);
}

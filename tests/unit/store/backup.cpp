// SPDX-License-Identifier: MIT
// Backups and what is made of them again.
#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "facesearch/store/backup/backup_file.hpp"
#include "facesearch/store/crypto/master_keys.hpp"
#include "facesearch/store/files/store_folder.hpp"
#include "store/backup_fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

fs::path key_file_of(const fs::path& store) {
  return options_of(store).master_key->file(open_store_in(store)->id());
}

// A store at a place of its own, with the master key of another place.
// Options with a copy of the store's master key and marks: a store that is made beside it needs its own.
StoreOptions with_keys_of(const fs::path& store) {
  const fs::path copy = store.string() + "-copied";
  fs::copy(store.string() + ".master-keys", copy.string() + ".master-keys",
           fs::copy_options::recursive | fs::copy_options::skip_existing);
  return options_of(copy);
}

void require_nothing_beside(const fs::path& folder, std::size_t expected) {
  CHECK(static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator())) ==
        expected);
}

// What statvfs() says is free; 0: the truth.
unsigned long pretended_free = 0;

}  // namespace

extern "C" int statvfs(const char* path, struct statvfs* out) noexcept {
  static auto* const call =
      reinterpret_cast<int (*)(const char*, struct statvfs*)>(::dlsym(RTLD_NEXT, "statvfs"));
  const int result = call(path, out);
  if (pretended_free != 0) out->f_bavail = pretended_free / out->f_frsize;
  return result;
}

TEMPLATE_TEST_CASE_SIG("a collection comes back from a backup as it was", "[backup]",
                       ((bool kSealed), kSealed), true, false) {
  const TemporaryFolder folder;
  const BackupStore made(folder.store(), kSealed);
  const auto store = open_store_in(folder.store());
  const fs::path file = folder.path() / "backup";
  const std::string staff = everything_in(*store, "staff", made.erased);
  const std::string visitors = everything_in(*store, "visitors");
  const Uuid generation = store->open("staff")->record().generation;

  const BackupReport report = back_up(*store, file);
  REQUIRE(report.collections.size() == 2);
  CHECK(report.collections[0].id == "staff");
  CHECK(report.collections[0].faces == 70);
  CHECK(report.collections[0].pieces == store->upkeep().check("staff").pieces);
  CHECK(report.collections[1].id == "visitors");
  CHECK(report.store == store->id());
  CHECK(report.bytes == fs::file_size(file));
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0600);

  // Over a live one: nothing happens, not even to the one that is not there.
  store->remove("visitors");
  CHECK(cause_of([&] { store->backups().restore(restoring(file)); }) == Cause::kCollectionExists);
  CHECK(store->state("visitors") == CollectionState::kDeleted);

  const BackupReport restored = store->backups().restore(restoring(file, {"visitors"}));
  REQUIRE(restored.collections.size() == 1);
  CHECK(restored.collections[0].id == "visitors");
  CHECK(restored.collections[0].faces == 70);
  CHECK(everything_in(*store, "visitors") == visitors);

  // By another id beside the live one.
  CHECK(store->backups().restore(restoring(file, {"staff"}, "again")).collections[0].id == "again");
  CHECK(everything_in(*store, "again", made.erased) == staff);
  CHECK(store->open("again")->record().generation != generation);
  CHECK(store->upkeep().check("again").faces == 70);

  // What is back can be worked with, and closed and opened.
  add_face(*store->open("visitors"), face_record());
  CHECK(error_of([&] {
          add_face(*store->open("again"), [&] {
            FaceRecord face = face_record();
            face.face = made.erased[0];
            return face;
          }());
        }).reason() == "FACE_ID_USED");
  store->upkeep().rewrite("again", made.live[0]);
  CHECK(store->upkeep().check("again").faces == 69);
}

TEMPLATE_TEST_CASE_SIG("a store is rebuilt where there is none", "[backup]", ((bool kSealed), kSealed), true,
                       false) {
  const TemporaryFolder folder;
  const BackupStore made(folder.store(), kSealed);
  const fs::path file = folder.path() / "backup";
  const fs::path other = folder.path() / "new" / "place";
  std::string staff;
  Uuid id;
  {
    const auto store = open_store_in(folder.store());
    staff = everything_in(*store, "staff", made.erased);
    id = store->id();
    back_up(*store, file);
  }
  SECTION("in a folder that is not there") {}
  SECTION("in an empty folder") {
    fs::create_directories(other);
  }
  const BackupReport report = rebuild_lmdb_store(other, with_keys_of(folder.store()), restoring(file));
  CHECK(report.collections.size() == 2);
  const auto store = open_lmdb_store(other, with_keys_of(folder.store()));
  CHECK(store->id() == id);
  REQUIRE(store->api_keys().list().size() == 2);
  CHECK(store->api_keys().list()[1].label == "two");
  CHECK(everything_in(*store, "staff", made.erased) == staff);
  CHECK(store->ids() == std::vector<std::string>{"staff", "visitors"});
  CHECK(store->state("guests") == CollectionState::kDeleted);
  store->create(collection_record("guests", kDimension, kSealed));
  CHECK(store->open("guests")->snapshot()->was_erased(made.guest));
  struct stat status {};
  REQUIRE(::stat(other.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0700);
  require_nothing_beside(other.parent_path(), 1);
  CHECK(error_of([&] {
          rebuild_lmdb_store(other, with_keys_of(folder.store()), restoring(file));
        }).reason() == "STORE_EXISTS");
}

TEST_CASE("a store is not rebuilt beside itself, with the marks it uses", "[backup]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const fs::path file = folder.path() / "backup";
  back_up(*open_store_in(folder.store()), file);
  const fs::path other = folder.path() / "other";
  const auto rebuild = [&] { rebuild_lmdb_store(other, options_of(folder.store()), restoring(file)); };
  const Error refused = error_of(rebuild);
  CHECK(refused.cause() == Cause::kInvalidValue);
  CHECK(refused.reason() == "STORE_EXISTS");
  CHECK(refused.detail().find(folder.store().string()) != std::string::npos);
  CHECK_FALSE(fs::exists(other));
  CHECK(open_store_in(folder.store())->upkeep().check("staff").faces > 0);
  // Where it was moved or lost, and another store is in its place, the copy takes over, and has the marks.
  fs::rename(folder.store(), folder.path() / "moved");
  make_store_in(folder.store());
  rebuild();
  CHECK(open_lmdb_store(other, options_of(folder.store()))->upkeep().check("staff").faces > 0);
  CHECK(error_of(
            [&] { rebuild_lmdb_store(folder.path() / "third", options_of(folder.store()), restoring(file)); })
            .detail()
            .find(other.string()) != std::string::npos);
}

TEST_CASE("a store is not rebuilt among other files, nor without its master key", "[backup]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const fs::path file = folder.path() / "backup";
  back_up(*open_store_in(folder.store()), file);
  const fs::path other = folder.path() / "other";
  fs::create_directories(other);
  overwrite(other / "letter", "text");
  CHECK(error_of([&] {
          rebuild_lmdb_store(other, with_keys_of(folder.store()), restoring(file));
        }).reason() == "FOLDER_NOT_EMPTY");
  CHECK(contents(other / "letter") == "text");
  const fs::path nowhere = folder.path() / "nowhere";
  const Error missing = error_of([&] { rebuild_lmdb_store(nowhere, options_of(nowhere), restoring(file)); });
  CHECK(missing.cause() == Cause::kMasterKey);
  CHECK(missing.reason() == "NO_MASTER_KEY");
  CHECK(missing.detail().find(nowhere.string() + ".master-keys") != std::string::npos);
  CHECK_FALSE(fs::exists(nowhere));
}

TEST_CASE("a backup never replaces a file, lies outside of the store and leaves nothing when it fails",
          "[backup]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const auto store = open_store_in(folder.store());
  const fs::path place = folder.path() / "place";
  fs::create_directories(place);
  overwrite(place / "letter", "text");
  fs::create_symlink("nowhere", place / "link");
  for (const char* name : {"letter", "link"}) {
    CHECK(error_of([&] { back_up(*store, place / name); }).reason() == "FILE_EXISTS");
  }
  CHECK(contents(place / "letter") == "text");
  fs::create_directory_symlink(folder.store() / "locks", place / "inside");
  for (const fs::path& file : {folder.store() / "backup", place / "inside" / "backup"}) {
    CHECK(error_of([&] { back_up(*store, file); }).reason() == "BACKUP_INSIDE_STORE");
  }
  CHECK(cause_of([&] { back_up(*store, place / "missing" / "backup"); }) == Cause::kFileSystem);
  CHECK(cause_of([&] { back_up(*store, place / "backup", {"nobody"}); }) == Cause::kCollectionNotFound);
  CHECK(cause_of([&] { back_up(*store, place / "backup", {"guests"}); }) == Cause::kCollectionDeleted);
  require_nothing_beside(place, 3);
  CHECK(back_up(*store, place / "backup", {"staff", "staff"}).collections.size() == 1);
  CHECK(error_of([&] { back_up(*store, place / "backup"); }).reason() == "FILE_EXISTS");
}

TEST_CASE("a place inside of the store is one by whatever name the store goes", "[backup]") {
  const TemporaryFolder folder;
  make_store_in(folder.store());
  fs::create_directory_symlink(folder.store(), folder.path() / "alias");
  const auto store = open_lmdb_store(folder.path() / "alias", options_of(folder.store()));
  CHECK(error_of([&] { back_up(*store, folder.store() / "backup"); }).reason() == "BACKUP_INSIDE_STORE");
}

TEST_CASE("a backup and a restoration ask for space before they take any", "[backup]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const auto store = open_store_in(folder.store());
  const fs::path file = folder.path() / "backup";
  const std::uint64_t needed = back_up(*store, file).bytes;
  const auto reason_with = [](std::uint64_t room, const std::function<void()>& work) {
    pretended_free = room;
    std::string reason;
    try {
      work();
    } catch (const Error& error) {
      reason = error.reason();
    }
    pretended_free = 0;
    return reason;
  };
  // What is asked for is little under what is taken, and never more.
  const fs::path other = folder.path() / "other";
  CHECK(reason_with(needed * 9 / 10, [&] { back_up(*store, other); }) == "NO_SPACE");
  CHECK_FALSE(fs::exists(other));
  CHECK(reason_with(needed, [&] { back_up(*store, other); }).empty());
  const auto again = [&] { store->backups().restore(restoring(file, {"staff"}, "again")); };
  CHECK(reason_with(50'000, again) == "NO_SPACE");
  CHECK(store->state("again") == CollectionState::kNever);
  const fs::path place = folder.path() / "place";
  CHECK(reason_with(50'000, [&] {
          rebuild_lmdb_store(place, with_keys_of(folder.store()), restoring(file));
        }) == "NO_SPACE");
  CHECK_FALSE(fs::exists(place));
}

TEST_CASE("a damaged collection stops a backup of it and no other", "[backup]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const fs::path data = folder.store() / "collections" / "staff" / "gen-1" / "data.mdb";
  std::string bytes = contents(data);
  for (std::size_t at = 3 * 4096; at < bytes.size(); at += 512) bytes[at + 300] ^= 1;
  overwrite(data, bytes);
  const auto store = open_store_in(folder.store());
  const fs::path file = folder.path() / "backup";
  const Error error = error_of([&] { back_up(*store, file); });
  CHECK(error.cause() == Cause::kStoreDamaged);
  CHECK(error.detail().find("'staff'") != std::string::npos);
  CHECK_FALSE(fs::exists(file));
  CHECK(back_up(*store, file, {"visitors"}).collections.size() == 1);
}

TEST_CASE("a backup of another store is refused, and one of no master key where there is one", "[backup]") {
  const TemporaryFolder folder;
  const TemporaryFolder elsewhere;
  const BackupStore made(folder.store());
  const BackupStore other(elsewhere.store(), false);
  const fs::path file = folder.path() / "backup";
  back_up(*open_store_in(elsewhere.store()), file);
  const auto store = open_store_in(folder.store());
  const Error error = error_of([&] { store->backups().restore(restoring(file, {"staff"}, "again")); });
  CHECK(error.cause() == Cause::kInvalidValue);
  CHECK(error.reason() == "BACKUP_OF_OTHER_STORE");
  CHECK(store->state("again") == CollectionState::kNever);

  const fs::path unsigned_file = folder.path() / "unsigned";
  const fs::path key = key_file_of(elsewhere.store());
  const fs::path away = folder.path() / "away";
  fs::rename(key, away);
  back_up(*open_store_in(elsewhere.store()), unsigned_file);
  CHECK(list_backup(unsigned_file, options_of(elsewhere.store()).master_key, {}).collections.size() == 2);
  const fs::path place = folder.path() / "place";
  CHECK(
      rebuild_lmdb_store(place, options_of(elsewhere.store()), restoring(unsigned_file)).collections.size() ==
      2);
  CHECK(open_lmdb_store(place, options_of(elsewhere.store()))->upkeep().check("staff").faces == 70);
  fs::rename(away, key);
  CHECK(error_of([&] {
          list_backup(unsigned_file, options_of(elsewhere.store()).master_key, {});
        }).reason() == "BACKUP_UNSIGNED");
}

TEST_CASE("after a rotation a backup opens by the former key's file alone", "[backup][rotation]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const fs::path file = folder.path() / "backup";
  const fs::path former = folder.path() / "former-key";
  fs::copy_file(key_file_of(folder.store()), former);
  const auto store = open_store_in(folder.store());
  const std::string staff = everything_in(*store, "staff", made.erased);
  back_up(*store, file);
  store->upkeep().rotate_master(std::nullopt);
  store->remove("staff");
  {
    const Error error = error_of([&] { list_backup(file, options_of(folder.store()).master_key, {}); });
    CHECK(error.cause() == Cause::kMasterKey);
    CHECK(error.reason() == "MASTER_KEY_WRONG");
    CHECK(error.detail().find("--backup-key-file") != std::string::npos);
  }
  RestoreRequest request = restoring(file, {"staff"});
  request.backup_key = MasterKeyPlace{[&](const Uuid&) { return former; }, [] { return std::nullopt; }};
  store->backups().restore(request);
  CHECK(everything_in(*store, "staff", made.erased) == staff);
  fs::remove(former);
  store->upkeep().rotate_master(std::nullopt);  // what is back is under the key of now
  CHECK(store->upkeep().check("staff").faces == 70);
}

TEST_CASE("a backup within a rotation that was interrupted is under the new key alone",
          "[backup][rotation]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const fs::path file = folder.path() / "backup";
  auto store = open_store_in(folder.store());
  storage::MasterKeys(options_of(folder.store()).master_key, store->id()).begin_rotation();
  back_up(*store, file);  // while the wraps are under the former key
  store->upkeep().rotate_master(std::nullopt);
  store.reset();
  store = open_store_in(folder.store());  // which knows no former key
  store->backups().restore(restoring(file, {"staff"}, "again"));
  CHECK(store->upkeep().check("again").faces == 70);
}

TEST_CASE("what happens while a backup is made is in it as before or after", "[backup]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  StoreOptions options = options_of(folder.store());
  options.lock_timeout = std::chrono::milliseconds(50);
  const auto store = open_lmdb_store(folder.store(), options);
  const fs::path file = folder.path() / "backup";
  const std::string staff = everything_in(*store, "staff", made.erased);
  bool first = true;
  const auto meanwhile = [&](const std::function<void()>& work) {
    return BackupProgress([&first, work](std::string_view, std::uint64_t, std::uint64_t) {
      if (std::exchange(first, false)) work();
    });
  };
  SECTION("a face is added, one is erased, and a collection that was not read yet is deleted") {
    const BackupReport report =
        store->backups().write({file, {}, meanwhile([&] {
                                  add_face(*store->open("staff"), face_record());
                                  store->open("staff")->write([&](WriteTransaction& transaction) {
                                    transaction.erase(made.live[0]);
                                  });
                                  store->remove("visitors");
                                })});
    REQUIRE(report.collections.size() == 1);
    CHECK(report.collections[0].faces == 70);
    const fs::path place = folder.path() / "place";
    rebuild_lmdb_store(place, with_keys_of(folder.store()), restoring(file));
    const auto again = open_lmdb_store(place, with_keys_of(folder.store()));
    CHECK(everything_in(*again, "staff", made.erased) == staff);
    CHECK(again->state("visitors") == CollectionState::kDeleted);
  }
  SECTION("the master key stays") {
    store->backups().write({file, {}, meanwhile([&] {
                              CHECK(cause_of([&] { store->upkeep().rotate_master(std::nullopt); }) ==
                                    Cause::kStoreBusy);
                            })});
    CHECK(list_backup(file, options.master_key, {}).collections.size() == 2);
  }
  SECTION("a file that comes to its place stays") {
    const auto request = BackupRequest{file, {}, meanwhile([&] { overwrite(file, "text"); })};
    CHECK(error_of([&] { store->backups().write(request); }).reason() == "FILE_EXISTS");
    CHECK(contents(file) == "text");
    fs::remove(file);
    require_nothing_beside(folder.path(), 2);  // store, master keys
  }
  CHECK_FALSE(first);
}

TEST_CASE("what is no backup is refused, and a collection that is not in one", "[backup]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store(), true, 3);
  const auto store = open_store_in(folder.store());
  const fs::path file = folder.path() / "backup";
  back_up(*store, file, {"staff"});
  CHECK(error_of([&] { store->backups().restore(restoring(file, {"visitors"})); }).reason() ==
        "NOT_IN_BACKUP");
  CHECK(error_of([&] { store->backups().restore(restoring(folder.path() / "none")); }).reason() ==
        "FILE_NOT_FOUND");
  CHECK(error_of([&] { store->backups().restore(restoring(folder.path())); }).reason() == "BACKUP_DAMAGED");
  CHECK(error_of([&] { store->backups().restore(restoring(folder.store() / "keys.json")); }).reason() ==
        "BACKUP_DAMAGED");
  const fs::path pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(error_of([&] { store->backups().restore(restoring(pipe)); }).reason() == "BACKUP_DAMAGED");
  std::string bytes = contents(file);
  bytes[8] = 2;
  overwrite(folder.path() / "later", bytes);
  CHECK(error_of([&] { store->backups().restore(restoring(folder.path() / "later")); }).reason() ==
        "BACKUP_VERSION_UNKNOWN");
  CHECK(error_of([&] { store->backups().restore(restoring(file, {"staff"}, "../x")); }).reason() ==
        "COLLECTION_ID_INVALID");
  CHECK(error_of([] { back_up(*make_memory_store(), "backup"); }).reason() == "NO_BACKUP");
}

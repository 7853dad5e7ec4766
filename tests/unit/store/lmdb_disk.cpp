// SPDX-License-Identifier: MIT
// What is particular to the store on disk: its files, their rights, damage, growth.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include <lmdb.h>

#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/store_folder.hpp"
#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kDiskPage = 4096;

struct Umask {
  explicit Umask(mode_t mask) : before(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before); }
  mode_t before;
};

// A store with one collection of `faces` faces, closed again. The ids in order.
std::vector<Uuid> store_of(const fs::path& folder, unsigned faces, int dimension = kDimension) {
  const auto store = make_store_in(folder);
  store->create(collection_record("staff", dimension));
  std::vector<Uuid> ids;
  store->open("staff")->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < faces; ++i) {
      const FaceRecord record = face_record();
      transaction.add(record, values_of(i, static_cast<std::size_t>(dimension)));
      ids.push_back(record.face);
    }
  });
  return ids;
}

// Everything a reader can ask; throws what any of it throws.
void read_all(Store& store, const std::vector<Uuid>& faces) {
  const auto collection = store.open("staff");
  const auto view = collection->snapshot();
  view->scan(0, [](const TemplateRow&) {});
  view->page("", 0, 1000);
  view->page("-7", 0, 1000);
  for (const Uuid& face : faces) {
    const auto record = view->find_face(face);
    view->find_template(face);
    view->was_erased(face);
    view->has_person(record ? record->person : face);
  }
}

}  // namespace

TEST_CASE("every file and folder is its owner's alone, whatever the umask", "[lmdb]") {
  const Umask mask(GENERATE(0U, 0022U, 0777U));
  const auto there = GENERATE(0, 1, 2);
  CAPTURE(mask.before, there);
  const TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 0700);
  const fs::path root = there == 0 ? folder.path() / "a" / "b" : folder.path() / "open";
  // A folder that was open to all before; and one with what an interrupted creation leaves.
  for (const fs::path& path : {root, root / "locks"}) {
    if (there == 0 || (there == 1 && path != root)) {
      continue;
    }
    fs::create_directory(path);
    REQUIRE(::chmod(path.c_str(), 0777) == 0);
  }
  {
    const auto store = make_store_in(root);
    store->api_keys().add({Uuid::make(), "", {}, 1, {}, 0, {}, {}});
    store->create(collection_record("staff"));
    store->create(collection_record("gone"));
    add_face(*store->open("staff"), face_record());
    store->remove("gone");
  }
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    CAPTURE(entry.path());
    const bool is_folder = entry.is_directory();
    CHECK(entry.status().permissions() == static_cast<fs::perms>(is_folder ? 0700 : 0600));
    names.insert(entry.path().lexically_relative(root).string());
    CHECK(entry.path().string().find("gone") == std::string::npos);
  }
  for (const char* name : {"store.json", "keys.json", "collections/staff/gen-1/data.mdb",
                           "collections/staff/gen-1/key", "collections/staff/CURRENT", "locks/store.lock"}) {
    CHECK(names.count(name) == 1);
  }
  CHECK(names.size() == (there == 0 ? 24 : 23));  // no file that is not looked for
}

TEST_CASE("a store is made once, in a folder of its own", "[lmdb]") {
  const TemporaryFolder folder;
  CHECK(cause_of([&] { open_store_in(folder.store()); }) == Cause::kNoStore);
  overwrite(folder.path() / "letter.txt", "dear");
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  CHECK(error_of([&] { make_store_in(folder.path()); }).reason() == "FOLDER_NOT_EMPTY");
  CHECK(fs::status(folder.path()).permissions() == static_cast<fs::perms>(0755));
  const Uuid id = make_store_in(folder.store())->id();
  CHECK(error_of([&] { make_store_in(folder.store()); }).reason() == "STORE_EXISTS");
  CHECK(open_store_in(folder.store())->id() == id);
  // Interrupted just before it became a store: init can be run again.
  fs::remove(folder.store() / "store.json");
  overwrite(folder.store() / (".tmp-" + Uuid::make().text()), "half");
  CHECK(make_store_in(folder.store())->id() != id);
  // With a collection it is no store in the making.
  open_store_in(folder.store())->create(collection_record("staff"));
  fs::remove(folder.store() / "store.json");
  CHECK(error_of([&] { open_store_in(folder.store()); }).reason() == "FILE_MISSING");
}

TEST_CASE("a store that lost a part is damaged, not empty", "[lmdb]") {
  const TemporaryFolder folder;
  make_store_in(folder.store())->create(collection_record("staff"));
  for (const char* part : {"collections", "tombstones", "locks", "store.json"}) {
    CAPTURE(part);
    fs::rename(folder.store() / part, folder.path() / "aside");
    CHECK(error_of([&] { open_store_in(folder.store()); }).reason() == "FILE_MISSING");
    fs::rename(folder.path() / "aside", folder.store() / part);
  }
  const fs::path staff = fs::path(folder.store()) / "collections" / "staff";
  fs::remove_all(staff);
  overwrite(staff, "no folder");
  CHECK(cause_of([&] { open_store_in(folder.store())->open("staff"); }) == Cause::kStoreDamaged);
}

TEST_CASE("a store begins with its first keys, or does not begin", "[lmdb]") {
  const TemporaryFolder folder;
  const auto fail = [](const Uuid&) -> std::vector<ApiKeyRecord> {
    throw Error(Cause::kPermissionDenied, "KEY_FILE", "");
  };
  CHECK(cause_of([&] { create_lmdb_store(folder.store(), options_of(folder.store()), fail); }) ==
        Cause::kPermissionDenied);
  CHECK(cause_of([&] { open_store_in(folder.store()); }) == Cause::kNoStore);
  Uuid made;
  const auto one_key = [&](const Uuid& store) {
    made = store;
    ApiKeyRecord key;
    key.label = "first";
    return std::vector{key};
  };
  const auto store = create_lmdb_store(folder.store(), options_of(folder.store()), one_key);
  CHECK(store->id() == made);
  REQUIRE(store->api_keys().list().size() == 1);
  CHECK(store->api_keys().list()[0].label == "first");
}

TEST_CASE("what is there stays over a new opening", "[lmdb]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = store_of(folder.store(), 300);
  const auto store = open_store_in(folder.store());
  CHECK(store->open("staff")->snapshot()->face_count() == 300);
  CHECK(store->open("staff")->snapshot()->find_template(faces[299]) == values_of(299));
}

TEST_CASE("a process has a store open once", "[lmdb]") {
  const TemporaryFolder folder;
  auto store = make_store_in(folder.store());
  StoreOptions options = options_of(folder.store());
  options.lock_timeout = std::chrono::milliseconds(30);
  CHECK(cause_of([&] { open_lmdb_store(folder.store(), options); }) == Cause::kStoreBusy);
  store.reset();
  CHECK_NOTHROW(open_lmdb_store(folder.store(), options));
}

TEST_CASE("the ids are there though a collection is busy, and nothing else in the folder is one", "[lmdb]") {
  const TemporaryFolder folder;
  store_of(folder.store(), 1);
  StoreOptions options = options_of(folder.store());
  options.lock_timeout = std::chrono::milliseconds(30);
  const auto store = open_lmdb_store(folder.store(), options);
  overwrite(folder.store() / "collections" / "file", "no collection");
  fs::create_directory(folder.store() / "collections" / ".hidden");
  const storage::StoreFolder at{folder.store(), store->id()};
  storage::CollectionLock gate(at.lock("staff"), "staff", options.lock_timeout);
  gate.enter_alone();
  REQUIRE(cause_of([&] { store->open("staff"); }) == Cause::kStoreBusy);
  CHECK(store->ids() == std::vector<std::string>{"staff"});
}

TEST_CASE("leftovers are swept, but not those of who is at work", "[lmdb]") {
  const TemporaryFolder folder;
  make_store_in(folder.store());
  const fs::path half_made = folder.store() / (".tmp-" + Uuid::make().text());
  const fs::path half_gone = folder.store() / (".del-" + Uuid::make().text());
  const fs::path foreign = folder.store() / ".tmp-mine";
  for (const fs::path& path : {half_made, half_gone, foreign}) {
    fs::create_directory(path);
    overwrite(path / "data.mdb", "x");
  }
  {
    storage::LockFile working(folder.store() / "locks" / "store.lock");
    REQUIRE(working.try_lock(0, storage::LockMode::kShared));
    open_store_in(folder.store());
    CHECK(fs::exists(half_made));
    CHECK(fs::exists(half_gone));
  }
  open_store_in(folder.store());
  CHECK_FALSE(fs::exists(half_made));
  CHECK_FALSE(fs::exists(half_gone));
  CHECK(fs::exists(foreign));
}

TEST_CASE("a deletion that was interrupted leaves a live collection", "[lmdb]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = store_of(folder.store(), 2);
  const auto store = open_store_in(folder.store());
  // As remove() leaves it between its two steps: by a deletion whose folder is put back.
  const fs::path kept = folder.path() / "kept";
  fs::copy(folder.store() / "collections" / "staff", kept, fs::copy_options::recursive);
  const fs::path marks = folder.store().string() + ".master-keys";
  fs::copy(marks, folder.path() / "marks", fs::copy_options::recursive);
  store->remove("staff");
  CHECK(store->state("staff") == CollectionState::kDeleted);
  fs::rename(kept, folder.store() / "collections" / "staff");
  CHECK(error_of([&] { store->open("staff"); }).reason() == "ROLLED_BACK");
  fs::remove_all(marks);
  fs::rename(folder.path() / "marks", marks);
  CHECK(store->state("staff") == CollectionState::kLive);
  const auto collection = store->open("staff");
  CHECK_FALSE(collection->snapshot()->was_erased(faces[0]));
  CHECK(collection->snapshot()->find_face(faces[0]));
  collection->write([&](WriteTransaction& transaction) { transaction.erase(faces[0]); });
  CHECK(collection->snapshot()->was_erased(faces[0]));
}

TEST_CASE("other versions and missing files are refused clearly", "[lmdb]") {
  const TemporaryFolder folder;
  store_of(folder.store(), 1);
  const auto read = [&] { read_all(*open_store_in(folder.store()), {}); };
  CHECK_NOTHROW(read());
  const fs::path file = folder.store() / "store.json";
  const std::string before = contents(file);
  for (const char* version : {"1", "3"}) {
    std::string other = before;
    other.replace(other.find("\"format\":2"), 10, std::string("\"format\":") + version);
    overwrite(file, other);
    const Error error = error_of(read);
    CHECK(error.cause() == Cause::kStoreDamaged);
    CHECK(error.reason() == "STORE_VERSION_UNKNOWN");
    CHECK(error.detail().find(std::string("version ") + version + ",") != std::string::npos);
    CHECK(contents(file) == other);
  }
  overwrite(file, "");
  CHECK(error_of(read).reason() == "RECORD_INVALID");
  overwrite(file, before);
  fs::remove(folder.store() / "keys.json");
  CHECK(cause_of([&] { open_store_in(folder.store())->api_keys().list(); }) == Cause::kStoreDamaged);
  fs::remove(folder.store() / "collections" / "staff" / "gen-1" / "data.mdb");
  CHECK(error_of(read).reason() == "DATA_MISSING");
}

TEST_CASE("a folder, link or pipe where a file has to be is a damaged store, and not waited for", "[lmdb]") {
  const TemporaryFolder folder;
  store_of(folder.store(), 1);
  const fs::path collection = folder.store() / "collections" / "staff";
  const fs::path aside = folder.path() / "aside";
  for (const fs::path& file : {folder.store() / "keys.json", collection / "CURRENT",
                               collection / "gen-1" / "data.mdb", collection / "gen-1" / "lock.mdb"}) {
    CAPTURE(file);
    fs::rename(file, aside);
    const auto is_refused = [&] {
      CHECK(error_of([&] {
              const auto store = open_store_in(folder.store());
              store->api_keys().list();
              read_all(*store, {});
            }).reason() == "FILE_INVALID");
      fs::remove(file);
    };
    fs::create_directory(file);
    is_refused();
    fs::create_symlink(aside, file);
    is_refused();
    fs::create_symlink(file, file);
    is_refused();
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    is_refused();
    fs::rename(aside, file);
  }
  CHECK_NOTHROW(read_all(*open_store_in(folder.store()), {}));
}

TEST_CASE("a data file that was cut short is a damaged store, not a signal", "[lmdb]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = store_of(folder.store(), 400, 128);
  const fs::path data = folder.store() / "collections" / "staff" / "gen-1" / "data.mdb";
  const auto whole = fs::file_size(data);
  const std::string before = contents(data);
  REQUIRE(whole > 60 * kDiskPage);
  for (std::uintmax_t size = 0; size < whole; size += size < 3 * kDiskPage ? 511 : 13 * kDiskPage - 7) {
    CAPTURE(size);
    fs::resize_file(data, size);
    const auto store = open_store_in(folder.store());
    CHECK(cause_of([&] { store->open("staff"); }) == Cause::kStoreDamaged);
    CHECK(store->ids() == std::vector<std::string>{"staff"});
    CHECK(fs::file_size(data) == size);
    overwrite(data, before);
  }
  CHECK_NOTHROW(read_all(*open_store_in(folder.store()), faces));
}

TEST_CASE("first pages that make no sense are a damaged store", "[lmdb]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = store_of(folder.store(), 50);
  const fs::path data = folder.store() / "collections" / "staff" / "gen-1" / "data.mdb";
  const std::string before = contents(data);
  // Magic, version, page size, roots and last page of both first pages.
  for (const std::size_t page : {0U, 4096U}) {
    for (const std::size_t field : {16U, 20U, 40U, 80U, 128U, 136U}) {
      CAPTURE(page, field);
      std::string changed = before;
      changed.replace(page + field, 4, "\xfa\xfb\xfc\x7d");
      changed.replace(page + 144, 1, "\x7f");  // the newer one
      overwrite(data, changed);
      const auto store = open_store_in(folder.store());
      CHECK(cause_of([&] { store->open("staff"); }) == Cause::kStoreDamaged);
    }
  }
  overwrite(data, before);
  CHECK_NOTHROW(read_all(*open_store_in(folder.store()), faces));
}

TEST_CASE("a table that begins beyond the data file is a damaged store", "[lmdb]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = store_of(folder.store(), 50);
  const fs::path data = folder.store() / "collections" / "staff" / "gen-1" / "data.mdb";
  const std::string before = contents(data);
  for (const std::string table : {"erased", "faces", "persons", "pieces"}) {
    // Its record in LMDB's table of tables (MDB_db), in every page that has one: the root is its last number.
    std::string changed = before;
    const std::string node = std::string("\2\0", 2) + static_cast<char>(table.size()) + '\0' + table;
    std::size_t places = 0;
    for (std::size_t at = before.find(node); at != std::string::npos; at = before.find(node, at + 1)) {
      changed[at + node.size() + 40 + 7] = '\x08';
      ++places;
    }
    CAPTURE(table, places);
    REQUIRE(places > 0);
    overwrite(data, changed);
    const auto store = open_store_in(folder.store());
    CHECK(cause_of([&] { read_all(*store, faces); }) == Cause::kStoreDamaged);
  }
  overwrite(data, before);
  CHECK_NOTHROW(read_all(*open_store_in(folder.store()), faces));
}

TEST_CASE("a file that lacks free pages only is made whole", "[lmdb]") {
  const TemporaryFolder folder;
  std::vector<Uuid> faces = store_of(folder.store(), 100);
  const fs::path data = folder.store() / "collections" / "staff" / "gen-1" / "data.mdb";
  open_store_in(folder.store())->open("staff")->write([&](WriteTransaction& transaction) {
    std::vector<FaceRecord> passing(100);
    for (FaceRecord& record : passing) {
      record = face_record();
      record.metadata["long"] = std::string(16'000, 'x');
      transaction.add(record, values_of(1));
    }
    for (const FaceRecord& record : passing) {
      transaction.erase(record.face);
    }
  });
  // Find by trial how much of the end is free; all of that may be missing, and not one page more.
  const std::string before = contents(data);
  std::size_t shortest = before.size();
  for (std::size_t size = before.size(); size > 8192; size -= 4096) {
    overwrite(data, before.substr(0, size));
    try {
      read_all(*open_store_in(folder.store()), faces);
      CHECK(fs::file_size(data) == before.size());
      shortest = size;
    } catch (const Error& error) {
      CHECK(error.reason() == "DATA_TRUNCATED");
      break;
    }
  }
  CHECK(shortest + 20 * kDiskPage < before.size());
}

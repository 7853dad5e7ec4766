// SPDX-License-Identifier: MIT
// Values in the tables that no facesearch wrote: an Error, never a crash.
#include <algorithm>

#include <lmdb.h>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

// Changes a collection's tables behind the store's back, through LMDB itself.
class Tables {
 public:
  explicit Tables(const std::filesystem::path& folder) {
    REQUIRE(mdb_env_create(&env_) == 0);
    REQUIRE(mdb_env_set_maxdbs(env_, 8) == 0);
    REQUIRE(mdb_env_open(env_, (folder / "collections" / "staff").c_str(), 0, 0600) == 0);
    REQUIRE(mdb_txn_begin(env_, nullptr, 0, &txn_) == 0);
  }
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;
  ~Tables() {
    mdb_txn_commit(txn_);
    mdb_env_close(env_);
  }

  using Entry = std::pair<std::string, std::string>;

  std::vector<Entry> all(const char* table) {
    MDB_cursor* cursor = nullptr;
    REQUIRE(mdb_cursor_open(txn_, open(table), &cursor) == 0);
    std::vector<Entry> entries;
    MDB_val key{};
    MDB_val value{};
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
      entries.emplace_back(std::string(static_cast<char*>(key.mv_data), key.mv_size),
                           std::string(static_cast<char*>(value.mv_data), value.mv_size));
    }
    mdb_cursor_close(cursor);
    return entries;
  }

  void put(const char* table, std::string key, std::string value) {
    MDB_val name{key.size(), key.data()};
    MDB_val data{value.size(), value.data()};
    REQUIRE(mdb_put(txn_, open(table), &name, &data, 0) == 0);
  }

  void erase(const char* table, std::string key) {
    MDB_val name{key.size(), key.data()};
    REQUIRE(mdb_del(txn_, open(table), &name, nullptr) == 0);
  }

  void drop(const char* table) { REQUIRE(mdb_drop(txn_, open(table), 1) == 0); }

 private:
  MDB_dbi open(const char* table) {
    MDB_dbi dbi = 0;
    REQUIRE(mdb_dbi_open(txn_, table, 0, &dbi) == 0);
    return dbi;
  }

  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
};

// Uses all of the collection and then erases a face and adds one; every Error must be one of damage.
bool works(const std::filesystem::path& folder, const std::vector<FaceRecord>& faces) {
  try {
    const auto store = open_lmdb_store(folder, {});
    const auto collection = store->open("staff");
    {
      const auto view = collection->snapshot();
      view->scan(0, [](const TemplateRow&) {});
      view->page("", 0, 1000);
      view->page("-", 0, 1000);
      for (const FaceRecord& face : faces) {
        view->find_face(face.face);
        view->find_template(face.face);
        view->was_erased(face.face);
        view->has_person(face.person);
      }
    }
    collection->write([&](WriteTransaction& transaction) {
      transaction.erase(faces[1].face);
      transaction.add(face_record(faces[2].person), values_of(9));
      throw std::runtime_error("keep it as it is");
    });
  } catch (const Error& error) {
    CHECK(error.cause() == Cause::kStoreDamaged);
    return false;
  } catch (const std::runtime_error&) {
  }
  return true;
}

std::vector<FaceRecord> make_store(const std::filesystem::path& folder) {
  const auto store = create_lmdb_store(folder, {});
  store->create(collection_record("staff"));
  std::vector<FaceRecord> faces;
  store->open("staff")->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < 6; ++i) {
      faces.push_back(face_record());
      transaction.add(faces.back(), values_of(i));
    }
    transaction.erase(faces[0].face);
  });
  return faces;
}

}  // namespace

TEST_CASE("values of every table are checked", "[lmdb][damage]") {
  const TemporaryFolder folder;
  const std::vector<FaceRecord> faces = make_store(folder.store());
  REQUIRE(works(folder.store(), faces));
  std::minstd_rand random(3);
  int found = 0;
  for (const char* table : {"meta", "rows", "faces", "persons"}) {
    for (const Tables::Entry& entry : Tables(folder.store()).all(table)) {
      CAPTURE(table);
      const std::string& value = entry.second;
      for (const std::string& bad : {std::string(), value.substr(0, value.size() - 1), value + "x",
                                     std::string(value.size(), '\xff'), std::string(100'000, 'a')}) {
        Tables(folder.store()).put(table, entry.first, bad);
        // An all-ones counter or person count is a number like others; the rest cannot be read.
        const bool readable = works(folder.store(), faces);
        CHECK((!readable || bad.size() == 8));
        found += readable ? 0 : 1;
      }
      for (int i = 0; i < 4; ++i) {
        std::string bad = value;
        char& byte = bad[random() % bad.size()];
        byte = static_cast<char>(static_cast<unsigned char>(byte) ^ 1U << random() % 8);
        Tables(folder.store()).put(table, entry.first, bad);
        works(folder.store(), faces);
      }
      Tables(folder.store()).put(table, entry.first, value);
    }
  }
  CHECK(found > 60);
  CHECK(works(folder.store(), faces));
}

TEST_CASE("missing entries, tables and keys of the wrong size are found", "[lmdb][damage]") {
  const TemporaryFolder folder;
  const std::vector<FaceRecord> faces = make_store(folder.store());
  SECTION("a row without its face") {
    Tables tables(folder.store());
    tables.erase("faces", tables.all("faces")[2].first);
  }
  SECTION("a face without its row") {
    Tables tables(folder.store());
    tables.erase("rows", tables.all("rows")[2].first);
  }
  SECTION("a key of a row that is no slot") {
    Tables tables(folder.store());
    tables.put("rows", "odd", tables.all("rows")[0].second);
  }
  SECTION("rows of two faces exchanged") {
    Tables tables(folder.store());
    const auto rows = tables.all("rows");
    tables.put("rows", rows[1].first, rows[2].second);
    tables.put("rows", rows[2].first, rows[1].second);
  }
  SECTION("persons that have no faces") {
    Tables tables(folder.store());
    for (const auto& entry : tables.all("persons")) {
      tables.erase("persons", entry.first);
    }
  }
  SECTION("a table is missing") {
    Tables(folder.store()).drop(GENERATE("rows", "faces", "erased", "persons", "meta"));
  }
  SECTION("the record is gone") {
    Tables(folder.store()).erase("meta", "record");
  }
  SECTION("the record is another collection's") {
    Tables tables(folder.store());
    for (auto [key, value] : tables.all("meta")) {
      if (key == "record") {
        tables.put("meta", key, value.replace(value.find("staff"), 5, "staFF"));
      }
    }
  }
  CHECK_FALSE(works(folder.store(), faces));
}

TEST_CASE("a collection of a later layout is refused", "[lmdb][damage]") {
  const TemporaryFolder folder;
  make_store(folder.store());
  Tables(folder.store()).put("meta", "layout", std::string("\x02\0\0\0\0\0\0\0", 8));
  const auto store = open_lmdb_store(folder.store(), {});
  CHECK(error_of([&] { store->open("staff"); }).reason() == "STORE_VERSION_UNKNOWN");
}

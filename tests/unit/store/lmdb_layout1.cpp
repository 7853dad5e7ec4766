// SPDX-License-Identifier: MIT
// Stores of layout 1: opened, rewritten once, sealed, and everything as it was.
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "store/death.hpp"
#include "store/layout1_store.hpp"
#include "store/worker.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

constexpr unsigned kFaces = 30;
constexpr const char* kName = "Ada Lovelace-Byron";

// Every file that holds the bytes.
std::vector<fs::path> files_with(const fs::path& folder, const std::string& bytes) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && contents(entry.path()).find(bytes) != std::string::npos) {
      found.push_back(entry.path());
    }
  }
  return found;
}

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

CollectionRecord old_record(const std::string& id) {
  CollectionRecord record = collection_record(id);
  record.policy.min_face_px = 61;
  return record;
}

OldSide old_side(const std::string& id) {
  OldSide side;
  side.record = old_record(id);
  for (unsigned i = 0; i < kFaces; ++i) {
    FaceRecord face = face_record();
    face.name = kName + std::to_string(i);
    face.metadata["long"] = std::string(i % 5 == 0 ? 3000 : 10, 'm');
    face.created += i;
    if (i % 4 == 1) {
      side.erased[face.face] = false;
    } else {
      side.rows.push_back({i, face, values_of(i)});
    }
  }
  side.next_slot = kFaces + 2;
  return side;
}

// A store with a collection of its own pack, one that was moved and keeps its former side, an empty one, and
// a deleted one.
struct Old {
  explicit Old(const fs::path& at) : folder(at), id(make_old_store(at)), staff(old_side("staff")) {
    put_old_collection(at, staff);
    former = old_side("moved");
    moved = former;
    moved.record.generation = Uuid::make();
    moved.record.binding = other_pack();
    for (OldSide::Row& row : moved.rows) row.values = other_values(static_cast<unsigned>(row.slot));
    left_out = moved.rows[3].face.face;
    erased_since = moved.rows[5].face.face;
    moved.erased[left_out] = true;
    moved.erased[erased_since] = false;
    moved.rows.erase(moved.rows.begin() + 5);
    moved.rows.erase(moved.rows.begin() + 3);
    put_old_collection(at, moved, former);
    OldSide empty;
    empty.record = old_record("empty");
    put_old_collection(at, empty);
    put_old_tombstone(at, id, "gone", {gone});
    put_old_tombstone(at, id, "staff", {gone});
  }

  fs::path folder;
  Uuid id;
  OldSide staff;
  OldSide moved;
  OldSide former;
  Uuid left_out;
  Uuid erased_since;
  Uuid gone = Uuid::make();
};

void require_same(Store& store, const OldSide& side, const std::vector<Uuid>& but = {}) {
  const auto collection = store.open(side.record.id);
  const CollectionRecord& record = collection->record();
  REQUIRE(record.generation == side.record.generation);
  REQUIRE(record.created == side.record.created);
  REQUIRE(record.binding == side.record.binding);
  REQUIRE(record.policy == side.record.policy);
  REQUIRE(record.sealed);
  const auto view = collection->snapshot();
  REQUIRE(view->next_slot() == side.next_slot);
  REQUIRE(view->face_count() == side.rows.size() - but.size());
  auto row = side.rows.begin();
  view->scan(0, [&](const TemplateRow& found) {
    while (std::ranges::find(but, row->face.face) != but.end()) ++row;
    REQUIRE(found.slot == row->slot);
    REQUIRE(found.face == row->face.face);
    REQUIRE(std::ranges::equal(found.values, row->values));
    REQUIRE(same(view->find_face(found.face).value(), row->face));
    REQUIRE(view->slots_of(row->face.person) == std::vector{row->slot});
    ++row;
  });
  for (const auto& [face, left_out] : side.erased) REQUIRE(view->was_erased(face));
  for (const Uuid& face : but) REQUIRE(view->was_erased(face));
}

void require_rewritten(const Old& old) {
  const auto store = open_store_in(old.folder);
  REQUIRE(store->id() == old.id);
  REQUIRE(store->ids() == std::vector<std::string>{"empty", "moved", "staff"});
  require_same(*store, old.staff);
  require_same(*store, old.moved);
  REQUIRE(store->open("staff")->snapshot()->was_erased(old.gone));
  REQUIRE(store->state("gone") == CollectionState::kDeleted);
  REQUIRE(store->open("moved")->kept_side()->record.generation == old.former.record.generation);
  REQUIRE(store->open("moved")->kept_side()->faces == old.former.rows.size());
  for (const char* id : {"staff", "moved", "empty"}) store->check(id);
  for (const fs::path& path : {old.folder / ".", fs::path(old.folder.string() + ".master-keys")}) {
    for (const OldSide* side : {&old.staff, &old.moved, &old.former}) {
      for (const OldSide::Row& row : side->rows) {
        REQUIRE(files_with(path, bytes_of(row.values).substr(0, 16)).empty());
      }
    }
    REQUIRE(files_with(path, kName).empty());
    REQUIRE(files_with(path, std::string(10, 'm')).empty());
  }
  for (const char* id : {"staff", "moved", "empty"}) {
    REQUIRE_FALSE(fs::exists(old.folder / "collections" / id / "data.mdb"));
    REQUIRE_FALSE(fs::exists(old.folder / "collections" / id / "lock.mdb"));
    REQUIRE_FALSE(fs::exists(old.folder / "collections" / id / "kept"));
  }
  for (const auto& entry : fs::directory_iterator(old.folder)) {
    REQUIRE(entry.path().filename().string().front() != '.');
  }
}

}  // namespace

TEST_CASE("a store of layout 1 becomes one of layout 2 with all that is in it", "[lmdb][layout1]") {
  const TemporaryFolder folder;
  const Old old(folder.store());
  REQUIRE_FALSE(files_with(old.folder, kName).empty());
  REQUIRE_FALSE(files_with(old.folder, bytes_of(old.staff.rows[2].values).substr(0, 16)).empty());
  require_rewritten(old);
  const std::string after = contents(old.folder / "store.json");
  CHECK(after.find("\"format\":2") != std::string::npos);
  struct stat first {};
  REQUIRE(::stat((old.folder / "collections/staff/gen-1/data.mdb").c_str(), &first) == 0);
  require_rewritten(old);  // once, and no second time
  struct stat second {};
  REQUIRE(::stat((old.folder / "collections/staff/gen-1/data.mdb").c_str(), &second) == 0);
  CHECK(first.st_ino == second.st_ino);
  const auto store = open_store_in(old.folder);
  SECTION("the kept side comes back") {
    store->revert_side("moved", [](const CollectionRecord&) {});
    require_same(*store, old.former, {old.erased_since});
    CHECK_FALSE(store->open("moved")->snapshot()->was_erased(old.left_out));
  }
  SECTION("the kept side goes") {
    store->confirm_side("moved");
    require_same(*store, old.moved);
    CHECK_FALSE(fs::exists(old.folder / "collections" / "moved" / "gen-1"));
  }
  SECTION("what was left out is erased there too, once") {
    store->open("moved")->write([&](WriteTransaction& transaction) {
      CHECK(transaction.erase(old.left_out));
      CHECK_FALSE(transaction.erase(old.left_out));
      CHECK_FALSE(transaction.erase(old.erased_since));
    });
  }
  SECTION("it works on") {
    add_face(*store->open("staff"), face_record());
    CHECK(store->open("staff")->snapshot()->next_slot() == old.staff.next_slot + 1);
    store->rewrite("staff", old.staff.rows[0].face.face);
    CHECK(store->check("staff").faces == old.staff.rows.size());
  }
}

TEST_CASE("a rewriting of layout 1 that is killed goes on at the next opening",
          "[processes][killed][layout1]") {
  const TemporaryFolder folder;
  Old old(folder.path() / "old");
  const fs::path copy = folder.store();
  // Every trial waits for the disk many times: one call in five, others at each run.
  constexpr int kStep = 5;
  int call = 1 + static_cast<int>(std::random_device{}() % kStep);
  for (int end = kDied; end == kDied; call += kStep) {
    copy_store(old.folder, copy);
    end = end_of(start_worker({"open", copy, "-", std::to_string(call)}));
    CAPTURE(call);
    REQUIRE((end == kDied || end == 0));
    Old now = old;
    now.folder = copy;
    require_rewritten(now);
  }
  CHECK(call > 60);
}

TEST_CASE("a damaged collection of layout 1 stays and hinders no other", "[lmdb][layout1]") {
  const TemporaryFolder folder;
  const Uuid id = make_old_store(folder.store());
  const OldSide good = old_side("staff");
  put_old_collection(folder.store(), good);
  OldSide bad = old_side("bad");
  SECTION("its file is cut") {
    put_old_collection(folder.store(), bad);
    fs::resize_file(folder.store() / "collections" / "bad" / "data.mdb", 9000);
  }
  SECTION("a template is none") {
    bad.rows[2].values[0] = 7;
    put_old_collection(folder.store(), bad);
  }
  SECTION("a template has another length") {
    bad.rows[2].values.push_back(0);
    put_old_collection(folder.store(), bad);
  }
  SECTION("a slot was not given yet") {
    bad.next_slot = 4;
    put_old_collection(folder.store(), bad);
  }
  const fs::path data = folder.store() / "collections" / "bad" / "data.mdb";
  const std::string before = contents(data);
  const auto store = open_store_in(folder.store());
  CHECK(store->id() == id);
  CHECK(store->ids() == std::vector<std::string>{"bad", "staff"});
  require_same(*store, good);
  CHECK(cause_of([&] { store->open("bad"); }) == Cause::kStoreDamaged);
  CHECK(cause_of([&] { store->check("bad"); }) == Cause::kStoreDamaged);
  CHECK(contents(data) == before);
}

TEST_CASE("a store that was put back to layout 1 is found by its marks", "[tamper][rollback][layout1]") {
  const TemporaryFolder folder;
  const Old old(folder.store());
  const fs::path earlier = folder.path() / "earlier";
  fs::copy(old.folder, earlier, fs::copy_options::recursive);
  {
    const auto store = open_store_in(old.folder);
    store->open("staff")->write(
        [&](WriteTransaction& transaction) { transaction.erase(old.staff.rows[0].face.face); });
  }
  fs::remove_all(old.folder);
  fs::copy(earlier, old.folder, fs::copy_options::recursive);
  CHECK(error_of([&] { open_store_in(old.folder)->open("staff"); }).reason() == "ROLLED_BACK");
}

TEST_CASE("a store of a later layout is refused and unchanged", "[lmdb][layout1]") {
  const TemporaryFolder folder;
  make_store_in(folder.store())->create(collection_record("staff"));
  std::string text = contents(folder.store() / "store.json");
  text.replace(text.find("\"format\":2"), 10, "\"format\":3");
  std::ofstream(folder.store() / "store.json") << text;
  const auto all = [&] {
    std::string everything;
    for (const auto& entry : fs::recursive_directory_iterator(folder.store())) {
      everything += entry.path().string();
      if (entry.is_regular_file()) everything += contents(entry.path());
    }
    return everything;
  };
  const std::string before = all();
  CHECK(error_of([&] { open_store_in(folder.store()); }).reason() == "STORE_VERSION_UNKNOWN");
  CHECK(all() == before);
}

TEST_CASE("a store of layout 1 without a place for a master key stays as it is", "[lmdb][layout1]") {
  const TemporaryFolder folder;
  make_old_store(folder.store());
  put_old_collection(folder.store(), old_side("staff"));
  CHECK(cause_of([&] { open_lmdb_store(folder.store(), {}); }) == Cause::kMasterKey);
  CHECK(contents(folder.store() / "store.json").find("\"format\":1") != std::string::npos);
  CHECK(open_store_in(folder.store())->check("staff").faces == 22);
}

// SPDX-License-Identifier: MIT
// Repair and deletion of collections that lack keys, files or sides, and repairs that are killed.
#include <set>

#include "facesearch/store/format/piece.hpp"
#include "store/damaged_store.hpp"
#include "store/death.hpp"
#include "store/tables.hpp"
#include "store/worker.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

// A small collection; `moved`: with a former side that is kept. Its faces.
std::vector<Uuid> make_staff(const fs::path& folder, bool sealed, bool moved = false) {
  const auto store = make_store_in(folder);
  store->create(collection_record("staff", kDimension, sealed));
  std::vector<Uuid> faces;
  for (unsigned i = 0; i < 10; ++i) faces.push_back(add_face(*store->open("staff"), face_record(), i));
  if (moved) move_to_other_pack(*store, "staff");
  return faces;
}

// Nothing can be saved, for this reason; it can be deleted, and its ids are known as far as `known` says.
void require_lost(const fs::path& folder, const std::string& reason, const std::vector<Uuid>& known) {
  const auto store = open_store_in(folder);
  for (const bool dry_run : {true, false}) {
    CHECK(error_of([&] { store->upkeep().repair("staff", "saved", dry_run); }).reason() == reason);
  }
  CHECK(store->state("saved") == CollectionState::kNever);
  store->remove("staff");
  CHECK(store->state("staff") == CollectionState::kDeleted);
  store->create(collection_record("staff", kDimension, false));
  const auto view = store->open("staff");
  for (const Uuid& face : known) CHECK(view->snapshot()->was_erased(face));
}

// Makes zeros of all places of the file that have these bytes.
void wipe(const fs::path& file, std::string_view wanted) {
  std::string bytes = contents(file);
  std::size_t places = 0;
  for (std::size_t at = 0; (at = bytes.find(wanted, at)) != std::string::npos; at += wanted.size(), ++places)
    bytes.replace(at, wanted.size(), wanted.size(), '\0');
  REQUIRE(places > 0);
  overwrite(file, bytes);
}

}  // namespace

TEST_CASE("without its key nothing of a collection can be saved, and it can be deleted", "[repair][keys]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = make_staff(folder.store(), true);
  const fs::path key = staff_in(folder.store()) / "gen-1" / "key";
  const fs::path masters = folder.store().string() + ".master-keys";
  SECTION("missing") {
    fs::remove(key);
    require_lost(folder.store(), "FILE_MISSING", faces);
  }
  SECTION("damaged") {
    overwrite(key, "{\"format\":2}");
    require_lost(folder.store(), "KEY_FILE_INVALID", faces);
  }
  SECTION("the master key is another one") {
    const TemporaryFolder elsewhere;
    make_staff(elsewhere.store(), true);
    fs::copy_file(staff_in(elsewhere.store()) / "gen-1" / "key", key, fs::copy_options::overwrite_existing);
    require_lost(folder.store(), "MASTER_KEY_WRONG", faces);
  }
}

TEST_CASE("a collection that is next to nothing can be deleted", "[repair]") {
  const TemporaryFolder folder;
  const bool sealed = GENERATE(true, false);
  const std::vector<Uuid> faces = make_staff(folder.store(), sealed);
  const fs::path staff = staff_in(folder.store());
  const fs::path data = staff / "gen-1" / "data.mdb";
  SECTION("an empty folder") {
    fs::remove_all(staff);
    fs::create_directory(staff);
    require_lost(folder.store(), "FILE_MISSING", {});
  }
  SECTION("no side") {
    fs::remove_all(staff / "gen-1");
    require_lost(folder.store(), "DATA_MISSING", {});
  }
  SECTION("no data") {
    fs::remove(data);
    require_lost(folder.store(), "DATA_MISSING", {});
  }
  SECTION("an empty file") {
    fs::resize_file(data, 0);
    require_lost(folder.store(), "NOTHING_TO_SAVE", {});
  }
  SECTION("a file of noise") {
    overwrite(data, std::string(100'000, 'x'));
    require_lost(folder.store(), "NOTHING_TO_SAVE", {});
  }
  SECTION("another collection's file") {
    open_store_in(folder.store())->create(collection_record("other", kDimension, sealed));
    fs::copy_file(folder.store() / "collections" / "other" / "gen-1" / "data.mdb", data,
                  fs::copy_options::overwrite_existing);
    require_lost(folder.store(), "NOTHING_TO_SAVE", {});
  }
}

TEST_CASE("faces of the tail are known where their block of ids and the index of faces are lost",
          "[repair][tail]") {
  const TemporaryFolder folder;
  std::vector<Uuid> faces = make_staff(folder.store(), true);
  const fs::path side = staff_in(folder.store()) / "gen-1";
  std::string ids;
  for (const auto& [key, value] : SideTables(side).all("pieces"))
    if (key[0] == static_cast<char>(storage::PieceKind::kIds)) ids = value;
  wipe(side / "data.mdb", std::string_view(ids).substr(0, 1000));
  for (const Uuid& face : faces)  // a sealed store has them in clear in that index alone
    wipe(side / "data.mdb", {reinterpret_cast<const char*>(face.bytes.data()), face.bytes.size()});
  faces.erase(faces.begin());  // the only one that is in the block
  const auto store = open_store_in(folder.store());
  CHECK(store->upkeep().repair("staff", "saved", true).faces < faces.size() + 1);
  store->remove("staff");
  store->create(collection_record("staff", kDimension, false));
  const auto view = store->open("staff");
  for (const Uuid& face : faces) CHECK(view->snapshot()->was_erased(face));
}

TEST_CASE("a plain file in the place of a sealed one is not saved", "[repair][tamper]") {
  const TemporaryFolder folder;
  make_staff(folder.store(), true);
  const TemporaryFolder forged;
  copy_store(folder.store(), forged.store());
  {
    const auto store = open_store_in(forged.store());
    store->remove("staff");
    fs::remove_all(forged.store().string() + ".master-keys/" + store->id().text() + ".marks");
    store->create(collection_record("staff", kDimension, false));
    add_face(*store->open("staff"), face_record());
  }
  fs::remove_all(staff_in(folder.store()));
  fs::copy(staff_in(forged.store()), staff_in(folder.store()), fs::copy_options::recursive);
  CHECK(error_of([&] { open_store_in(folder.store())->upkeep().repair("staff", "saved", false); }).reason() ==
        "NOTHING_TO_SAVE");
}

TEST_CASE("where CURRENT does not say, the side is chosen", "[repair]") {
  const TemporaryFolder folder;
  const bool sealed = GENERATE(true, false);
  const std::vector<Uuid> faces = make_staff(folder.store(), sealed, true);
  const fs::path staff = staff_in(folder.store());
  SECTION("the live one is there") {
    fs::remove(staff / "CURRENT");
    const auto store = open_store_in(folder.store());
    const RepairReport report = store->upkeep().repair("staff", "saved", false);
    CHECK(report.whole());
    CHECK(report.side == 2);
    CHECK(store->open("saved")->record().binding == other_pack());
  }
  SECTION("the live one is lost") {
    overwrite(staff / "gen-2" / "data.mdb", "");
    if (GENERATE(true, false)) fs::remove(staff / "CURRENT");
    const auto store = open_store_in(folder.store());
    const RepairReport report = store->upkeep().repair("staff", "saved", false);
    CHECK(report.faces == faces.size());
    CHECK(report.side == 1);
    CHECK(report.former == (sealed || fs::exists(staff / "CURRENT")));  // nothing else knows of another side
    CHECK(store->open("saved")->snapshot()->find_template(faces[3]) == values_of(3));
  }
}

TEST_CASE("a repair that is killed leaves both as they were, or is done", "[repair][processes][killed]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = make_staff(folder.store(), true);
  const fs::path copy = folder.path() / "copy";
  std::set<std::string> states;
  int call = 1;
  for (int end = kDied; end == kDied; ++call) {
    copy_store(folder.store(), copy);
    end = end_of(start_worker({"repair", copy, "staff", std::to_string(call)}));
    CAPTURE(call);
    REQUIRE((end == kDied || end == 0));
    const auto store = open_store_in(copy);
    for (const auto& entry : fs::directory_iterator(copy)) {
      REQUIRE(entry.path().filename().string().starts_with(".tmp-") == false);  // swept
    }
    REQUIRE(store->upkeep().check("staff").faces == faces.size());
    const bool done = store->state("saved") == CollectionState::kLive;
    if (done) REQUIRE(store->upkeep().check("saved").faces == faces.size());
    states.insert(std::string(done ? "made" : "as it was") + (end == 0 ? ", done" : ""));
    // Whatever it was, work goes on from there.
    if (done) store->remove("saved");
    REQUIRE(store->upkeep().repair("staff", "saved", false).whole());
  }
  CHECK(states == std::set<std::string>{"as it was", "made", "made, done"});
}

// SPDX-License-Identifier: MIT
// Which state of a collection comes back from a backup, and what else the store knows of it.
#include "facesearch/store/files/store_folder.hpp"
#include "facesearch/store/format/high_water_mark.hpp"
#include "store/backup_fixtures.hpp"
#include "store/worker.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

TEST_CASE("what is restored passes its high-water mark and knows the ids that are used up",
          "[backup][rollback]") {
  const TemporaryFolder folder;
  const bool sealed_later = GENERATE(true, false);
  const fs::path file = folder.path() / "backup";
  const BackupStore made(folder.store());
  Uuid later;
  {
    const auto store = open_store_in(folder.store());
    back_up(*store, file);
    store->upkeep().rewrite("staff", std::nullopt);  // the mark is further than the backup
    store->upkeep().rewrite("staff", std::nullopt);
    later = add_face(*store->open("staff"), face_record());
    store->remove("staff");
    if (!sealed_later) {
      store->create(collection_record("staff", kDimension, false));
      store->remove("staff");
    }
    store->backups().restore(restoring(file, {"staff"}));
  }
  const auto store = open_store_in(folder.store());
  const auto staff = store->open("staff");
  CHECK(staff->snapshot()->find_face(made.live[0]));
  CHECK_FALSE(staff->snapshot()->was_erased(made.live[0]));  // though the tombstone has it
  CHECK(staff->snapshot()->was_erased(made.erased[0]));
  CHECK(staff->snapshot()->was_erased(later));
}

TEST_CASE("ids that were used up when a backup was made stay so, whatever the store knows of them",
          "[backup]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "backup";
  const BackupStore made(folder.store());
  const auto store = open_store_in(folder.store());
  store->create(collection_record("guests"));
  back_up(*store, file);
  store->remove("guests");
  fs::remove(storage::StoreFolder{folder.store(), store->id()}.tombstone("guests"));
  store->backups().restore(restoring(file, {"guests"}));
  CHECK(store->open("guests")->snapshot()->was_erased(made.guest));
}

TEST_CASE("a rebuilt store passes the marks of the one before it", "[backup][rollback]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "backup";
  const BackupStore made(folder.store());
  {
    const auto store = open_store_in(folder.store());
    back_up(*store, file);
    store->upkeep().rewrite("staff", std::nullopt);
    store->remove("visitors");
  }
  fs::remove_all(folder.store());
  rebuild_lmdb_store(folder.store(), options_of(folder.store()), restoring(file));
  const auto store = open_store_in(folder.store());
  CHECK(store->upkeep().check("staff").faces == 70);
  CHECK(store->upkeep().check("visitors").faces == 70);
  add_face(*store->open("visitors"), face_record());
  // And sets them: what was there before is an older one.
  const fs::path key = options_of(folder.store()).master_key->file(store->id());
  const auto mark = storage::read_mark(key.string() + ".marks/" +
                                       storage::StoreFolder{folder.store(), store->id()}.digest("staff"));
  REQUIRE(mark);
  CHECK(mark->side == 3);
  CHECK(mark->generation == store->open("staff")->record().generation);
}

TEST_CASE("what a migration left out is erased for good in what is restored", "[backup]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "backup";
  const auto store = make_store_in(folder.store());
  store->create(collection_record("staff"));
  const Uuid left_out = add_face(*store->open("staff"), face_record());
  const Uuid moved = add_face(*store->open("staff"), face_record(), 1);
  {
    const auto side = store->migrations().begin("staff", other_pack());
    side->put({{moved, other_values(1)}});
    side->go_live([](const Becoming&) {});
  }
  back_up(*store, file);
  store->backups().restore(restoring(file, {"staff"}, "again"));
  const auto again = store->open("again");
  CHECK(again->record().binding == other_pack());
  CHECK_FALSE(again->kept_side());
  CHECK(again->snapshot()->find_face(moved));
  CHECK(again->snapshot()->was_erased(left_out));
  again->write([&](WriteTransaction& transaction) { CHECK_FALSE(transaction.erase(left_out)); });
}

TEST_CASE("each backup among enrolments is one committed state of them", "[backup][processes]") {
  const TemporaryFolder folder;
  const std::string path = folder.store();
  make_store_in(path)->create(collection_record("staff"));
  constexpr int kEach = 60;
  std::vector<pid_t> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(start_worker(
        {"add", path, "staff", std::to_string(kEach), folder.path() / ("faces" + std::to_string(i))}));
  }
  const auto store = open_store_in(path);
  std::vector<fs::path> files;
  std::vector<std::uint64_t> before;
  do {
    files.push_back(folder.path() / ("backup" + std::to_string(files.size())));
    before.push_back(store->open("staff")->snapshot()->face_count());
    const BackupReport report = back_up(*store, files.back());
    CHECK(report.collections[0].faces >= before.back());
    CHECK(report.collections[0].faces <= store->open("staff")->snapshot()->face_count());
  } while (before.back() < 4 * kEach && files.size() < 40);
  for (const pid_t worker : workers) CHECK(end_of(worker) == 0);
  CHECK(files.size() > 3);
  const auto faces_of = [&](const std::string& id) {
    std::vector<Uuid> faces;
    store->open(id)->snapshot()->scan(0, [&](const TemplateRow& row) { faces.push_back(row.face); });
    return faces;
  };
  const std::vector<Uuid> all = faces_of("staff");
  CHECK(all.size() == 4 * kEach);
  for (std::size_t i = 0; i < files.size(); i += 3) {
    CAPTURE(i);
    store->backups().restore(restoring(files[i], {"staff"}, "again"));
    const std::vector<Uuid> some = faces_of("again");
    CHECK(some.size() == store->upkeep().check("again").faces);
    REQUIRE(some.size() <= all.size());
    CHECK(std::equal(some.begin(), some.end(), all.begin()));  // in the order in which they were committed
    store->remove("again");
  }
}

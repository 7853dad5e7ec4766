// SPDX-License-Identifier: MIT
// Backups and restorations, each ended at every call that changes a file.
#include <map>

#include "store/backup_fixtures.hpp"
#include "store/death.hpp"
#include "store/worker.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

using Everything = std::map<std::string, std::string>;

Everything all_in(const fs::path& folder, const std::vector<Uuid>& erased) {
  const auto store = open_store_in(folder);
  Everything found;
  for (const std::string& id : store->ids()) {
    store->upkeep().check(id);
    found[id] = everything_in(*store, id, id == "staff" ? erased : std::vector<Uuid>{});
  }
  return found;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

// Runs a job ended at each call in turn, between `before` and `after`; answers how many ended it.
int kill_at_each(const std::string& job, const fs::path& store, const fs::path& file,
                 const std::function<void()>& before, const std::function<void(bool done)>& after) {
  int call = 1;
  for (int end = kDied; end == kDied; ++call) {
    before();
    end = end_of(start_worker({job, store, file, std::to_string(call)}));
    CAPTURE(job, call);
    REQUIRE((end == kDied || end == 0));
    after(end == 0);
  }
  return call - 2;
}

}  // namespace

TEST_CASE("a backup that is killed is a whole one or none", "[backup][processes][killed]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const Everything all = all_in(folder.store(), made.erased);
  const fs::path place = folder.path() / "place";
  const fs::path file = place / "backup";
  int whole = 0;
  const int calls = kill_at_each(
      "backup", folder.store(), file,
      [&] {
        fs::remove_all(place);
        fs::create_directories(place);
      },
      [&](bool done) {
        for (const std::string& name : names_in(place)) REQUIRE(name.starts_with("backup"));
        REQUIRE((fs::exists(file) || !done));
        if (!fs::exists(file)) return;
        ++whole;
        REQUIRE(names_in(place).size() == 1);
        const auto report = list_backup(file, options_of(folder.store()).master_key, {});
        REQUIRE(report.collections.size() == 2);
      });
  CHECK(calls > 3);
  CHECK(whole > 1);  // killed before its folder was synced, it is there too
  CHECK(all_in(folder.store(), made.erased) == all);
}

TEST_CASE("a restoration that is killed leaves whole collections", "[backup][processes][killed]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const Everything all = all_in(folder.store(), made.erased);
  const fs::path file = folder.path() / "backup";
  const fs::path copy = folder.path() / "copy";
  {
    const auto store = open_store_in(folder.store());
    back_up(*store, file);
    for (const char* id : {"staff", "visitors"}) store->remove(id);
  }
  std::map<std::size_t, int> found;
  const int calls = kill_at_each(
      "restore", copy, file, [&] { copy_store(folder.store(), copy); },
      [&](bool done) {
        const Everything now = all_in(copy, made.erased);
        ++found[now.size()];
        REQUIRE((now.size() == 2 || !done));
        for (const auto& [id, text] : now) REQUIRE(text == all.at(id));
        const auto store = open_store_in(copy);
        for (const std::string& name : names_in(copy)) REQUIRE(name.front() != '.');  // swept
        std::vector<std::string> missing;
        for (const char* id : {"staff", "visitors"}) {
          if (now.count(id) == 0) missing.emplace_back(id);
        }
        if (!missing.empty()) store->backups().restore(restoring(file, missing));
        REQUIRE(store->upkeep().check("staff").faces == 70);
      });
  CHECK(calls > 40);
  CHECK(found.size() == 3);  // none, one, both
}

TEST_CASE("a rebuilding that is killed leaves a whole store or none", "[backup][processes][killed]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store());
  const Everything all = all_in(folder.store(), made.erased);
  const fs::path file = folder.path() / "backup";
  back_up(*open_store_in(folder.store()), file);
  const fs::path place = folder.path() / "place";
  const fs::path target = place / "store";
  int whole = 0;
  const int calls = kill_at_each(
      "rebuild", target, file,
      [&] {
        fs::remove_all(place);
        fs::create_directories(place);
        fs::copy(folder.store().string() + ".master-keys", target.string() + ".master-keys",
                 fs::copy_options::recursive);
      },
      [&](bool done) {
        REQUIRE((fs::exists(target) || !done));
        if (fs::exists(target)) {
          ++whole;
        } else {
          rebuild_lmdb_store(target, options_of(target), restoring(file));
          // What was made before is gone, or was nothing yet.
          for (const std::string& name : names_in(place)) {
            REQUIRE((!name.starts_with("store.tmp-") || !fs::exists(place / name / "locks" / "store.lock")));
          }
        }
        REQUIRE(all_in(target, made.erased) == all);
        REQUIRE(open_store_in(target)->api_keys().list().size() == 2);
      });
  CHECK(calls > 40);
  CHECK(whole > 1);
}

// SPDX-License-Identifier: MIT
// A move to another pack, its confirmation and its reversal, each ended at every call that changes a file.
#include <set>
#include <string>

#include "store/death.hpp"
#include "store/fixtures.hpp"
#include "store/worker.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

constexpr unsigned kInterruptedFaces = 40;

// What a collection is found to be: which pack is live, which is kept, and that both are whole.
std::string state_of(const fs::path& folder, const std::vector<Uuid>& faces) {
  const auto store = open_store_in(folder);
  for (const auto& entry : fs::directory_iterator(folder)) {
    REQUIRE(entry.path().filename().string().front() != '.');  // swept
  }
  REQUIRE(store->state("staff") == CollectionState::kLive);
  const auto collection = store->open("staff");
  const auto view = collection->snapshot();
  const bool moved = collection->record().binding == other_pack();
  REQUIRE(view->was_erased(faces[0]));
  REQUIRE(view->face_count() == kInterruptedFaces - 1);
  for (unsigned i = 1; i < kInterruptedFaces; ++i) {
    REQUIRE(view->find_template(faces[i]) == (moved ? other_values(i) : values_of(i)));
  }
  std::string state = moved ? "other" : "own";
  if (const auto kept = collection->kept_side()) {
    REQUIRE(kept->record.binding != collection->record().binding);
    REQUIRE(kept->faces >= kInterruptedFaces - 1);  // the erased one is in it until it is brought up to date
    state += ", one kept";
  }
  return state;
}

// A collection on its own pack; `moved`: on the other one, and a face was erased since, which the kept side
// still has.
std::vector<Uuid> interrupted_store(const fs::path& folder, bool moved) {
  const auto store = make_store_in(folder);
  store->create(collection_record("staff"));
  std::vector<Uuid> faces;
  store->open("staff")->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < kInterruptedFaces; ++i) {
      const FaceRecord record = face_record();
      transaction.add(record, values_of(i));
      faces.push_back(record.face);
    }
  });
  if (moved) move_to_other_pack(*store, "staff");
  store->open("staff")->write([&](WriteTransaction& transaction) { transaction.erase(faces[0]); });
  return faces;
}

// Does the job on copies of the store, ended at every call in turn, and answers what was found after it.
std::set<std::string> states_after(const std::string& job, bool moved) {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = interrupted_store(folder.store(), moved);
  const fs::path copy = folder.path() / "copy";
  std::set<std::string> states;
  int call = 1;
  for (int end = kDied; end == kDied; ++call) {
    copy_store(folder.store(), copy);
    end = end_of(start_worker({job, copy, "staff", std::to_string(call)}));
    CAPTURE(job, call);
    REQUIRE((end == kDied || end == 0));
    states.insert(state_of(copy, faces) + (end == 0 ? ", done" : ""));
    // Whatever it was, work goes on from there.
    const auto store = open_store_in(copy);
    store->upkeep().check("staff");
    if (store->open("staff")->kept_side()) store->migrations().confirm("staff");
    move_to_other_pack(*store, "staff");
    store->migrations().revert("staff", [](const CollectionRecord&) {});
    store->remove("staff");
    REQUIRE(store->state("staff") == CollectionState::kDeleted);
  }
  CHECK(call > 5);
  return states;
}

using States = std::set<std::string>;

}  // namespace

TEST_CASE("a move that is killed leaves one of the two sides live and whole", "[processes][killed]") {
  CHECK(states_after("move", false) == States{"own", "other, one kept", "other, one kept, done"});
}

TEST_CASE("a reversal that is killed leaves one of the two sides live and whole", "[processes][killed]") {
  CHECK(states_after("revert", true) == States{"other, one kept", "own", "own, done"});
}

TEST_CASE("a confirmation that is killed leaves the new side live and whole", "[processes][killed]") {
  CHECK(states_after("confirm", true) == States{"other, one kept", "other", "other, done"});
}

TEST_CASE("a kept side that is damaged can be given up", "[lmdb]") {
  const TemporaryFolder folder;
  interrupted_store(folder.store(), true);
  const auto store = open_store_in(folder.store());
  const fs::path kept = folder.store() / "collections" / "staff" / "gen-1";
  CHECK(store->open("staff")->kept_side());
  fs::resize_file(kept / "data.mdb", 5000);
  CHECK(cause_of([&] { store->open("staff")->kept_side(); }) == Cause::kStoreDamaged);
  CHECK(cause_of([&] { store->upkeep().check("staff"); }) == Cause::kStoreDamaged);
  CHECK(cause_of([&] { store->migrations().revert("staff", [](const CollectionRecord&) {}); }) ==
        Cause::kStoreDamaged);
  CHECK(store->open("staff")->snapshot()->face_count() == kInterruptedFaces - 1);
  store->migrations().confirm("staff");
  CHECK_FALSE(fs::exists(kept));
  CHECK(store->upkeep().check("staff").faces == kInterruptedFaces - 1);
}

TEST_CASE("a rewriting that is killed leaves the collection whole", "[processes][killed]") {
  CHECK(states_after("rewrite", false) == States{"own", "own, done"});
}

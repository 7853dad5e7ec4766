// SPDX-License-Identifier: MIT
// What store.hpp promises of Store::repair() where nothing is damaged, on every engine.
#include <atomic>
#include <thread>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

CollectionRecord record_of(Store& store, const std::string& id) {
  return store.open(id)->record();
}

}  // namespace

TEMPLATE_TEST_CASE("a repair makes another collection of what is there", "[conformance][repair]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, TestType::kSealed));
  Policy policy;
  policy.min_face_px = 55;
  store.open("staff")->update_policy(to(policy));
  std::vector<FaceRecord> faces;
  const Uuid person = Uuid::make();
  store.open("staff")->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < 6; ++i) {
      faces.push_back(face_record(i % 2 == 0 ? std::optional(person) : std::nullopt));
      transaction.add(faces.back(), values_of(i));
    }
    REQUIRE(transaction.erase(faces[1].face));
  });
  const RepairReport tried = store.upkeep().repair("staff", "saved", true);
  CHECK(store.ids() == std::vector<std::string>{"staff"});
  for (const RepairReport& report : {tried, store.upkeep().repair("staff", "saved", false)}) {
    CHECK(report.whole());
    CHECK(report.faces == 5);
    CHECK(report.erased == 1);
    CHECK_FALSE(report.side);
    CHECK_FALSE(report.commits_behind);
  }
  CHECK(store.upkeep().check("saved").faces == 5);
  const CollectionRecord before = record_of(store, "staff");
  const CollectionRecord after = record_of(store, "saved");
  CHECK(after.id == "saved");
  CHECK(after.generation != before.generation);
  CHECK(after.created > before.created);
  CHECK(after.binding == before.binding);
  CHECK(after.policy == policy);
  CHECK(after.sealed == TestType::kSealed);
  {
    const auto collection = store.open("saved");
    const auto view = collection->snapshot();
    std::uint64_t slot = 0;
    for (std::size_t i : {0U, 2U, 3U, 4U, 5U}) {
      CHECK(same(view->find_face(faces[i].face).value(), faces[i]));
      CHECK(view->find_template(faces[i].face) == values_of(static_cast<unsigned>(i)));
      CHECK(view->page("", slot++, 1).faces.at(0).face == faces[i].face);
    }
    CHECK(view->next_slot() == 5);
    CHECK(view->slots_of(person) == std::vector<std::uint64_t>{0, 1, 3});
    CHECK(view->was_erased(faces[1].face));
    CHECK_FALSE(view->find_face(faces[1].face));
  }
  // The two go their own ways.
  store.open("saved")->write([&](WriteTransaction& transaction) { transaction.erase(faces[0].face); });
  CHECK(store.open("staff")->snapshot()->face_count() == 5);
  store.remove("staff");
  // And under the former id: what is live there is, though a tombstone knows it.
  CHECK(store.upkeep().repair("saved", "staff", false).faces == 4);
  const auto collection = store.open("staff");
  const auto view = collection->snapshot();
  CHECK(view->find_face(faces[2].face));
  CHECK_FALSE(view->was_erased(faces[2].face));
  CHECK_FALSE(view->find_face(faces[0].face));
  for (const std::size_t gone : {0U, 1U}) CHECK(view->was_erased(faces[gone].face));
}

TEMPLATE_TEST_CASE("a repair is refused for what it cannot be of or for", "[conformance][repair]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  const auto cause = [&](const std::string& id, const std::string& to) {
    const Cause dry = cause_of([&] { store.upkeep().repair(id, to, true); });
    CHECK(cause_of([&] { store.upkeep().repair(id, to, false); }) == dry);
    return dry;
  };
  CHECK(cause("staff", "saved") == Cause::kCollectionNotFound);
  store.create(collection_record("staff", kDimension, TestType::kSealed));
  store.create(collection_record("other", kDimension, TestType::kSealed));
  CHECK(cause("staff", "other") == Cause::kCollectionExists);
  CHECK(cause("staff", "staff") == Cause::kCollectionExists);
  CHECK(cause("staff", "../saved") == Cause::kInvalidValue);
  store.remove("other");
  CHECK(cause("other", "saved") == Cause::kCollectionDeleted);
  // An empty one is whole.
  CHECK(store.upkeep().repair("staff", "other", false).whole());
  CHECK(store.open("other")->snapshot()->face_count() == 0);
}

TEMPLATE_TEST_CASE("a repair takes the live side of a collection that keeps another", "[conformance][repair]",
                   ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, TestType::kSealed));
  const FaceRecord face = face_record();
  add_face(*store.open("staff"), face, 0);
  const FaceRecord left_out = face_record();
  add_face(*store.open("staff"), left_out, 1);
  const auto side = store.migrations().begin("staff", other_pack());
  side->put({{face.face, other_values(0)}});
  side->go_live([](const Becoming&) {});
  const RepairReport report = store.upkeep().repair("staff", "saved", false);
  CHECK(report.whole());
  CHECK(report.faces == 1);
  CHECK(report.erased == 1);
  const auto saved = store.open("saved");
  CHECK(saved->record().binding == other_pack());
  CHECK_FALSE(saved->kept_side());
  CHECK(saved->snapshot()->find_template(face.face) == other_values(0));
  CHECK(saved->snapshot()->was_erased(left_out.face));
  saved->write([&](WriteTransaction& transaction) { CHECK_FALSE(transaction.erase(left_out.face)); });
  CHECK(store.open("staff")->kept_side());
}

TEMPLATE_TEST_CASE("a repair waits for those who have the collection open", "[conformance][repair]",
                   ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  auto user = engine.store->open("staff");
  std::atomic<bool> repaired = false;
  std::thread repairer([&] {
    engine.store->upkeep().repair("staff", "saved", false);
    repaired = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK_FALSE(repaired);
  add_face(*user, face_record());
  user.reset();
  repairer.join();
  CHECK(engine.store->open("saved")->snapshot()->face_count() == 1);
}

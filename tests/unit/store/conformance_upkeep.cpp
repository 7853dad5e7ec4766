// SPDX-License-Identifier: MIT
// What migration.hpp and upkeep.hpp promise, on every engine.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

const auto kAnything = [](const auto&) {};

// A collection of faces 0, 1, 2 …, the second of them erased.
struct Made {
  explicit Made(Store& at, bool sealed, unsigned count = 6) : store(at) {
    store.create(collection_record("staff", kDimension, sealed));
    const auto collection = store.open("staff");
    for (unsigned i = 0; i < count; ++i) {
      records.push_back(face_record(i == 3 ? std::optional(records[2].person) : std::nullopt));
      records.back().name += std::to_string(i);
      add_face(*collection, records.back(), i);
    }
    erase(1);
    generation = collection->record().generation;
  }

  void erase(unsigned i) const {
    store.open("staff")->write(
        [&](WriteTransaction& transaction) { REQUIRE(transaction.erase(records[i].face)); });
  }

  void rename(unsigned i, const Uuid& person, const std::string& name) const {
    FaceRecord face = records[i];
    face.person = person;
    face.name = name;
    store.open("staff")->write([&](WriteTransaction& transaction) { REQUIRE(transaction.update(face)); });
  }

  std::vector<NewTemplate> templates(std::initializer_list<unsigned> faces) const {
    std::vector<NewTemplate> all;
    for (const unsigned i : faces) all.push_back({records[i].face, other_values(i)});
    return all;
  }

  // Moves it to the other pack with these faces.
  void migrate(std::initializer_list<unsigned> faces) const {
    const auto side = store.migrations().begin("staff", other_pack());
    side->put(templates(faces));
    side->go_live(kAnything);
  }

  Store& store;
  std::vector<FaceRecord> records;
  Uuid generation;
};

std::vector<std::uint64_t> slots_of(const Snapshot& view) {
  std::vector<std::uint64_t> slots;
  view.scan(0, [&](const TemplateRow& row) { slots.push_back(row.slot); });
  return slots;
}

using Slots = std::vector<std::uint64_t>;

CollectionRecord record_of(Store& store, const std::string& id) {
  return store.open(id)->record();
}

}  // namespace

TEST_CASE("a collection moves to another pack with all but its templates", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Made made(*engine.store, engine.sealed);
  const CollectionRecord before = made.store.open("staff")->record();
  CHECK_FALSE(made.store.open("staff")->kept_side());
  const auto side = made.store.migrations().begin("staff", other_pack());
  // In any order, in any number of pieces, the last one counts; who is no live face is passed over.
  side->put(made.templates({4, 0}));
  side->put({{made.records[2].face, other_values(77)}});
  side->put(made.templates({5, 3, 2, 1}));
  side->put({{Uuid::make(), other_values(9)}});
  CHECK(made.store.open("staff")->record().generation == before.generation);
  CHECK(made.store.open("staff")->snapshot()->find_template(made.records[0].face) == values_of(0));

  Becoming seen;
  side->go_live([&](const Becoming& next) { seen = next; });
  CHECK(seen.faces == 5);
  CHECK(seen.left_out.empty());

  const auto collection = made.store.open("staff");
  CHECK(collection->record().id == before.id);
  CHECK(collection->record().created == before.created);
  CHECK(collection->record().policy == before.policy);
  CHECK(collection->record().binding == other_pack());
  CHECK(collection->record().generation != before.generation);
  CHECK(collection->record().generation == seen.record.generation);
  const auto view = collection->snapshot();
  CHECK(view->face_count() == 5);
  CHECK(view->next_slot() == 6);
  CHECK(slots_of(*view) == Slots{0, 2, 3, 4, 5});
  for (const unsigned i : {0U, 2U, 3U, 4U, 5U}) {
    REQUIRE(view->find_face(made.records[i].face));
    CHECK(same(*view->find_face(made.records[i].face), made.records[i]));
    CHECK(view->find_template(made.records[i].face) == other_values(i));
    CHECK(view->has_person(made.records[i].person));
  }
  CHECK(view->was_erased(made.records[1].face));
  REQUIRE(collection->kept_side());
  CHECK(collection->kept_side()->record.generation == before.generation);
  CHECK(collection->kept_side()->record.binding == before.binding);
  CHECK(collection->kept_side()->faces == 5);

  // It works on: a person's faces are counted, slots go on.
  made.erase(2);
  CHECK(made.store.open("staff")->snapshot()->has_person(made.records[3].person));
  add_face(*made.store.open("staff"), face_record());
  CHECK(slots_of(*made.store.open("staff")->snapshot()) == Slots{0, 3, 4, 5, 6});
}

TEST_CASE("what changed while a side was made is neither lost nor back", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Made made(*engine.store, engine.sealed);
  const auto side = made.store.migrations().begin("staff", other_pack());
  side->put(made.templates({0, 2, 3, 4}));
  made.erase(0);
  made.erase(5);
  const FaceRecord added = face_record();
  add_face(*made.store.open("staff"), added);
  Policy policy;
  policy.similarity = 93;
  made.store.open("staff")->update_policy(to(policy));

  const auto refuse = [&](const Becoming& next) {
    CHECK(next.record.policy == policy);
    CHECK(next.faces == 3);
    REQUIRE(next.left_out.size() == 1);
    CHECK((next.left_out[0].face == added.face && next.left_out[0].slot == 6));
    throw Error(Cause::kRefused, "NO", "");
  };
  CHECK(error_of([&] { side->go_live(refuse); }).reason() == "NO");
  CHECK(made.store.open("staff")->record().generation == made.generation);
  CHECK_FALSE(made.store.open("staff")->kept_side());
  CHECK(made.store.open("staff")->snapshot()->find_face(added.face));

  const auto again = made.store.migrations().begin("staff", other_pack());
  again->put(made.templates({2, 3, 4}));
  const Uuid person = Uuid::make();
  made.rename(2, person, "renamed");
  again->put({{added.face, other_values(6)}});
  made.erase(4);
  again->go_live(kAnything);
  const auto collection = made.store.open("staff");
  const auto view = collection->snapshot();
  CHECK(collection->record().policy == policy);
  CHECK(slots_of(*view) == Slots{2, 3, 6});
  CHECK(view->face_count() == 3);
  CHECK_FALSE(view->has_person(made.records[4].person));
  CHECK(view->find_face(made.records[2].face)->name == "renamed");
  CHECK(view->slots_of(person) == std::vector<std::uint64_t>{2});
  for (const unsigned i : {0U, 1U, 4U, 5U}) CHECK(view->was_erased(made.records[i].face));
}

TEST_CASE("a new side is of its pack, and nothing stays of one that was given up", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Made made(*engine.store, engine.sealed);
  {
    const auto side = made.store.migrations().begin("staff", other_pack());
    CHECK(error_of([&] {
            side->put({{made.records[0].face, values_of(0)}});
          }).reason() == "TEMPLATE_INVALID");
    side->put(made.templates({0}));
  }
  CHECK(made.store.open("staff")->record().generation == made.generation);
  CHECK_FALSE(made.store.open("staff")->kept_side());
  CHECK(cause_of([&] { made.store.migrations().begin("nobody", other_pack()); }) ==
        Cause::kCollectionNotFound);
  CHECK(error_of([&] { made.store.migrations().confirm("staff"); }).reason() == "NO_MIGRATION");
  CHECK(error_of([&] { made.store.migrations().revert("staff", kAnything); }).reason() == "NO_MIGRATION");
  CHECK(cause_of([&] { made.store.migrations().confirm("nobody"); }) == Cause::kCollectionNotFound);
  CHECK(cause_of([&] { made.store.migrations().revert("nobody", kAnything); }) == Cause::kCollectionNotFound);
}

TEST_CASE("a kept side goes when it is confirmed, and only then the next may come", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Made made(*engine.store, engine.sealed);
  made.migrate({0, 2, 3});
  CHECK(error_of([&] { made.store.migrations().begin("staff", other_pack()); }).reason() ==
        "MIGRATION_UNCONFIRMED");
  made.store.migrations().confirm("staff");
  CHECK_FALSE(made.store.open("staff")->kept_side());
  CHECK(error_of([&] { made.store.migrations().confirm("staff"); }).reason() == "NO_MIGRATION");
  // What was left out is erased for good by now.
  made.store.open("staff")->write([&](WriteTransaction& transaction) {
    CHECK(transaction.was_erased(made.records[4].face));
    CHECK_FALSE(transaction.erase(made.records[4].face));
  });
  const auto side =
      made.store.migrations().begin("staff", collection_record("staff", kDimension, engine.sealed).binding);
  side->put({{made.records[0].face, values_of(50)}});
  side->go_live(kAnything);
  CHECK(made.store.open("staff")->snapshot()->find_template(made.records[0].face) == values_of(50));
  made.store.migrations().revert("staff", kAnything);
  CHECK(slots_of(*made.store.open("staff")->snapshot()) == Slots{0, 2, 3});
}

TEST_CASE("a kept side comes back without what was erased since", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Made made(*engine.store, engine.sealed);
  made.migrate({0, 2, 3});  // leaves out 4 and 5
  CHECK(made.store.open("staff")->snapshot()->was_erased(made.records[4].face));
  const FaceRecord passing = face_record();
  made.store.open("staff")->write([&](WriteTransaction& transaction) {
    transaction.add(passing, other_values(50));
    CHECK(transaction.erase(made.records[3].face));
    // Left out here, and still in the kept side: asked for, it goes there too.
    CHECK(transaction.erase(made.records[5].face));
    CHECK_FALSE(transaction.erase(made.records[5].face));
    CHECK(transaction.was_erased(made.records[5].face));
    CHECK_FALSE(transaction.erase(made.records[1].face));
  });
  const Uuid person = Uuid::make();
  made.rename(2, person, "renamed");
  Policy policy;
  policy.similarity = 91;
  made.store.open("staff")->update_policy(to(policy));
  const Uuid generation = made.store.open("staff")->record().generation;

  const Error added = error_of([&] { made.store.migrations().revert("staff", kAnything); });
  CHECK(added.reason() == "FACES_ADDED");
  CHECK(added.detail().find("(1)") != std::string::npos);
  made.store.open("staff")->write([&](WriteTransaction& transaction) { transaction.erase(passing.face); });
  const auto refuse = [](const CollectionRecord&) { throw Error(Cause::kRefused, "NO", ""); };
  CHECK(error_of([&] { made.store.migrations().revert("staff", refuse); }).reason() == "NO");
  CHECK(made.store.open("staff")->record().generation == generation);
  CHECK(made.store.open("staff")->kept_side()->faces == 5);

  made.store.migrations().revert("staff", [&](const CollectionRecord& record) {
    CHECK(record.policy == policy);
    CHECK(record.binding.dimension == kDimension);
  });
  const auto collection = made.store.open("staff");
  CHECK(collection->record().generation == made.generation);
  CHECK(collection->record().policy == policy);
  CHECK_FALSE(collection->kept_side());
  const auto view = collection->snapshot();
  CHECK(slots_of(*view) == Slots{0, 2, 4});
  CHECK(view->face_count() == 3);
  CHECK(view->next_slot() == 7);
  CHECK(view->find_face(made.records[2].face)->name == "renamed");
  CHECK(view->slots_of(person) == std::vector<std::uint64_t>{2});
  for (const unsigned i : {0U, 2U, 4U}) {
    CHECK(view->find_template(made.records[i].face) == values_of(i));
    CHECK_FALSE(view->was_erased(made.records[i].face));
  }
  for (const unsigned i : {1U, 3U, 5U}) CHECK(view->was_erased(made.records[i].face));
  CHECK(view->was_erased(passing.face));
}

TEST_CASE("a side of a collection that is another one by now is refused", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Made made(*engine.store, engine.sealed);
  const auto first = made.store.migrations().begin("staff", other_pack());
  const auto second = made.store.migrations().begin("staff", other_pack());
  for (const auto& side : {&first, &second}) (*side)->put(made.templates({0}));
  first->go_live(kAnything);
  CHECK(error_of([&] { second->put(made.templates({2})); }).reason() == "COLLECTION_CHANGED");
  CHECK(error_of([&] { second->go_live(kAnything); }).reason() == "COLLECTION_CHANGED");
  made.store.migrations().confirm("staff");

  const auto third = made.store.migrations().begin("staff", other_pack());
  made.store.remove("staff");
  CHECK(cause_of([&] { third->put(made.templates({0})); }) == Cause::kCollectionDeleted);
  CHECK(cause_of([&] { third->go_live(kAnything); }) == Cause::kCollectionDeleted);
  made.store.create(collection_record("staff", kDimension, engine.sealed));
  CHECK(error_of([&] { third->go_live(kAnything); }).reason() == "COLLECTION_CHANGED");
  CHECK(made.store.open("staff")->snapshot()->face_count() == 0);
}

TEST_CASE("a deletion takes both sides and forgets no id", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Made made(*engine.store, engine.sealed);
  made.migrate({0, 2});
  const Uuid later = add_face(*made.store.open("staff"), face_record());
  made.store.remove("staff");
  CHECK(made.store.state("staff") == CollectionState::kDeleted);
  CHECK(cause_of([&] { made.store.migrations().confirm("staff"); }) == Cause::kCollectionDeleted);
  CHECK(cause_of([&] { made.store.migrations().revert("staff", kAnything); }) == Cause::kCollectionDeleted);
  made.store.create(collection_record("staff", kDimension, engine.sealed));
  CHECK_FALSE(made.store.open("staff")->kept_side());
  const auto collection = made.store.open("staff");
  const auto view = collection->snapshot();
  for (const FaceRecord& record : made.records) CHECK(view->was_erased(record.face));
  CHECK(view->was_erased(later));
}

TEST_CASE("ids of former generations stay known through a move", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
  const Uuid former = add_face(*store.open("staff"), face_record());
  store.remove("staff");
  const Made made(store, engine.sealed);
  made.migrate({0, 2, 3, 4, 5});
  CHECK(store.open("staff")->snapshot()->was_erased(former));
  made.store.migrations().revert("staff", kAnything);
  CHECK(store.open("staff")->snapshot()->was_erased(former));
}

TEST_CASE("the switch waits for those who have the collection open", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Made made(*engine.store, engine.sealed);
  const auto side = made.store.migrations().begin("staff", other_pack());
  side->put(made.templates({0, 2, 3, 4, 5}));
  auto collection = made.store.open("staff");
  std::atomic<bool> switched = false;
  std::thread switcher([&] {
    side->go_live(kAnything);
    switched = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK_FALSE(switched);
  CHECK(collection->snapshot()->find_template(made.records[0].face) == values_of(0));
  collection.reset();
  switcher.join();
  CHECK(made.store.open("staff")->snapshot()->find_template(made.records[0].face) == other_values(0));
}

TEST_CASE("a repair makes another collection of what is there", "[conformance][repair]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
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
  CHECK(after.sealed == engine.sealed);
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

TEST_CASE("a repair is refused for what it cannot be of or for", "[conformance][repair]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  const auto cause = [&](const std::string& id, const std::string& to) {
    const Cause dry = cause_of([&] { store.upkeep().repair(id, to, true); });
    CHECK(cause_of([&] { store.upkeep().repair(id, to, false); }) == dry);
    return dry;
  };
  CHECK(cause("staff", "saved") == Cause::kCollectionNotFound);
  store.create(collection_record("staff", kDimension, engine.sealed));
  store.create(collection_record("other", kDimension, engine.sealed));
  CHECK(cause("staff", "other") == Cause::kCollectionExists);
  CHECK(cause("staff", "staff") == Cause::kCollectionExists);
  CHECK(cause("staff", "../saved") == Cause::kInvalidValue);
  store.remove("other");
  CHECK(cause("other", "saved") == Cause::kCollectionDeleted);
  // An empty one is whole.
  CHECK(store.upkeep().repair("staff", "other", false).whole());
  CHECK(store.open("other")->snapshot()->face_count() == 0);
}

TEST_CASE("a repair takes the live side of a collection that keeps another", "[conformance][repair]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
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

TEST_CASE("a repair waits for those who have the collection open", "[conformance][repair]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
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

TEST_CASE("rewriting keeps the order and what is known, and gives slots anew", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
  const Uuid former = add_face(*store.open("staff"), face_record());
  store.remove("staff");
  store.create(collection_record("staff", kDimension, engine.sealed));
  std::vector<FaceRecord> live;
  std::vector<Uuid> erased{former};
  {
    const auto collection = store.open("staff");
    for (unsigned i = 0; i < 10; ++i) {
      live.push_back(face_record());
      live.back().name += std::to_string(i);
      add_face(*collection, live.back(), i);
    }
  }
  Policy policy;
  policy.min_face_px = 55;
  store.open("staff")->update_policy(to(policy));
  const CollectionRecord before = store.open("staff")->record();
  std::vector<unsigned> seeds{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const auto drop = [&](std::size_t place) {
    erased.push_back(live[place].face);
    live.erase(live.begin() + static_cast<std::ptrdiff_t>(place));
    seeds.erase(seeds.begin() + static_cast<std::ptrdiff_t>(place));
  };
  store.open("staff")->write([&](WriteTransaction& transaction) {
    for (const std::size_t i : {9U, 0U, 4U}) REQUIRE(transaction.erase(live[i].face));
  });
  for (const std::size_t i : {9U, 4U, 0U}) drop(i);
  const auto check = [&] {
    const auto collection = store.open("staff");
    const auto view = collection->snapshot();
    CHECK(collection->record().generation == before.generation);
    CHECK(collection->record().policy == policy);
    CHECK(view->next_slot() == live.size());
    CHECK(view->face_count() == live.size());
    std::size_t place = 0;
    view->scan(0, [&](const TemplateRow& row) {
      REQUIRE(row.slot == place);
      REQUIRE(row.face == live[place].face);
      REQUIRE(std::ranges::equal(row.values, values_of(seeds[place])));
      REQUIRE(same(*view->find_face(row.face), live[place]));
      ++place;
    });
    for (const Uuid& face : erased) {
      CHECK(view->was_erased(face));
      CHECK_FALSE(view->find_face(face));
    }
  };
  CHECK(store.upkeep().rewrite("staff", std::nullopt).faces == 7);
  check();
  CHECK(store.upkeep().rewrite("staff", live[2].face).faces == 6);
  drop(2);
  check();
  for (const Uuid& face : erased) {
    CHECK(cause_of([&] { store.upkeep().rewrite("staff", face); }) == Cause::kFaceGone);
  }
  CHECK(cause_of([&] { store.upkeep().rewrite("staff", Uuid::make()); }) == Cause::kFaceUnknown);
  CHECK(cause_of([&] { store.upkeep().rewrite("nobody", std::nullopt); }) == Cause::kCollectionNotFound);
  check();
  // An id is not used again, a slot is.
  FaceRecord again = face_record();
  again.face = erased.back();
  CHECK(error_of([&] { add_face(*store.open("staff"), again); }).reason() == "FACE_ID_USED");
  live.push_back(face_record());
  seeds.push_back(40);
  add_face(*store.open("staff"), live.back(), 40);
  check();

  move_to_other_pack(store, "staff");
  CHECK(error_of([&] { store.upkeep().rewrite("staff", std::nullopt); }).reason() == "MIGRATION_UNCONFIRMED");
  CHECK(store.upkeep().check("staff").faces == live.size());
  store.migrations().revert("staff", [](const CollectionRecord&) {});
  check();
  // To nothing, and on from there.
  for (const FaceRecord& face : live) {
    store.upkeep().rewrite("staff", face.face);
    erased.push_back(face.face);
  }
  live.clear();
  check();
  CHECK(store.upkeep().check("staff").faces == 0);
}

TEST_CASE("switches rise when slots may be given anew, and stay while faces come and go", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
  std::uint64_t last = store.open("staff")->snapshot()->switches();
  const auto rose = [&] {
    const auto collection = store.open("staff");
    const std::uint64_t now = collection->snapshot()->switches();
    collection->write([&](WriteTransaction& transaction) { CHECK(transaction.switches() == now); });
    return now > std::exchange(last, now);
  };
  const auto add = [&] { return add_face(*store.open("staff"), face_record()); };
  const Uuid face = add();
  add();
  store.open("staff")->write([&](WriteTransaction& transaction) { REQUIRE(transaction.erase(face)); });
  CHECK_FALSE(rose());
  store.upkeep().rewrite("staff", std::nullopt);
  CHECK(rose());
  store.upkeep().rewrite("staff", add());
  CHECK(rose());
  move_to_other_pack(store, "staff");
  CHECK(rose());
  store.migrations().revert("staff", [](const CollectionRecord&) {});
  CHECK(rose());
  move_to_other_pack(store, "staff");
  CHECK(rose());
  store.migrations().confirm("staff");
  CHECK_FALSE(rose());
}

TEST_CASE("a side that began before a rewriting is refused", "[conformance]") {
  Engine engine(EACH_LMDB_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const Uuid face = add_face(*engine.store->open("staff"), face_record());
  const auto side = engine.store->migrations().begin("staff", other_pack());
  side->put({{face, other_values(0)}});
  engine.store->upkeep().rewrite("staff", std::nullopt);
  CHECK(error_of([&] { side->put({{face, other_values(0)}}); }).reason() == "COLLECTION_CHANGED");
  CHECK(error_of([&] { side->go_live([](const Becoming&) {}); }).reason() == "COLLECTION_CHANGED");
}

TEST_CASE("updates of the policy and rewritings lose nothing of each other", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
  std::atomic<int> failures = 0;
  const auto repeat = [&](int times, const auto& work) {
    return std::thread([&failures, times, work] {
      for (int i = 0; i < times; ++i) {
        try {
          work();
        } catch (const Error&) {
          ++failures;
        }
      }
    });
  };
  std::vector<std::thread> threads;
  threads.push_back(repeat(15, [&] {
    store.open("staff")->update_policy([](const CollectionRecord& present) {
      Policy policy = present.policy;
      policy.min_face_px += 1;
      return policy;
    });
  }));
  threads.push_back(repeat(15, [&] { store.upkeep().rewrite("staff", std::nullopt); }));
  threads.push_back(repeat(15, [&] { add_face(*store.open("staff"), face_record()); }));
  const int first = static_cast<int>(Policy{}.min_face_px);
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(static_cast<int>(store.open("staff")->record().policy.min_face_px) == first + 15);
  CHECK(store.open("staff")->snapshot()->face_count() == 15);
  CHECK(store.upkeep().check("staff").faces == 15);
}

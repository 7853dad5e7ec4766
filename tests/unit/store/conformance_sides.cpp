// SPDX-License-Identifier: MIT
// What store.hpp promises of a collection that moves to another pack, on every engine.
#include <atomic>
#include <chrono>
#include <thread>

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

}  // namespace

TEMPLATE_TEST_CASE("a collection moves to another pack with all but its templates", "[conformance]",
                   ENGINES) {
  TestType engine;
  const Made made(*engine.store, TestType::kSealed);
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

TEMPLATE_TEST_CASE("what changed while a side was made is neither lost nor back", "[conformance]", ENGINES) {
  TestType engine;
  const Made made(*engine.store, TestType::kSealed);
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
  again->put({{added.face, other_values(6)}});
  made.erase(4);
  again->go_live(kAnything);
  const auto collection = made.store.open("staff");
  const auto view = collection->snapshot();
  CHECK(collection->record().policy == policy);
  CHECK(slots_of(*view) == Slots{2, 3, 6});
  CHECK(view->face_count() == 3);
  CHECK_FALSE(view->has_person(made.records[4].person));
  for (const unsigned i : {0U, 1U, 4U, 5U}) CHECK(view->was_erased(made.records[i].face));
}

TEMPLATE_TEST_CASE("a new side is of its pack, and nothing stays of one that was given up", "[conformance]",
                   ENGINES) {
  TestType engine;
  const Made made(*engine.store, TestType::kSealed);
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

TEMPLATE_TEST_CASE("a kept side goes when it is confirmed, and only then the next may come", "[conformance]",
                   ENGINES) {
  TestType engine;
  const Made made(*engine.store, TestType::kSealed);
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
  const auto side = made.store.migrations().begin(
      "staff", collection_record("staff", kDimension, TestType::kSealed).binding);
  side->put({{made.records[0].face, values_of(50)}});
  side->go_live(kAnything);
  CHECK(made.store.open("staff")->snapshot()->find_template(made.records[0].face) == values_of(50));
  made.store.migrations().revert("staff", kAnything);
  CHECK(slots_of(*made.store.open("staff")->snapshot()) == Slots{0, 2, 3});
}

TEMPLATE_TEST_CASE("a kept side comes back without what was erased since", "[conformance]", ENGINES) {
  TestType engine;
  const Made made(*engine.store, TestType::kSealed);
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
  for (const unsigned i : {0U, 2U, 4U}) {
    CHECK(view->find_template(made.records[i].face) == values_of(i));
    CHECK_FALSE(view->was_erased(made.records[i].face));
  }
  for (const unsigned i : {1U, 3U, 5U}) CHECK(view->was_erased(made.records[i].face));
  CHECK(view->was_erased(passing.face));
}

TEMPLATE_TEST_CASE("a side of a collection that is another one by now is refused", "[conformance]", ENGINES) {
  TestType engine;
  const Made made(*engine.store, TestType::kSealed);
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
  made.store.create(collection_record("staff", kDimension, TestType::kSealed));
  CHECK(error_of([&] { third->go_live(kAnything); }).reason() == "COLLECTION_CHANGED");
  CHECK(made.store.open("staff")->snapshot()->face_count() == 0);
}

TEMPLATE_TEST_CASE("a deletion takes both sides and forgets no id", "[conformance]", ENGINES) {
  TestType engine;
  const Made made(*engine.store, TestType::kSealed);
  made.migrate({0, 2});
  const Uuid later = add_face(*made.store.open("staff"), face_record());
  made.store.remove("staff");
  CHECK(made.store.state("staff") == CollectionState::kDeleted);
  CHECK(cause_of([&] { made.store.migrations().confirm("staff"); }) == Cause::kCollectionDeleted);
  CHECK(cause_of([&] { made.store.migrations().revert("staff", kAnything); }) == Cause::kCollectionDeleted);
  made.store.create(collection_record("staff", kDimension, TestType::kSealed));
  CHECK_FALSE(made.store.open("staff")->kept_side());
  const auto collection = made.store.open("staff");
  const auto view = collection->snapshot();
  for (const FaceRecord& record : made.records) CHECK(view->was_erased(record.face));
  CHECK(view->was_erased(later));
}

TEMPLATE_TEST_CASE("ids of former generations stay known through a move", "[conformance]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, TestType::kSealed));
  const Uuid former = add_face(*store.open("staff"), face_record());
  store.remove("staff");
  const Made made(store, TestType::kSealed);
  made.migrate({0, 2, 3, 4, 5});
  CHECK(store.open("staff")->snapshot()->was_erased(former));
  made.store.migrations().revert("staff", kAnything);
  CHECK(store.open("staff")->snapshot()->was_erased(former));
}

TEMPLATE_TEST_CASE("the switch waits for those who have the collection open", "[conformance]", ENGINES) {
  TestType engine;
  const Made made(*engine.store, TestType::kSealed);
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

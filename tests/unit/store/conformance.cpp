// SPDX-License-Identifier: MIT
// What store.hpp and collection.hpp promise, on every engine. A new engine is one more kind of Engine
// (fixtures.hpp).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <map>
#include <ranges>
#include <set>
#include <stdexcept>
#include <thread>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

ApiKeyRecord key_record() {
  ApiKeyRecord key{Uuid::make(), "front door", {}, 3, {"staff", "Staff"}, 1000, 5000, std::nullopt};
  key.digest[0] = 0xab;
  key.digest[31] = 0x01;
  return key;
}

// Shows faces whose slots have gaps: the i-th is in slot 3 i.
ShowFaces shown_from(const std::vector<FaceRecord>& faces, std::set<std::uint64_t>* asked = nullptr) {
  return [&faces, asked](std::uint64_t first_slot, const TakeFace& take) {
    if (asked != nullptr) asked->insert(first_slot);
    for (std::size_t i = (first_slot + 2) / 3; i < faces.size(); ++i) {
      if (!take(3 * i, faces[i], values_of(static_cast<unsigned>(i)))) return;
    }
  };
}

std::vector<Uuid> faces_in(const Snapshot& view, std::uint64_t first_slot = 0) {
  std::vector<Uuid> faces;
  view.scan(first_slot, [&](const TemplateRow& row) { faces.push_back(row.face); });
  return faces;
}

}  // namespace

TEST_CASE("keys are kept in the order they were added", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  CHECK(store.api_keys().list().empty());
  const ApiKeyRecord first = key_record();
  ApiKeyRecord second = key_record();
  second.expires.reset();
  second.collections.clear();
  store.api_keys().add(first);
  store.api_keys().add(second);
  CHECK(error_of([&] { store.api_keys().add(first); }).reason() == "KEY_EXISTS");
  const std::vector<ApiKeyRecord> keys = store.api_keys().list();
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].id == first.id);
  CHECK(keys[0].label == first.label);
  CHECK(keys[0].digest == first.digest);
  CHECK(keys[0].scopes == first.scopes);
  CHECK(keys[0].collections == first.collections);
  CHECK(keys[0].created == first.created);
  CHECK(keys[0].expires == first.expires);
  CHECK_FALSE(keys[0].revoked);
  CHECK(keys[1].id == second.id);
  CHECK_FALSE(keys[1].expires);

  CHECK_FALSE(store.api_keys().revoke(Uuid::make(), 9));
  CHECK(store.api_keys().revoke(first.id, 7));
  CHECK(store.api_keys().revoke(first.id, 8));
  CHECK(store.api_keys().list()[0].revoked == Timestamp{7});
  CHECK_FALSE(store.api_keys().list()[1].revoked);
}

TEST_CASE("a key that could not be read back is refused", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  ApiKeyRecord key = key_record();
  key.label = "\xff\xfe";
  CHECK(cause_of([&] { engine.store->api_keys().add(key); }) == Cause::kInvalidValue);
  key = key_record();
  key.scopes = 16;
  CHECK(cause_of([&] { engine.store->api_keys().add(key); }) == Cause::kInvalidValue);
  CHECK(engine.store->api_keys().list().empty());
}

TEST_CASE("a collection lives, is deleted, and lives again", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  CHECK(store.state("staff") == CollectionState::kNever);
  CHECK(cause_of([&] { store.open("staff"); }) == Cause::kCollectionNotFound);
  CHECK(cause_of([&] { store.remove("staff"); }) == Cause::kCollectionNotFound);
  CHECK(cause_of([&] { store.open("staff")->update_policy(to({})); }) == Cause::kCollectionNotFound);

  const CollectionRecord record = collection_record("staff", kDimension, engine.sealed);
  store.create(record);
  CHECK(store.state("staff") == CollectionState::kLive);
  CHECK(cause_of([&] { store.create(collection_record("staff", kDimension, engine.sealed)); }) ==
        Cause::kCollectionExists);
  const auto check_record = [&](const CollectionRecord& read) {
    CHECK(read.id == record.id);
    CHECK(read.generation == record.generation);
    CHECK(read.created == record.created);
    CHECK(read.binding == record.binding);
    CHECK(read.policy == record.policy);
  };
  check_record(store.open("staff")->record());
  CHECK(store.ids() == std::vector<std::string>{"staff"});

  store.remove("staff");
  CHECK(store.state("staff") == CollectionState::kDeleted);
  CHECK(store.ids().empty());
  CHECK(cause_of([&] { store.open("staff"); }) == Cause::kCollectionDeleted);
  CHECK(cause_of([&] { store.remove("staff"); }) == Cause::kCollectionDeleted);
  CHECK(cause_of([&] { store.open("staff")->update_policy(to({})); }) == Cause::kCollectionDeleted);

  const CollectionRecord again = collection_record("staff", 8);
  store.create(again);
  CHECK(store.state("staff") == CollectionState::kLive);
  CHECK(store.open("staff")->record().generation == again.generation);
  CHECK(store.open("staff")->snapshot()->face_count() == 0);
}

TEST_CASE("ids are told apart by case, listed in order, and checked", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  const std::vector<std::string> ids{"A.lock", "Staff", "a.lock", "data.mdb", "staff", std::string(128, 'z')};
  for (const std::string& id : std::ranges::reverse_view(ids)) {
    store.create(collection_record(id));
  }
  add_face(*store.open("staff"), face_record());
  CHECK(store.open("Staff")->snapshot()->face_count() == 0);
  CHECK(store.ids() == ids);
  store.remove("Staff");
  CHECK(store.state("staff") == CollectionState::kLive);

  for (const std::string& id :
       {std::string(), std::string("."), std::string(".."), std::string(".tmp-1"), std::string("a/b"),
        std::string("../staff"), std::string("a b"), std::string(129, 'a'), std::string("a\0b", 3),
        std::string("é"), std::string("-a"), std::string("_a")}) {
    CAPTURE(id);
    CHECK_FALSE(is_collection_id(id));
    CHECK(error_of([&] { store.create(collection_record(id)); }).reason() == "COLLECTION_ID_INVALID");
    CHECK(store.state(id) == CollectionState::kNever);
    CHECK(cause_of([&] { store.open(id); }) == Cause::kCollectionNotFound);
  }
}

TEST_CASE("the policy can change, the record of who has it open does not", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
  const auto before = store.open("staff");
  Policy policy;
  policy.similarity = 91.25;
  policy.enroll = {true, 33.5, SeveralFaces::kLargest};
  policy.duplicates = Duplicates::kReject;
  policy.quality = QualityLevel::kStrict;
  policy.min_face_px = 80;
  policy.image = {1, 2, 3};
  store.open("staff")->update_policy(to(policy));
  CHECK(store.open("staff")->record().policy == policy);
  CHECK(before->record().policy == Policy{});

  Policy bad = policy;
  bad.similarity = std::numeric_limits<double>::quiet_NaN();
  CHECK(cause_of([&] { store.open("staff")->update_policy(to(bad)); }) == Cause::kInvalidValue);
  CHECK(store.open("staff")->record().policy == policy);
}

TEST_CASE("an update of the policy starts from the last one and can be given up", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  const CollectionRecord record = collection_record("staff", kDimension, engine.sealed);
  store.create(record);
  store.open("staff")->update_policy([&](const CollectionRecord& present) {
    CHECK(present.generation == record.generation);
    CHECK(present.binding == record.binding);
    Policy policy = present.policy;
    policy.similarity = 0;
    return policy;
  });
  const auto refuse = [](const CollectionRecord& /*present*/) -> Policy {
    throw Error(Cause::kInvalidValue, "REFUSED", "");
  };
  CHECK(error_of([&] { store.open("staff")->update_policy(refuse); }).reason() == "REFUSED");

  // Of many at once none is lost.
  constexpr int kThreads = 4;
  constexpr int kEach = 10;
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < kEach; ++k) {
        try {
          store.open("staff")->update_policy([](const CollectionRecord& present) {
            Policy policy = present.policy;
            policy.similarity += 1;
            return policy;
          });
        } catch (const Error&) {
          ++failures;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(failures == 0);
  CHECK(store.open("staff")->record().policy.similarity == kThreads * kEach);
}

TEST_CASE("remove waits for those who have the collection open", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  auto collection = engine.store->open("staff");
  std::atomic<bool> removed = false;
  std::thread remover([&] {
    engine.store->remove("staff");
    removed = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK_FALSE(removed);
  add_face(*collection, face_record());
  CHECK(collection->snapshot()->face_count() == 1);
  collection.reset();
  remover.join();
  CHECK(engine.store->state("staff") == CollectionState::kDeleted);
}

TEST_CASE("a collection begins with the faces it is given", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  std::vector<FaceRecord> faces;
  for (int i = 0; i < 5; ++i) faces.push_back(face_record());
  faces[3].person = faces[1].person;
  faces[2].content.emplace().fill(7);
  const std::vector<Uuid> erased{Uuid::make(), Uuid::make()};
  const CollectionRecord record = collection_record("staff", kDimension, engine.sealed);
  store.create_with(record, {shown_from(faces), faces.size(), erased});
  CHECK(store.upkeep().check("staff").faces == 5);
  const auto collection = store.open("staff");
  CHECK(collection->record().generation == record.generation);
  const auto view = collection->snapshot();
  CHECK(view->next_slot() == 5);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const FaceRecord found = view->page("", i, 1).faces.at(0);
    CHECK(same(found, faces[i]));
    CHECK(found.content == faces[i].content);
    CHECK(view->find_template(faces[i].face) == values_of(static_cast<unsigned>(i)));
  }
  CHECK(view->slots_of(faces[1].person) == std::vector<std::uint64_t>{1, 3});
  for (const Uuid& face : erased) CHECK(view->was_erased(face));
  std::vector<Uuid> known = view->erased();
  CHECK(std::set(known.begin(), known.end()) == std::set(erased.begin(), erased.end()));
}

TEST_CASE("what does not go into one commit is asked for bit by bit", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  std::vector<FaceRecord> faces(40'000, face_record());
  for (FaceRecord& face : faces) face.face = Uuid::make();
  std::set<std::uint64_t> asked;
  store.create_with(collection_record("staff", kDimension, engine.sealed),
                    {shown_from(faces, &asked), faces.size(), {}});
  if (engine.in_files) CHECK(asked.size() > 1);
  const auto collection = store.open("staff");
  const auto view = collection->snapshot();
  CHECK(view->face_count() == faces.size());
  std::size_t next = 0;
  view->show_faces(0, [&](std::uint64_t slot, const FaceRecord& face, std::span<const float> /*values*/) {
    if (slot == next && face.face == faces[next].face) ++next;
    return true;
  });
  CHECK(next == faces.size());
}

TEST_CASE("there is no collection where its beginning fails", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  const CollectionRecord record = collection_record("staff", kDimension, engine.sealed);
  const std::vector<FaceRecord> faces{face_record(), face_record()};
  const ShowFaces all = shown_from(faces);
  const ShowFaces breaks = [&](std::uint64_t first_slot, const TakeFace& take) {
    all(first_slot, take);
    throw Error(Cause::kStoreDamaged, "PIECE_INVALID", "of the source");
  };
  CHECK(error_of([&] { store.create_with(record, {breaks, 2, {}}); }).reason() == "PIECE_INVALID");
  CHECK(store.state("staff") == CollectionState::kNever);
  store.create_with(record, {all, 2, {}});
  CHECK(cause_of([&] { store.create_with(record, {all, 2, {}}); }) == Cause::kCollectionExists);
  CHECK(store.open("staff")->snapshot()->face_count() == 2);
  CHECK(cause_of([&] {
          store.create_with(collection_record("../x"), {all, 2, {}});
        }) == Cause::kInvalidValue);
}

TEST_CASE("faces are shown from a slot on, until nobody takes more", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = store.open("staff");
  std::vector<FaceRecord> faces;
  collection->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < 6; ++i) {
      faces.push_back(face_record());
      transaction.add(faces.back(), values_of(i));
    }
    REQUIRE(transaction.erase(faces[3].face));
  });
  CHECK(collection->snapshot()->erased() == std::vector<Uuid>{faces[3].face});
  const auto view = collection->snapshot();
  std::vector<std::uint64_t> seen;
  view->show_faces(2, [&](std::uint64_t slot, const FaceRecord& face, std::span<const float> values) {
    CHECK(same(face, faces[slot]));
    CHECK(std::ranges::equal(values, values_of(static_cast<unsigned>(slot))));
    seen.push_back(slot);
    return slot < 4;
  });
  CHECK(seen == std::vector<std::uint64_t>{2, 4});
}

TEST_CASE("a face is found with all that was stored of it", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  FaceRecord record = face_record();
  record.name = std::string("any bytes \xff\0 at all", 18);
  record.created = -5;
  add_face(*collection, record, 4);
  const auto view = collection->snapshot();
  CHECK(view->face_count() == 1);
  CHECK(view->next_slot() == 1);
  REQUIRE(view->find_face(record.face));
  CHECK(same(*view->find_face(record.face), record));
  CHECK(view->find_template(record.face) == values_of(4));
  CHECK(view->has_person(record.person));
  CHECK_FALSE(view->has_person(record.face));
  CHECK_FALSE(view->was_erased(record.face));
  CHECK_FALSE(view->find_face(Uuid::make()));
  CHECK_FALSE(view->find_template(Uuid::make()));
  CHECK_FALSE(view->was_erased(Uuid::make()));
}

TEST_CASE("scan visits the rows from a slot on in order of slots", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  std::vector<FaceRecord> records(700);
  std::generate(records.begin(), records.end(), [] { return face_record(); });
  collection->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < records.size(); ++i) {
      transaction.add(records[i], values_of(i));
    }
    transaction.erase(records[3].face);
    CHECK(transaction.face_count() == records.size() - 1);
  });
  const auto view = collection->snapshot();
  for (const std::uint64_t first : {0U, 1U, 3U, 4U, 300U, 699U, 700U, 1000U}) {
    std::uint64_t expected = first == 3 ? 4 : first;
    view->scan(first, [&](const TemplateRow& row) {
      REQUIRE(row.slot == expected);
      REQUIRE(row.face == records[row.slot].face);
      REQUIRE(row.person == records[row.slot].person);
      REQUIRE(std::vector(row.values.begin(), row.values.end()) ==
              values_of(static_cast<unsigned>(row.slot)));
      expected = row.slot + 1 == 3 ? 4 : row.slot + 1;
    });
    CHECK(expected == std::max<std::uint64_t>(first, records.size()));
  }
}

TEST_CASE("an erased face is gone and known to be", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  const Uuid person = Uuid::make();
  const Uuid first = add_face(*collection, face_record(person), 1);
  const Uuid second = add_face(*collection, face_record(person), 2);
  collection->write([&](WriteTransaction& transaction) {
    CHECK_FALSE(transaction.erase(Uuid::make()));
    CHECK(transaction.erase(first));
    CHECK_FALSE(transaction.erase(first));
    CHECK(transaction.was_erased(first));
  });
  auto view = collection->snapshot();
  CHECK(view->face_count() == 1);
  CHECK(view->next_slot() == 2);
  CHECK_FALSE(view->find_face(first));
  CHECK_FALSE(view->find_template(first));
  CHECK(view->was_erased(first));
  CHECK_FALSE(view->was_erased(second));
  CHECK(view->has_person(person));
  CHECK(faces_in(*view) == std::vector{second});

  collection->write([&](WriteTransaction& transaction) { CHECK(transaction.erase(second)); });
  view = collection->snapshot();
  CHECK(view->face_count() == 0);
  CHECK_FALSE(view->has_person(person));
  CHECK(faces_in(*view).empty());
  // A slot is never used again, an id neither.
  const Uuid third = add_face(*collection, face_record(person), 3);
  CHECK(collection->snapshot()->next_slot() == 3);
  CHECK(collection->snapshot()->has_person(person));
  FaceRecord again = face_record();
  for (const Uuid& used : {first, third}) {
    again.face = used;
    CHECK(error_of([&] { add_face(*collection, again); }).reason() == "FACE_ID_USED");
  }
}

TEST_CASE("erased faces are known over generations", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  std::vector<Uuid> old_faces;
  for (int generation = 0; generation < 3; ++generation) {
    store.create(collection_record("staff", kDimension, engine.sealed));
    auto collection = store.open("staff");
    const Uuid live = add_face(*collection, face_record());
    const Uuid erased = add_face(*collection, face_record());
    collection->write([&](WriteTransaction& transaction) { transaction.erase(erased); });
    {
      const auto view = collection->snapshot();
      for (const Uuid& face : old_faces) {
        CHECK(view->was_erased(face));
        CHECK_FALSE(view->find_face(face));
      }
      CHECK_FALSE(view->was_erased(live));
      CHECK_FALSE(view->was_erased(Uuid::make()));
    }
    if (!old_faces.empty()) {
      FaceRecord again = face_record();
      again.face = old_faces.front();
      CHECK(error_of([&] { add_face(*collection, again); }).reason() == "FACE_ID_USED");
    }
    old_faces.insert(old_faces.end(), {live, erased});
    collection.reset();
    store.remove("staff");
  }
}

TEST_CASE("an exception leaves the collection as it was", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  const Uuid kept = add_face(*collection, face_record());
  const FaceRecord lost = face_record();
  CHECK_THROWS_AS(collection->write([&](WriteTransaction& transaction) {
    transaction.add(lost, values_of(1));
    transaction.erase(kept);
    CHECK(transaction.find_face(lost.face));
    CHECK_FALSE(transaction.find_face(kept));
    throw std::runtime_error("stop");
  }),
                  std::runtime_error);
  const auto view = collection->snapshot();
  CHECK(view->face_count() == 1);
  CHECK(view->next_slot() == 1);
  CHECK(view->find_face(kept));
  CHECK_FALSE(view->was_erased(kept));
  CHECK_FALSE(view->find_face(lost.face));
  CHECK_FALSE(view->has_person(lost.person));
  // The collection can be written to as before, and an add that was refused does no harm if it is caught.
  collection->write([&](WriteTransaction& transaction) {
    transaction.add(lost, values_of(1));
    CHECK_THROWS_AS(transaction.add(lost, values_of(1)), Error);
  });
  CHECK(collection->snapshot()->face_count() == 2);
}

TEST_CASE("a template that does not fit is refused", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  auto infinite = values_of(1);
  infinite[5] = std::numeric_limits<float>::infinity();
  auto not_a_number = values_of(1);
  not_a_number[kDimension - 1] = std::numeric_limits<float>::quiet_NaN();
  for (const auto& values : {values_of(1, kDimension - 1), values_of(1, kDimension + 1), std::vector<float>(),
                             infinite, not_a_number}) {
    CHECK(error_of([&] {
            collection->write([&](WriteTransaction& transaction) { transaction.add(face_record(), values); });
          }).reason() == "TEMPLATE_INVALID");
  }
  CHECK(collection->snapshot()->face_count() == 0);
  for (const int dimension : {0, -1, 1 << 20}) {
    CHECK(cause_of([&] { engine.store->create(collection_record("wide", dimension, engine.sealed)); }) ==
          Cause::kInvalidValue);
  }
  CHECK(engine.store->state("wide") == CollectionState::kNever);
}

TEST_CASE("a face can get another person, name and metadata, and keeps all else", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  FaceRecord ada = face_record();
  ada.content = Sha256{1, 2, 3};
  const FaceRecord bob = face_record();
  add_face(*collection, ada, 1);
  add_face(*collection, bob, 2);
  const auto before = collection->snapshot();

  FaceRecord changed = ada;
  changed.person = bob.person;
  changed.name = "Ada Lovelace";
  changed.metadata = {{"team", "red"}};
  changed.created = 5;
  changed.content.reset();
  collection->write([&](WriteTransaction& transaction) {
    CHECK(transaction.update(changed));
    CHECK_FALSE(transaction.update(face_record()));
    CHECK(transaction.slots_of(bob.person) == std::vector<std::uint64_t>{0, 1});
    CHECK_FALSE(transaction.has_person(ada.person));
    CHECK(transaction.face_count() == 2);
  });
  const auto after = collection->snapshot();
  const auto found = after->find_face(ada.face);
  REQUIRE(found);
  CHECK((found->person == bob.person && found->name == "Ada Lovelace"));
  CHECK(found->metadata == changed.metadata);
  CHECK((found->created == ada.created && found->content == ada.content));
  CHECK(after->find_template(ada.face) == values_of(1));
  CHECK(after->slots_of(ada.person).empty());
  CHECK(after->next_slot() == 2);
  CHECK(after->changes() == before->changes() + 1);
  CHECK(after->switches() == before->switches());
  std::vector<std::pair<std::uint64_t, Uuid>> ids;
  after->visit_ids(1, [&](std::span<const FaceIds> rows) {
    for (const FaceIds& row : rows) ids.emplace_back(row.slot, row.person);
    return true;
  });
  CHECK(ids == std::vector<std::pair<std::uint64_t, Uuid>>{{1, bob.person}});
  int visited = 0;
  after->visit_ids(0, [&](std::span<const FaceIds>) { return ++visited < 1; });
  CHECK(visited == 1);
  std::vector<Uuid> faces;
  after->visit_faces(std::vector<std::uint64_t>{1, 0},
                     [&](const FaceRecord& face) { faces.push_back(face.face); });
  CHECK(faces == std::vector<Uuid>{bob.face, ada.face});
  CHECK(before->find_face(ada.face)->name == "Ada");
  CHECK(before->has_person(ada.person));
  CHECK(engine.store->upkeep().check("staff").faces == 2);

  FaceRecord over = ada;
  over.metadata["long"] = std::string(200'000, 'x');
  collection->write([&](WriteTransaction& transaction) {
    CHECK(error_of([&] { transaction.update(over); }).reason() == "RECORD_INVALID");
  });
  CHECK(collection->snapshot()->find_face(ada.face)->name == "Ada Lovelace");
}

TEST_CASE("a snapshot sees nothing that comes after it", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  const FaceRecord record = face_record();
  add_face(*collection, record);
  const auto before = collection->snapshot();
  collection->write([&](WriteTransaction& transaction) {
    transaction.erase(record.face);
    transaction.add(face_record(), values_of(2));
    transaction.add(face_record(), values_of(3));
    CHECK(before->face_count() == 1);
  });
  CHECK(before->face_count() == 1);
  CHECK(before->next_slot() == 1);
  CHECK(before->find_face(record.face));
  CHECK_FALSE(before->was_erased(record.face));
  CHECK(before->has_person(record.person));
  CHECK(faces_in(*before) == std::vector{record.face});
  CHECK(before->page("", 0, 10).total == 1);
  CHECK(collection->snapshot()->face_count() == 2);
}

TEST_CASE("pages are in order of slots, with and without a term", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  CHECK(collection->snapshot()->page("", 0, 50).total == 0);
  std::vector<FaceRecord> live;
  collection->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < 230; ++i) {
      live.push_back(face_record());
      live.back().name = std::to_string(i);
      transaction.add(live.back(), values_of(i));
    }
  });
  const bool with_erased = GENERATE(false, true);
  if (with_erased) {
    collection->write([&](WriteTransaction& transaction) {
      for (const std::size_t i : {200U, 101U, 100U, 0U}) {
        transaction.erase(live[i].face);
        live.erase(live.begin() + static_cast<std::ptrdiff_t>(i));
      }
    });
  }
  const auto view = collection->snapshot();
  const std::string one = live[77].face.text();
  for (const std::string& term : {std::string(), std::string("-7"), one, one.substr(20), one.substr(3, 9),
                                  std::string("zzzzz"), std::string("a")}) {
    std::vector<FaceRecord> matching;
    std::copy_if(live.begin(), live.end(), std::back_inserter(matching), [&](const FaceRecord& record) {
      return record.face.text().find(term) != std::string::npos;
    });
    for (const std::uint64_t offset :
         {std::uint64_t{0}, std::uint64_t{50}, std::uint64_t{199}, std::uint64_t{226}, std::uint64_t{5000},
          std::numeric_limits<std::uint64_t>::max()}) {
      for (const std::size_t limit : {0U, 1U, 50U, 1000U}) {
        CAPTURE(term, offset, limit);
        const FacePage page = view->page(term, offset, limit);
        REQUIRE(page.total == matching.size());
        const std::size_t start = std::min<std::uint64_t>(offset, matching.size());
        REQUIRE(page.faces.size() == std::min(limit, matching.size() - start));
        for (std::size_t i = 0; i < page.faces.size(); ++i) {
          REQUIRE(same(page.faces[i], matching[start + i]));
        }
      }
    }
  }
}

TEST_CASE("writers of many threads lose nothing", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 15;
  const auto shared = engine.store->open("staff");
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      try {
        const auto own = engine.store->open("staff");
        Collection& collection = t % 2 == 0 ? *shared : *own;
        for (std::size_t i = 0; i < kEach; ++i) {
          const std::uint64_t before = collection.snapshot()->face_count();
          const Uuid face = add_face(collection, face_record());
          const auto after = collection.snapshot();
          failures += after->face_count() > before && after->find_face(face) ? 0 : 1;
        }
      } catch (...) {
        ++failures;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(failures == 0);
  const std::vector<Uuid> faces = faces_in(*shared->snapshot());
  CHECK(faces.size() == kThreads * kEach);
  CHECK(std::set(faces.begin(), faces.end()).size() == faces.size());
}

TEST_CASE("random changes agree with a slow obvious reference", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const auto collection = engine.store->open("staff");
  std::map<std::uint64_t, FaceRecord> live;
  std::vector<Uuid> persons{Uuid::make(), Uuid::make(), Uuid::make(), Uuid::make()};
  std::set<Uuid> erased;
  std::vector<Decision> decisions;
  std::uint64_t next = 0;
  std::minstd_rand random(7);
  for (int round = 0; round < 60; ++round) {
    auto new_live = live;
    auto new_erased = erased;
    auto new_next = next;
    auto new_decisions = decisions;
    const bool roll_back = random() % 4 == 0;
    try {
      collection->write([&](WriteTransaction& transaction) {
        new_live = live, new_erased = erased, new_next = next, new_decisions = decisions;
        for (auto step = random() % 30; step > 0; --step) {
          const unsigned what = static_cast<unsigned>(random() % 5);
          if (what == 4) {
            if (!new_decisions.empty() && random() % 3 == 0) {
              new_decisions.erase(new_decisions.begin() +
                                  static_cast<std::ptrdiff_t>(random() % new_decisions.size()));
            } else {
              new_decisions.push_back({Decision::Kind::kNotThisPerson, Uuid::make(), persons[0]});
            }
            transaction.set_decisions(new_decisions);
            continue;
          }
          if (new_live.empty() || what < 2) {
            const FaceRecord record = face_record(persons[random() % persons.size()]);
            transaction.add(record, values_of(static_cast<unsigned>(new_next)));
            new_live[new_next++] = record;
            continue;
          }
          const auto victim =
              std::next(new_live.begin(), static_cast<std::ptrdiff_t>(random() % new_live.size()));
          if (what == 2) {
            FaceRecord& record = victim->second;
            record.person = persons[random() % persons.size()];
            record.name = std::string(random() % 2 == 0 ? 5 : 2000, static_cast<char>('a' + random() % 26));
            REQUIRE(transaction.update(record));
          } else {
            REQUIRE(transaction.erase(victim->second.face));
            new_erased.insert(victim->second.face);
            new_live.erase(victim);
          }
        }
        if (roll_back) {
          throw std::runtime_error("stop");
        }
      });
      live = new_live, erased = new_erased, next = new_next, decisions = new_decisions;
    } catch (const std::runtime_error&) {
      REQUIRE(roll_back);
    }
    const auto view = collection->snapshot();
    REQUIRE(view->face_count() == live.size());
    REQUIRE(view->next_slot() == next);
    REQUIRE(view->decisions() == decisions);
    auto expected = live.begin();
    view->scan(0, [&](const TemplateRow& row) {
      REQUIRE(expected != live.end());
      REQUIRE(row.slot == expected->first);
      REQUIRE(row.face == expected->second.face);
      ++expected;
    });
    REQUIRE(expected == live.end());
    expected = live.begin();
    view->visit_records(0, [&](const FaceRecord& face) {
      REQUIRE((face.person == expected->second.person && face.name == expected->second.name));
      ++expected;
    });
    for (const Uuid& face : erased) {
      REQUIRE(view->was_erased(face));
    }
    for (const Uuid& person : persons) {
      REQUIRE(view->has_person(person) == std::any_of(live.begin(), live.end(), [&](const auto& entry) {
                return entry.second.person == person;
              }));
    }
  }
}

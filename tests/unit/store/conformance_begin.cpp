// SPDX-License-Identifier: MIT
// What store.hpp promises of Store::create_with() and of what it is filled from, on every engine.
#include <set>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

// Shows faces whose slots have gaps: the i-th is in slot 3 i.
ShowFaces shown_from(const std::vector<FaceRecord>& faces, std::set<std::uint64_t>* asked = nullptr) {
  return [&faces, asked](std::uint64_t first_slot, const TakeFace& take) {
    if (asked != nullptr) asked->insert(first_slot);
    for (std::size_t i = (first_slot + 2) / 3; i < faces.size(); ++i) {
      if (!take(3 * i, faces[i], values_of(static_cast<unsigned>(i)))) return;
    }
  };
}

}  // namespace

TEMPLATE_TEST_CASE("a collection begins with the faces it is given", "[conformance]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  std::vector<FaceRecord> faces;
  for (int i = 0; i < 5; ++i) faces.push_back(face_record());
  faces[3].person = faces[1].person;
  faces[2].content.emplace().fill(7);
  const std::vector<Uuid> erased{Uuid::make(), Uuid::make()};
  const CollectionRecord record = collection_record("staff", kDimension, TestType::kSealed);
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

TEMPLATE_TEST_CASE("what does not go into one commit is asked for bit by bit", "[conformance]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  std::vector<FaceRecord> faces(40'000, face_record());
  for (FaceRecord& face : faces) face.face = Uuid::make();
  std::set<std::uint64_t> asked;
  store.create_with(collection_record("staff", kDimension, TestType::kSealed),
                    {shown_from(faces, &asked), faces.size(), {}});
  if (!std::is_same_v<TestType, MemoryEngine>) CHECK(asked.size() > 1);
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

TEMPLATE_TEST_CASE("there is no collection where its beginning fails", "[conformance]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  const CollectionRecord record = collection_record("staff", kDimension, TestType::kSealed);
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

TEMPLATE_TEST_CASE("faces are shown from a slot on, until nobody takes more", "[conformance]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, TestType::kSealed));
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

// SPDX-License-Identifier: MIT
// What store.hpp promises of rewriting a collection, on every engine.
#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

TEMPLATE_TEST_CASE("rewriting keeps the order and what is known, and gives slots anew", "[conformance]",
                   ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, TestType::kSealed));
  const Uuid former = add_face(*store.open("staff"), face_record());
  store.remove("staff");
  store.create(collection_record("staff", kDimension, TestType::kSealed));
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
  CHECK(cause_of([&] { store.upkeep().rewrite("nobody", {}); }) == Cause::kCollectionNotFound);
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
  CHECK(error_of([&] { store.upkeep().rewrite("staff", {}); }).reason() == "MIGRATION_UNCONFIRMED");
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

TEMPLATE_TEST_CASE("switches rise when slots may be given anew, and stay while faces come and go",
                   "[conformance]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, TestType::kSealed));
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

TEMPLATE_TEST_CASE("a side that began before a rewriting is refused", "[conformance]", SealedEngine,
                   PlainEngine) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
  const Uuid face = add_face(*engine.store->open("staff"), face_record());
  const auto side = engine.store->migrations().begin("staff", other_pack());
  side->put({{face, other_values(0)}});
  engine.store->upkeep().rewrite("staff", std::nullopt);
  CHECK(error_of([&] { side->put({{face, other_values(0)}}); }).reason() == "COLLECTION_CHANGED");
  CHECK(error_of([&] { side->go_live([](const Becoming&) {}); }).reason() == "COLLECTION_CHANGED");
}

TEMPLATE_TEST_CASE("updates of the policy and rewritings lose nothing of each other", "[conformance]",
                   ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, TestType::kSealed));
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

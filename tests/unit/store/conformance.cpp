// SPDX-License-Identifier: MIT
// What store.hpp promises of a store, on every engine. A new engine is one more type in ENGINES.
#include <atomic>
#include <chrono>
#include <limits>
#include <ranges>
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

}  // namespace

TEMPLATE_TEST_CASE("keys are kept in the order they were added", "[conformance]", ENGINES) {
  TestType engine;
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

TEMPLATE_TEST_CASE("a key that could not be read back is refused", "[conformance]", ENGINES) {
  TestType engine;
  ApiKeyRecord key = key_record();
  key.label = "\xff\xfe";
  CHECK(cause_of([&] { engine.store->api_keys().add(key); }) == Cause::kInvalidValue);
  key = key_record();
  key.scopes = 16;
  CHECK(cause_of([&] { engine.store->api_keys().add(key); }) == Cause::kInvalidValue);
  CHECK(engine.store->api_keys().list().empty());
}

TEMPLATE_TEST_CASE("a collection lives, is deleted, and lives again", "[conformance]", ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  CHECK(store.state("staff") == CollectionState::kNever);
  CHECK(cause_of([&] { store.open("staff"); }) == Cause::kCollectionNotFound);
  CHECK(cause_of([&] { store.remove("staff"); }) == Cause::kCollectionNotFound);
  CHECK(cause_of([&] { store.open("staff")->update_policy(to({})); }) == Cause::kCollectionNotFound);

  const CollectionRecord record = collection_record("staff", kDimension, TestType::kSealed);
  store.create(record);
  CHECK(store.state("staff") == CollectionState::kLive);
  CHECK(cause_of([&] { store.create(collection_record("staff", kDimension, TestType::kSealed)); }) ==
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

TEMPLATE_TEST_CASE("ids are told apart by case, listed in order, and checked", "[conformance]", ENGINES) {
  TestType engine;
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

TEMPLATE_TEST_CASE("the policy can change, the record of who has it open does not", "[conformance]",
                   ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, TestType::kSealed));
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

TEMPLATE_TEST_CASE("an update of the policy starts from the last one and can be given up", "[conformance]",
                   ENGINES) {
  TestType engine;
  Store& store = *engine.store;
  const CollectionRecord record = collection_record("staff", kDimension, TestType::kSealed);
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

TEMPLATE_TEST_CASE("remove waits for those who have the collection open", "[conformance]", ENGINES) {
  TestType engine;
  engine.store->create(collection_record("staff", kDimension, TestType::kSealed));
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

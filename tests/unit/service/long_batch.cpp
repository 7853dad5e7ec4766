// SPDX-License-Identifier: MIT
// What a batch owes to what others do with the collection while it goes on: for weeks, where it watches a
// folder.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "catch.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"
#include "service/degrees.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

using service::BatchAnswer;
using service::BatchInput;
using service::EnrollRequest;
using service::EnrollResult;

// A batch into the collection `a` that gets one input after the other, each when the last one was answered.
class LongBatch {
 public:
  explicit LongBatch(World& world, service::BatchEnrollOptions options = {})
      : made_by_(fingerprint(world.engines->pack("fake"))), thread_([this, &world, options] {
          service::BatchWork work;
          work.engines = [] { return std::make_unique<EngineCache>(PackPlaces{}, World::runtimes); };
          work.cancel = [this] { close(); };
          work.threads = 2;
          work.ordered = false;
          fault_ = fault_of([&] {
            service::enroll_batch(
                world.store, world.caller, "a", work, options, [this] { return next(); },
                [this](auto group) { take(std::move(group)); });
          });
          close();
        }) {}
  LongBatch(const LongBatch&) = delete;
  LongBatch& operator=(const LongBatch&) = delete;
  ~LongBatch() {
    close();
    if (thread_.joinable()) thread_.join();
  }

  // None if the batch ended instead.
  std::optional<BatchAnswer<EnrollResult>> answer_to(double degrees, const std::string& name = "someone") {
    std::unique_lock lock(mutex_);
    answer_.reset();
    input_ = BatchInput<EnrollRequest>{std::to_string(degrees), [this, degrees, name] {
                                         EnrollRequest request;
                                         request.collection_id = "a";
                                         request.user_name = name;
                                         request.probe = service::GivenTemplate{at(degrees), made_by_};
                                         return request;
                                       }};
    moved_.notify_all();
    moved_.wait(lock, [this] { return closed_ || answer_; });
    return std::move(answer_);
  }

  EnrollResult enroll(double degrees, const std::string& name = "someone") {
    const auto answer = answer_to(degrees, name);
    REQUIRE(answer);
    REQUIRE(std::holds_alternative<EnrollResult>(answer->outcome));
    return std::get<EnrollResult>(answer->outcome);
  }

  std::string refusal(double degrees, const std::string& name = "someone") {
    const auto answer = answer_to(degrees, name);
    REQUIRE(answer);
    REQUIRE(std::holds_alternative<Error>(answer->outcome));
    return std::get<Error>(answer->outcome).reason();
  }

  // What ended the batch when it got one more.
  Fault end_of(double degrees) {
    REQUIRE_FALSE(answer_to(degrees));
    thread_.join();
    return fault_;
  }

 private:
  std::optional<BatchInput<EnrollRequest>> next() {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [this] { return closed_ || input_; });
    return closed_ ? std::nullopt : std::exchange(input_, std::nullopt);
  }

  void take(std::vector<BatchAnswer<EnrollResult>> group) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(group.at(0));
    moved_.notify_all();
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    moved_.notify_all();
  }

  std::string made_by_;
  std::mutex mutex_;
  std::condition_variable moved_;
  std::optional<BatchInput<EnrollRequest>> input_;
  std::optional<BatchAnswer<EnrollResult>> answer_;
  bool closed_ = false;
  Fault fault_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("what was deleted while a batch goes on comes anew", "[batch]") {
  World world;
  world.create("a");
  LongBatch batch(world);
  const EnrollResult first = batch.enroll(0);
  CHECK(batch.enroll(0).face == first.face);
  world.erase("a", first.face);
  const EnrollResult second = batch.enroll(0);
  CHECK_FALSE(second.already_enrolled);
  CHECK(second.face != first.face);
  CHECK(batch.enroll(0).face == second.face);
  // Deleted, and enrolled by another batch.
  world.erase("a", second.face);
  const Uuid third = LongBatch(world).enroll(0).face;
  CHECK(batch.enroll(0).face == third);
  CHECK(world.faces("a") == 1);
}

TEST_CASE("what is deleted between the look and the answer is not answered as if it were there", "[batch]") {
  World world;
  world.create("a");
  LongBatch batch(world);
  const EnrollResult first = batch.enroll(0);
  int opened = 0;
  world.store.before_open = [&](std::string_view) {
    if (++opened == 2) world.erase("a", first.face);
  };
  CHECK(batch.refusal(0) == "DELETED_MEANWHILE");
  CHECK_FALSE(batch.enroll(0).already_enrolled);
  CHECK(world.faces("a") == 1);
}

TEST_CASE("slots that are given anew while a batch goes on hide nothing from it", "[batch]") {
  World world;
  world.create("a");
  LongBatch batch(world);
  std::vector<EnrollResult> made;
  for (int i = 0; i < 3; ++i) made.push_back(batch.enroll(30 * i));
  world.erase("a", made[0].face);
  world.erase("a", made[1].face);
  world.store.upkeep().rewrite("a", std::nullopt);
  // In a slot that the batch had read before.
  const Uuid other = LongBatch(world).enroll(100).face;
  const EnrollResult again = batch.enroll(100);
  CHECK(again.already_enrolled);
  CHECK(again.face == other);
  CHECK(batch.enroll(60).face == made[2].face);
  CHECK_FALSE(batch.enroll(0).already_enrolled);
  CHECK(world.faces("a") == 3);
}

TEST_CASE("a policy that is changed while a batch goes on holds for what comes then", "[batch]") {
  World world;
  world.create("a");
  LongBatch batch(world);
  batch.enroll(0);
  batch.enroll(1);
  world.store.open("a")->update_policy([](const CollectionRecord& record) {
    Policy policy = record.policy;
    policy.duplicates = Duplicates::kReject;
    return policy;
  });
  CHECK(batch.refusal(2) == "DUPLICATE_FACE");
  CHECK(world.faces("a") == 2);
}

TEST_CASE("a name is whose it is by then", "[batch]") {
  World world;
  world.create("a");
  LongBatch batch(world, {.one_person_per_name = true});
  const EnrollResult first = batch.enroll(0, "Ada");
  world.erase("a", first.face);
  const EnrollResult second = batch.enroll(1, "Ada");
  CHECK(second.person != first.person);
  const EnrollResult third = LongBatch(world).enroll(2, "Ada");
  CHECK(batch.refusal(3, "Ada") == "NAME_AMBIGUOUS");
  world.erase("a", second.face);
  CHECK(batch.enroll(3, "Ada").person == third.person);
}

TEST_CASE("a collection that is gone or another one ends a batch, whatever comes then", "[batch]") {
  for (const bool known : {true, false}) {
    World world;
    world.create("a");
    {
      LongBatch batch(world);
      batch.enroll(0);
      world.store.remove("a");
      CHECK(batch.end_of(known ? 0 : 90).is(Cause::kCollectionDeleted, ""));
    }
    world.create("a");
    LongBatch batch(world);
    batch.enroll(0);
    world.store.remove("a");
    world.create("a");
    CHECK(batch.end_of(known ? 0 : 90).is(Cause::kInvalidValue, "COLLECTION_CHANGED"));
    CHECK(world.faces("a") == 0);
  }
}

}  // namespace facesearch::test

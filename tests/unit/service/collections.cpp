// SPDX-License-Identifier: MIT
#include "facesearch/service/collections/collections.hpp"

#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "catch.hpp"
#include "facesearch/service/machine/doctor.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {

using service::Caller;
using service::kAnyScope;

namespace {

const Caller kAll{kAnyScope, {}};
const Caller kOnlyB{kAnyScope, {"b"}};

// An update to a policy, whatever the present one is.
auto to(const Policy& policy) {
  return [policy](const Policy& /*present*/) { return policy; };
}

Policy with(const std::function<void(Policy&)>& change) {
  Policy policy = World::easy();
  change(policy);
  return policy;
}

}  // namespace

TEST_CASE("a collection keeps the pack it was made with and the meaning of its scores", "[collections]") {
  World world;
  auto context = world.context();
  const auto made = service::create_collection(context, kAll, "a", "fake", World::easy());
  CHECK(made.faces == 0);
  CHECK(made.record.binding.pack == "fake");
  CHECK(made.record.binding.fingerprint == fingerprint(world.engines->pack("fake")));
  CHECK(made.record.binding.dimension == 4);
  Calibration calibration = *world.engines->pack("fake").calibration;
  calibration.of_means.reset();  // what is matched by face has no use for it
  CHECK(made.record.binding.calibration == calibration);
  const auto shown = service::show_collection(context, kAll, "a");
  CHECK(shown.record.generation == made.record.generation);
  CHECK(shown.record.policy == World::easy());
  world.enroll("a", portrait(10));
  world.enroll("a", portrait(20));
  CHECK(service::show_collection(context, kAll, "a").faces == 2);
}

TEST_CASE("what a collection cannot be is refused", "[collections]") {
  World world;
  world.install({.name = "raw", .calibrated = false});
  world.install({.name = "blind", .liveness = false});
  world.create("there");
  auto context = world.context();
  const auto fault = [&](const char* id, const char* pack, const Policy& policy) {
    return fault_of([&] { service::create_collection(context, kAll, id, pack, policy); });
  };
  const std::string too_long(129, 'a');
  for (const char* id : {"", ".hidden", "../up", "a/b", "a b", "ä", "-x", too_long.c_str()}) {
    CHECK(fault(id, "fake", World::easy()).is(Cause::kInvalidValue, "COLLECTION_ID_INVALID"));
  }
  CHECK_FALSE(fault(too_long.substr(1).c_str(), "fake", World::easy()).thrown);
  CHECK(fault("a", "raw", World::easy()).is(Cause::kInvalidValue, "PACK_NOT_CALIBRATED"));
  CHECK(fault("a", "nobody", World::easy()).is(Cause::kModelMissing, "PACK_NOT_FOUND"));
  CHECK(fault("there", "fake", World::easy()).cause == Cause::kCollectionExists);
  const Policy enroll_live = with([](Policy& policy) { policy.enroll.liveness = true; });
  const Policy search_live = with([](Policy& policy) { policy.search.liveness = true; });
  CHECK(fault("a", "blind", enroll_live).is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
  CHECK(fault("a", "blind", search_live).is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
  CHECK_FALSE(fault("a", "fake", enroll_live).thrown);
  CHECK_FALSE(fault("b", "blind", World::easy()).thrown);
}

TEST_CASE("a policy's values have ranges, and a fault names value and range", "[collections]") {
  const auto refused = [](const std::function<void(Policy&)>& change, const char* reason) {
    const Policy policy = with(change);
    const Fault fault = fault_of([&] { service::require_valid(policy); });
    INFO(fault);
    CHECK(fault.is(Cause::kInvalidValue, reason));
  };
  const auto fine = [](const std::function<void(Policy&)>& change) {
    const Policy policy = with(change);
    CHECK_NOTHROW(service::require_valid(policy));
  };
  for (const double wrong :
       {-0.001, 100.001, std::nan(""), std::numeric_limits<double>::infinity(), -1e300}) {
    refused([&](Policy& policy) { policy.similarity = wrong; }, "SIMILARITY_INVALID");
    refused([&](Policy& policy) { policy.enroll.liveness_threshold = wrong; }, "LIVENESS_THRESHOLD_INVALID");
    refused([&](Policy& policy) { policy.search.liveness_threshold = wrong; }, "LIVENESS_THRESHOLD_INVALID");
  }
  for (const double right : {0.0, 0.5, 100.0}) {
    fine([&](Policy& policy) { policy.similarity = right; });
    fine(
        [&](Policy& policy) { policy.enroll.liveness_threshold = policy.search.liveness_threshold = right; });
  }
  constexpr ImageLimits kMost{};
  for (const std::uint64_t wrong : {std::uint64_t{0}, kMost.max_bytes + 1, ~std::uint64_t{0}}) {
    refused([&](Policy& policy) { policy.image.max_bytes = wrong; }, "IMAGE_LIMIT_INVALID");
  }
  refused([](Policy& policy) { policy.image.max_pixels = 0; }, "IMAGE_LIMIT_INVALID");
  refused([](Policy& policy) { policy.image.max_pixels = kMost.max_pixels + 1; }, "IMAGE_LIMIT_INVALID");
  refused([](Policy& policy) { policy.image.max_side = 0; }, "IMAGE_LIMIT_INVALID");
  refused([](Policy& policy) { policy.image.max_side = kMost.max_side + 1; }, "IMAGE_LIMIT_INVALID");
  refused([](Policy& policy) { policy.min_face_px = 0; }, "IMAGE_LIMIT_INVALID");
  refused([](Policy& policy) { policy.min_face_px = 16'385; }, "IMAGE_LIMIT_INVALID");
  fine([](Policy& policy) { policy.image = {1, 1, 1}; });
  fine([](Policy& policy) { policy.min_face_px = 16'384; });

  const Policy policy = with([](Policy& changed) { changed.similarity = 101.5; });
  const Fault fault = fault_of([&] { service::require_valid(policy); });
  CHECK((fault.says("101.5") && fault.says("0 to 100")));
}

TEST_CASE("a policy is changed and holds from the next request on", "[collections]") {
  World world;
  world.create("a");
  world.enroll("a", portrait(10));
  auto context = world.context();
  CHECK(world.search("a", portrait(60)).matches.empty());
  const auto updated = service::update_collection(
      context, kAll, "a",
      to(with([](Policy& policy) { policy.similarity = 60; })));  // cosine 0.3: 72 degrees
  CHECK(updated.record.policy.similarity == 60);
  CHECK(updated.faces == 1);
  CHECK(world.search("a", portrait(60)).matches.size() == 1);
}

TEST_CASE("an update is held to the same rules as a creation", "[collections]") {
  World world;
  world.install({.name = "blind", .liveness = false});
  world.create("a", World::easy(), "blind");
  auto context = world.context();
  const auto fault = [&](const Caller& caller, const char* id, const Policy& policy) {
    return fault_of([&] { service::update_collection(context, caller, id, to(policy)); });
  };
  const Policy live = with([](Policy& policy) { policy.search.liveness = true; });
  const Policy wrong = with([](Policy& policy) { policy.similarity = -1; });
  CHECK(fault(kAll, "a", live).is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
  CHECK(fault(kAll, "a", wrong).is(Cause::kInvalidValue, "SIMILARITY_INVALID"));
  CHECK(fault(kOnlyB, "a", World::easy()).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  CHECK(fault(kOnlyB, "a", live).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  CHECK(fault(kAll, "never", World::easy()).cause == Cause::kCollectionNotFound);
  CHECK(fault(kAll, "never", live).cause == Cause::kCollectionNotFound);
  CHECK(fault(kAll, "../a", World::easy()).cause == Cause::kCollectionNotFound);
  CHECK(service::show_collection(context, kAll, "a").record.policy == World::easy());
}

TEST_CASE("an update starts from what another one left just before it", "[collections]") {
  World world;
  world.create("a");
  auto context = world.context();
  const auto set_similarity = [](Policy policy) { return policy.similarity = 60, policy; };
  const auto set_duplicates = [](Policy policy) { return policy.duplicates = Duplicates::kReject, policy; };
  world.store.before_write = [&] { service::update_collection(context, kAll, "a", set_duplicates); };
  const auto updated = service::update_collection(context, kAll, "a", set_similarity);
  CHECK(updated.record.policy == with([](Policy& policy) {
          policy.similarity = 60;
          policy.duplicates = Duplicates::kReject;
        }));
}

TEST_CASE("an update is checked against the collection it changes, remade or not", "[collections]") {
  World world;
  world.install({.name = "blind", .liveness = false});
  world.create("a");
  auto context = world.context();
  const Policy again = with([](Policy& policy) { policy.similarity = 70; });
  // Once it is open nobody can remove it: an open collection holds its lock.
  bool remade = false;
  world.store.before_open = [&](std::string_view) {
    if (std::exchange(remade, true)) return;
    world.store.remove("a");
    world.create("a", again, "blind");
  };
  const auto ask_for_liveness = [](Policy policy) { return policy.enroll.liveness = true, policy; };
  const Fault fault = fault_of([&] { service::update_collection(context, kAll, "a", ask_for_liveness); });
  CHECK(fault.is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
  CHECK(service::show_collection(context, kAll, "a").record.policy == again);
}

TEST_CASE("a key for some collections sees, makes and deletes only those", "[collections]") {
  World world;
  for (const char* id : {"c", "a", "b"}) world.create(id);
  auto context = world.context();
  const auto ids = [&](const Caller& caller) {
    std::vector<std::string> found;
    for (const auto& info : service::list_collections(context, caller)) found.push_back(info.record.id);
    return found;
  };
  CHECK(ids(kAll) == std::vector<std::string>{"a", "b", "c"});
  CHECK(ids(kOnlyB) == std::vector<std::string>{"b"});
  for (const auto& action : std::vector<std::function<void()>>{
           [&] { service::create_collection(context, kOnlyB, "d", "fake", World::easy()); },
           [&] { service::show_collection(context, kOnlyB, "a"); },
           [&] { service::repair_collection(context, kOnlyB, "a", "b", false); },
           [&] { service::repair_collection(context, kOnlyB, "b", "d", false); },
           [&] { service::delete_collection(context, kOnlyB, "a"); },
           [&] { service::delete_collection(context, kOnlyB, "never"); }}) {
    CHECK(fault_of(action).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  }
  CHECK(ids(kAll).size() == 3);
  service::delete_collection(context, kOnlyB, "b");
  CHECK_NOTHROW(service::create_collection(context, kOnlyB, "b", "fake", World::easy()));
}

TEST_CASE("a collection that is deleted while the list is made is left out", "[collections]") {
  World world;
  for (const char* id : {"a", "b"}) world.create(id);
  auto context = world.context();
  world.store.after_list = [&] { world.store.remove("a"); };
  const auto listed = service::list_collections(context, kAll);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].record.id == "b");
}

TEST_CASE("a collection that cannot be read hides no other one", "[collections]") {
  const Cause cause = GENERATE(Cause::kStoreDamaged, Cause::kStoreBusy, Cause::kPermissionDenied);
  World world;
  for (const char* id : {"a", "b", "c"}) world.create(id);
  for (const char* id : {"a", "b"}) world.enroll(id, portrait(10));
  auto context = world.context();
  std::vector<std::string> opened;
  world.store.before_open = [&](std::string_view id) {
    opened.emplace_back(id);
    if (id == "a") throw Error(cause, "", "page 7 of a is missing");
  };
  const auto all = service::list_collections(context, kAll);
  REQUIRE(all.size() == 3);
  CHECK(all[0].record.id == "a");
  CHECK(all[0].fault == "page 7 of a is missing");
  CHECK((all[1].record.id == "b" && all[1].fault.empty() && all[1].faces == 1));
  CHECK((all[2].record.id == "c" && all[2].fault.empty()));
  CHECK(opened == std::vector<std::string>{"a", "b", "c"});

  opened.clear();
  CHECK(service::list_collections(context, kOnlyB).size() == 1);
  CHECK(opened == std::vector<std::string>{"b"});
  CHECK(fault_of([&] { service::show_collection(context, kAll, "a"); }).cause == cause);

  service::StoreReport report;
  const std::string fault = service::fault_of([&] { service::inspect_store(world.store, report); });
  CHECK(fault == "1 of 3 collections cannot be read; `facesearch collection list` says which and why");
  CHECK((report.collections == 3 && report.faces == 1));
}

TEST_CASE("the doctor counts collections and faces, not those deleted meanwhile", "[collections]") {
  World world;
  for (const char* id : {"a", "b"}) world.create(id);
  for (const char* id : {"a", "b"}) world.enroll(id, portrait(10));
  world.store.after_list = [&] { world.store.remove("a"); };
  service::StoreReport report;
  CHECK_NOTHROW(service::inspect_store(world.store, report));
  CHECK((report.collections == 1 && report.faces == 1));
}

TEST_CASE("a deleted collection is known as such, and its id may be made again", "[collections]") {
  World world;
  world.create("a");
  const auto old = world.enroll("a", portrait(10));
  auto context = world.context();
  const auto generation = service::show_collection(context, kAll, "a").record.generation;
  service::delete_collection(context, kAll, "a");
  for (const auto& action : std::vector<std::function<void()>>{
           [&] { service::show_collection(context, kAll, "a"); },
           [&] { service::update_collection(context, kAll, "a", to(World::easy())); },
           [&] { service::delete_collection(context, kAll, "a"); }, [&] { world.search("a", portrait(10)); },
           [&] { world.enroll("a", portrait(10)); }}) {
    CHECK(fault_of(action).is(Cause::kCollectionDeleted, ""));
  }
  CHECK(service::list_collections(context, kAll).empty());

  world.create("a");
  const auto again = service::show_collection(context, kAll, "a");
  CHECK(again.faces == 0);
  CHECK(again.record.generation != generation);
  CHECK(world.search("a", portrait(10)).matches.empty());
  CHECK(world.store.open("a")->snapshot()->was_erased(old.face));
}

}  // namespace facesearch::test

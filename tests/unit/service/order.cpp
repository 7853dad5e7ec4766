// SPDX-License-Identifier: MIT
// The contract's order of checks: a request that has every fault at once gets the first one's code; mended
// one by one, it meets all the others in their order.
#include "catch.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/access/keys.hpp"
#include "facesearch/service/compare/verify.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

constexpr std::size_t kMaxBytes = 300'000;

// Small limits, one face, basic quality, liveness: everything a picture can fail.
Policy strict() {
  Policy policy;
  policy.enroll = policy.search = {true, 50, SeveralFaces::kReject};
  policy.duplicates = Duplicates::kReject;
  policy.min_face_px = 40;
  policy.image = {kMaxBytes, 40'000, 250};
  return policy;
}

struct Step {
  std::vector<std::uint8_t> bytes;
  Cause cause;
  std::string reason;
};

// Every later fault is in the picture too, as far as it can be.
std::vector<Step> picture_steps() {
  auto undecodable = picture(120, 120, {});
  undecodable.resize(undecodable.size() / 2);
  return {
      {std::vector<std::uint8_t>(kMaxBytes + 1), Cause::kImageTooLarge, "IMAGE_TOO_MANY_BYTES"},
      {std::vector<std::uint8_t>(kMaxBytes), Cause::kImageUnsupported, "IMAGE_FORMAT_UNKNOWN"},
      {picture(251, 200, {}), Cause::kImageTooLarge, "IMAGE_SIDE_TOO_LONG"},
      {picture(250, 161, {}), Cause::kImageTooLarge, "IMAGE_TOO_MANY_PIXELS"},
      {undecodable, Cause::kImageUnsupported, "IMAGE_UNDECODABLE"},
      {picture(120, 120, {}), Cause::kRefused, "FACE_NOT_FOUND"},
      {picture(120, 120, {{10, 10, 45, 10, 0}, {60, 60, 45, 20, 0}}), Cause::kRefused, "TOO_MANY_FACES"},
      {picture(120, 120, {{30, 30, 39, 10, 0}}), Cause::kRefused, "FACE_TOO_SMALL"},
      {portrait(10, 0), Cause::kLivenessFailed, "LIVENESS_FAILED"},
  };
}

void check_pictures(const std::function<void(const std::vector<std::uint8_t>&)>& verb) {
  for (const Step& step : picture_steps()) {
    const Fault fault = fault_of([&] { verb(step.bytes); });
    INFO("expected " << step.reason << ", got " << fault);
    CHECK(fault.is(step.cause, step.reason));
  }
}

// The faults before the picture; `verb` runs with a picture that is none.
void check_collections(World& world, const std::function<void(const std::string&)>& verb) {
  const auto fault = [&](const std::string& id) { return fault_of([&] { verb(id); }); };
  world.caller.collections = {"other"};
  for (const char* id : {"never", "../x", "dead", "old", "live"}) {
    CHECK(fault(id).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  }
  world.caller.collections = {};
  CHECK(fault("never").is(Cause::kCollectionNotFound, ""));
  for (const char* id : {"", "../x", "a b", ".", "-"}) {
    CHECK(fault(id).is(Cause::kCollectionNotFound, ""));
  }
  CHECK(fault(std::string(100'000, 'a')).is(Cause::kCollectionNotFound, ""));
  CHECK(fault("dead").is(Cause::kCollectionDeleted, ""));
  CHECK(fault("old").is(Cause::kModelMismatch, "MODEL_CHANGED"));
}

// Collections `live`; `dead`, deleted; `old`, whose pack has changed since.
void furnish(World& world) {
  world.install({.name = "moving", .nms = 0.3});
  world.create("old", strict(), "moving");
  world.install({.name = "moving", .nms = 0.4});
  world.create("dead", strict());
  world.store.remove("dead");
  world.create("live", strict());
}

}  // namespace

TEST_CASE("search meets its faults in the contract's order", "[order]") {
  World world;
  furnish(world);
  check_collections(world, [&](const std::string& id) { world.search(id, {}); });
  check_pictures([&](const auto& bytes) { world.search("live", bytes); });
  CHECK_NOTHROW(world.search("live", portrait(10)));
}

TEST_CASE("enrolment meets its faults in the contract's order, the duplicate last", "[order]") {
  World world;
  furnish(world);
  const auto known = world.enroll("live", portrait(10));
  const Uuid nobody = Uuid::make();
  check_collections(world, [&](const std::string& id) { world.enroll(id, {}, "x", nobody); });
  check_pictures([&](const auto& bytes) { world.enroll("live", bytes, "x", nobody); });
  CHECK(fault_of([&] {
          world.enroll("live", portrait(20), "x", nobody);
        }).is(Cause::kRefused, "PERSON_NOT_FOUND"));
  CHECK(fault_of([&] { world.enroll("live", portrait(10)); }).is(Cause::kRefused, "DUPLICATE_FACE"));
  CHECK_NOTHROW(world.enroll("live", portrait(10), "x", known.person));
  CHECK(world.faces("live") == 2);
}

TEST_CASE("verification with a collection meets its faults in the same order", "[order]") {
  World world;
  furnish(world);
  const auto known = world.enroll("live", portrait(10));
  auto context = world.context();
  check_collections(world, [&](const std::string& id) {
    service::verify_face(context, world.caller, {id, "nonsense", "", {}});
  });
  CHECK(fault_of([&] {
          service::verify_face(context, world.caller, {"live", "nonsense", "", portrait(10)});
        }).is(Cause::kFaceUnknown, ""));
  check_pictures([&](const auto& bytes) {
    service::verify_face(context, world.caller, {"live", known.face.text(), "", bytes});
  });
}

TEST_CASE("a changed pack is told by both short fingerprints, and nothing else of it is", "[order]") {
  World world;
  world.create("a");
  const std::string before = fingerprint(world.engines->pack("fake"));
  world.enroll("a", portrait(10));
  world.install({.nms = 0.31});
  const std::string after = fingerprint(world.engines->pack("fake"));
  const Fault fault = fault_of([&] { world.search("a", portrait(10)); });
  INFO(fault);
  CHECK(fault.is(Cause::kModelMismatch, "MODEL_CHANGED"));
  CHECK((fault.says(before.substr(0, 12)) && fault.says(after.substr(0, 12))));
  CHECK_FALSE(fault.says(before.substr(0, 13)));

  // Another calibration or another liveness network is no other model: the collection keeps its own scale.
  world.install({.calibrated = false, .liveness_crop = 2});
  CHECK(world.search("a", portrait(10)).matches_total == 1);
}

TEST_CASE("a pack that lost its liveness network cannot serve a policy that asks for it", "[order]") {
  World world;
  world.create("live", strict());
  world.create("easy");
  world.install({.liveness = false});
  CHECK(fault_of([&] { world.search("live", {}); }).is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
  CHECK(fault_of([&] { world.enroll("live", {}); }).is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
  CHECK_NOTHROW(world.search("easy", portrait(10)));
}

TEST_CASE("the picture of a refused request never reaches the gallery", "[order]") {
  World world;
  furnish(world);
  check_pictures([&](const auto& bytes) { world.enroll("live", bytes); });
  CHECK(world.faces("live") == 0);
}

}  // namespace facesearch::test

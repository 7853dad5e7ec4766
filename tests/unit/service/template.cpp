// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "facesearch/service/compare/verify.hpp"
#include "facesearch/service/probe/extract.hpp"
#include "service/fake_runtime.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

service::GivenTemplate extracted(World& world, const std::vector<std::uint8_t>& picture,
                                 const std::string& pack = "fake") {
  const auto made = service::extract(*world.engines, pack, picture, World::easy());
  return {made.probe.values, made.fingerprint};
}

}  // namespace

TEST_CASE("a template is what enrolment would have made of the picture", "[template]") {
  World world;
  world.create("a");
  const auto made = service::extract(*world.engines, "fake", portrait(50), World::easy());
  CHECK(made.pack == "fake");
  CHECK(made.fingerprint == fingerprint(world.engines->pack("fake")));
  CHECK(made.probe.seen->face.box.width == 60);
  REQUIRE(made.probe.seen->liveness);
  CHECK(made.probe.seen->liveness->score == Approx(100));
  CHECK_FALSE(made.probe.liveness.applied);

  const DuringDetection hook([] { FAIL("a template is looked at by no network"); });
  const service::GivenTemplate given{made.probe.values, made.fingerprint};
  const auto enrolled = world.enroll("a", given, "Ada");
  CHECK_FALSE(enrolled.probe.seen);
  CHECK(enrolled.probe.values.empty());
  CHECK(world.store.open("a")->snapshot()->find_template(enrolled.face) == made.probe.values);
  const auto found = world.search("a", given);
  REQUIRE(found.matches.size() == 1);
  CHECK(found.matches[0].name == "Ada");
  CHECK(found.matches[0].similarity == Approx(100).margin(1e-3));
  CHECK_FALSE(found.seen);
  CHECK(found.warnings.empty());
}

TEST_CASE("picture and template find each other", "[template]") {
  World world;
  world.create("a");
  const auto by_picture = world.enroll("a", portrait(10));
  const auto by_template = world.enroll("a", extracted(world, portrait(100)));
  CHECK(world.search("a", extracted(world, portrait(20))).matches.at(0).face == by_picture.face);
  CHECK(world.search("a", portrait(110)).matches.at(0).face == by_template.face);
  CHECK(service::verify_pair(*world.engines, "fake", extracted(world, portrait(50)), portrait(95), 80).match);
  CHECK_FALSE(
      service::verify_pair(*world.engines, "fake", portrait(50), extracted(world, portrait(96)), 80).match);
  auto context = world.context();
  const auto result = service::verify_face(context, world.caller,
                                           {"a", by_picture.face.text(), "", extracted(world, portrait(15))});
  CHECK(result.match);
  CHECK_FALSE(result.a.seen);
}

TEST_CASE("two templates are compared without a network", "[template]") {
  World world;
  const service::ProbeInput a = extracted(world, portrait(50));
  const service::ProbeInput b = extracted(world, portrait(95));
  world.engines =
      std::make_unique<EngineCache>(world.engines->places(), [](std::string_view) -> const RuntimeTable& {
        FAIL("no runtime is needed");
        return fake_runtimes();
      });
  const auto result = service::verify_pair(*world.engines, "fake", a, b, 80);
  CHECK(result.match);
  REQUIRE(result.b);
  CHECK_FALSE(result.b->seen);
  world.create("a");
  CHECK_NOTHROW(world.enroll("a", a));
}

TEST_CASE("templates of another model or not as they were made are refused", "[template]") {
  World world;
  world.install({.name = "other", .nms = 0.5});
  world.create("a");
  const auto good = extracted(world, portrait(50));
  const auto refused = [&](const service::GivenTemplate& given) {
    const Fault enrolled = fault_of([&] { world.enroll("a", given); });
    const Fault searched = fault_of([&] { world.search("a", given); });
    const Fault verified = fault_of([&] { service::verify_pair(*world.engines, "fake", good, given, 80); });
    CHECK(enrolled.cause == searched.cause);
    CHECK(enrolled.cause == verified.cause);
    CHECK(searched.reason == enrolled.reason);
    CHECK(verified.says("second template: "));
    return enrolled;
  };
  CHECK(
      refused(extracted(world, portrait(50), "other")).is(Cause::kModelMismatch, "TEMPLATE_OF_OTHER_MODEL"));
  CHECK(refused({good.values, "nonsense"}).is(Cause::kModelMismatch, "TEMPLATE_OF_OTHER_MODEL"));
  auto longer = good;
  longer.values.push_back(0);
  CHECK(refused(longer).is(Cause::kInvalidValue, "TEMPLATE_INVALID"));
  auto scaled = good;
  for (float& value : scaled.values) value *= 1.001F;
  CHECK(refused(scaled).is(Cause::kInvalidValue, "TEMPLATE_INVALID"));
  CHECK(world.faces("a") == 0);
}

TEST_CASE("of two the models come before the pictures, and a pack's fault is no picture's", "[template]") {
  World world;
  world.install({.name = "other", .nms = 0.5});
  const auto foreign = extracted(world, portrait(50), "other");
  const auto nobody = picture(50, 50, {});
  const auto fault = [&](const service::ProbeInput& a, const service::ProbeInput& b) {
    return fault_of([&] { service::verify_pair(*world.engines, "fake", a, b, 80); });
  };
  CHECK(fault(nobody, foreign).is(Cause::kModelMismatch, "TEMPLATE_OF_OTHER_MODEL"));
  CHECK(fault(nobody, extracted(world, portrait(50))).is(Cause::kRefused, "FACE_NOT_FOUND"));
  CHECK(fault(nobody, nobody).says("first picture: "));
  world.engines =
      std::make_unique<EngineCache>(world.engines->places(), [](std::string_view) -> const RuntimeTable& {
        throw Error(Cause::kModelMissing, "RUNTIME_MISSING", "there is none");
      });
  CHECK(fault(nobody, nobody).detail == "there is none");
}

TEST_CASE("a collection whose pack has changed still takes templates of the former one", "[template]") {
  World world;
  world.create("a");
  const auto former = extracted(world, portrait(50));
  world.install({.name = "fake", .nms = 0.5});
  CHECK_NOTHROW(world.enroll("a", former));
  CHECK(fault_of([&] { world.enroll("a", portrait(50)); }).is(Cause::kModelMismatch, "MODEL_CHANGED"));
  CHECK(fault_of([&] {
          world.enroll("a", extracted(world, portrait(50)));
        }).is(Cause::kModelMismatch, "TEMPLATE_OF_OTHER_MODEL"));
}

TEST_CASE("a side that checks liveness takes no template: it shows none", "[template]") {
  World world;
  Policy policy = World::easy();
  policy.enroll.liveness = true;
  world.create("enrolled", policy);
  std::swap(policy.enroll, policy.search);
  world.create("searched", policy);
  const auto given = extracted(world, portrait(50));
  CHECK(fault_of([&] { world.enroll("enrolled", given); }).is(Cause::kLivenessFailed, "LIVENESS_UNCERTAIN"));
  CHECK_NOTHROW(world.search("enrolled", given));
  CHECK_NOTHROW(world.enroll("searched", given));
  CHECK(fault_of([&] { world.search("searched", given); }).is(Cause::kLivenessFailed, "LIVENESS_UNCERTAIN"));
}

TEST_CASE("extraction holds a picture to its rules", "[template]") {
  World world;
  const auto fault = [&](const std::vector<std::uint8_t>& bytes, const Policy& policy = World::easy()) {
    return fault_of([&] { service::extract(*world.engines, "fake", bytes, policy); });
  };
  CHECK(fault({}).is(Cause::kImageRequired, ""));
  CHECK(fault({'x'}).is(Cause::kImageUnsupported, "IMAGE_FORMAT_UNKNOWN"));
  CHECK(fault(picture(50, 50, {})).is(Cause::kRefused, "FACE_NOT_FOUND"));
  const auto two = picture(200, 100, {{10, 10, 60, 10}, {120, 20, 40, 60}});
  CHECK(fault(two).is(Cause::kRefused, "TOO_MANY_FACES"));
  Policy largest = World::easy();
  largest.enroll.several_faces = SeveralFaces::kLargest;
  const auto made = service::extract(*world.engines, "fake", two, largest);
  CHECK(made.probe.seen->face.box.x == 10);
  REQUIRE(made.warnings.size() == 1);
  CHECK(made.warnings[0].reason == "SEVERAL_FACES");
  Policy wide = World::easy();
  wide.min_face_px = 61;
  CHECK(fault(portrait(50), wide).is(Cause::kRefused, "FACE_TOO_SMALL"));
  world.install({.name = "fake", .liveness = false});
  CHECK_FALSE(service::extract(*world.engines, "fake", portrait(50), World::easy()).probe.seen->liveness);
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
#include "facesearch/service/probe/probe.hpp"

#include <fmt/format.h>

#include "catch.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {

using service::make_probe;
using service::Probe;
using service::ProbeRules;
using service::rules_of;

namespace {

ProbeRules rules(SeveralFaces several, bool liveness = false) {
  ProbeRules made;
  made.side = {liveness, 50, several};
  made.quality = QualityLevel::kNone;
  return made;
}

double where(const Probe& probe) {
  return probe.seen->face.box.x;
}

}  // namespace

TEST_CASE("a picture's one face becomes a template with all that is said about it", "[probe]") {
  World world;
  FaceEngine& engine = world.engines->engine("fake");
  const Probe probe = make_probe(engine, portrait(60), rules(SeveralFaces::kReject));
  REQUIRE(probe.values.size() == 4);
  CHECK(probe.values[0] == Approx(0.5));
  CHECK(probe.seen->face.box.x == 30);
  CHECK(probe.seen->face.box.width == 60);
  CHECK(probe.seen->faces_found == 1);
  CHECK(probe.seen->found_by == "first");
  CHECK(probe.seen->quality.inside == Approx(1));
  CHECK(probe.seen->quality.brightness > 50);
  CHECK_FALSE(probe.liveness.applied);
  CHECK(probe.liveness.score == 0);
  CHECK(service::warnings_of(probe).empty());
}

TEST_CASE("where no face is found the picture's size is told", "[probe]") {
  World world;
  FaceEngine& engine = world.engines->engine("fake");
  const auto empty = picture(70, 40, {});
  for (const SeveralFaces several : {SeveralFaces::kReject, SeveralFaces::kLargest}) {
    const Fault fault = fault_of([&] { make_probe(engine, empty, rules(several)); });
    INFO(fault);
    CHECK(fault.is(Cause::kRefused, "FACE_NOT_FOUND"));
    CHECK(fault.says("70 x 40"));
  }
}

TEST_CASE("a face counts from a quarter of the largest's width and a score of 0.7", "[probe]") {
  World world;
  FaceEngine& engine = world.engines->engine("fake");
  const auto beside = [&](PaintedFace other) {
    const auto bytes = picture(200, 120, {{10, 10, 80, 10}, other});
    return fault_of([&] {
      const Probe probe = make_probe(engine, bytes, rules(SeveralFaces::kReject));
      CHECK(where(probe) == 10);
      CHECK(probe.seen->faces_found == 2);
    });
  };
  CHECK_FALSE(beside({150, 50, 19, 20}).thrown);
  CHECK_FALSE(beside({120, 20, 60, 20, 255, 174}).thrown);                           // 0.696
  CHECK(beside({120, 20, 60, 20, 255, 175}).is(Cause::kRefused, "TOO_MANY_FACES"));  // 0.7
  const Fault fault = beside({150, 50, 20, 20});
  CHECK(fault.is(Cause::kRefused, "TOO_MANY_FACES"));
  CHECK(fault.says("2 faces"));

  // The chosen one always counts, however sure the detector is.
  const auto faint = picture(200, 120, {{10, 10, 80, 10, 255, 20}});
  CHECK_NOTHROW(make_probe(engine, faint, rules(SeveralFaces::kReject)));
  const auto faint_and_sure = picture(200, 120, {{10, 10, 80, 10, 255, 20}, {120, 20, 40, 20}});
  CHECK(fault_of([&] {
          make_probe(engine, faint_and_sure, rules(SeveralFaces::kReject));
        }).is(Cause::kRefused, "TOO_MANY_FACES"));
}

TEST_CASE("the largest face is taken, of nearly equal ones the most central", "[probe]") {
  World world;
  FaceEngine& engine = world.engines->engine("fake");
  const auto taken = [&](const std::vector<PaintedFace>& faces) {
    const Probe probe = make_probe(engine, picture(300, 100, faces), rules(SeveralFaces::kLargest));
    CHECK(probe.seen->faces_found == faces.size());
    const auto warning = service::warnings_of(probe).at(0);
    CHECK(warning.reason == "SEVERAL_FACES");
    // Not always the largest.
    CHECK(warning.detail ==
          fmt::format("one of {} faces was taken: the largest, or one nearly as large nearer to "
                      "the centre",
                      faces.size()));
    return where(probe);
  };
  CHECK(taken({{0, 10, 60, 10}, {120, 20, 50, 20}, {200, 10, 40, 30}}) == 0);    // 50² is 0.69 of 60²
  CHECK(taken({{0, 10, 60, 10}, {120, 20, 58, 20}, {200, 10, 59, 30}}) == 120);  // 58² is 0.93 of 60²
  CHECK(taken({{0, 10, 60, 10}, {120, 20, 56, 20}}) == 0);                       // 0.87
}

TEST_CASE("a face that is seen only when the picture is turned is found, with a remark", "[probe]") {
  World world;
  FaceEngine& engine = world.engines->engine("fake");
  const auto bytes = picture(160, 120, {{50, 30, 60, 60}}, false);
  const Probe probe = make_probe(engine, bytes, rules(SeveralFaces::kReject));
  CHECK(probe.seen->found_by == "turned-90");
  CHECK(probe.seen->face.box.x == Approx(50));
  CHECK(probe.seen->face.box.y == Approx(30));
  CHECK(probe.values[0] == Approx(0.5));
  const auto warnings = service::warnings_of(probe);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].reason == "FOUND_TURNED");
}

TEST_CASE("a face that is too small is refused with its width", "[probe]") {
  World world;
  FaceEngine& engine = world.engines->engine("fake");
  ProbeRules wide = rules(SeveralFaces::kReject);
  wide.min_face_px = 60;
  CHECK_NOTHROW(make_probe(engine, portrait(10), wide));
  wide.min_face_px = 61;
  const Fault fault = fault_of([&] { make_probe(engine, portrait(10), wide); });
  INFO(fault);
  CHECK(fault.is(Cause::kRefused, "FACE_TOO_SMALL"));
  CHECK((fault.says("60") && fault.says("61")));
}

TEST_CASE("liveness is judged where the rules ask for it, against their threshold", "[probe]") {
  World world;
  FaceEngine& engine = world.engines->engine("fake");
  ProbeRules live = rules(SeveralFaces::kReject, true);
  const Probe probe = make_probe(engine, portrait(10, 204), live);
  CHECK(probe.liveness.applied);
  CHECK(probe.liveness.threshold == 50);
  CHECK(probe.liveness.score == Approx(80));
  const Fault fault = fault_of([&] { make_probe(engine, portrait(10, 51), live); });
  INFO(fault);
  CHECK(fault.is(Cause::kLivenessFailed, "LIVENESS_FAILED"));
  CHECK((fault.says("20.00") && fault.says("50")));
  live.side.liveness_threshold = 100;
  CHECK_NOTHROW(make_probe(engine, portrait(10, 255), live));
  live.side.liveness_threshold = 0;
  CHECK_NOTHROW(make_probe(engine, portrait(10, 0), live));
  CHECK_NOTHROW(make_probe(engine, portrait(10, 0), rules(SeveralFaces::kReject, false)));
}

TEST_CASE("liveness that cannot be judged is no liveness", "[probe]") {
  World world;
  world.install({.name = "wide", .liveness_crop = 4});
  FaceEngine& engine = world.engines->engine("wide");
  const auto cropped = picture(62, 62, {{1, 1, 60, 10}});
  ProbeRules live = rules(SeveralFaces::kReject, true);
  live.side.liveness_threshold = 0;
  CHECK(
      fault_of([&] { make_probe(engine, cropped, live); }).is(Cause::kLivenessFailed, "LIVENESS_UNCERTAIN"));
  CHECK_NOTHROW(make_probe(engine, picture(400, 400, {{170, 170, 60, 10}}), live));
}

TEST_CASE("a pack without a liveness network refuses before it looks", "[probe]") {
  World world;
  world.install({.name = "blind", .liveness = false});
  FaceEngine& engine = world.engines->engine("blind");
  CHECK(fault_of([&] {
          make_probe(engine, std::vector<std::uint8_t>{}, rules(SeveralFaces::kReject, true));
        }).is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
  CHECK_NOTHROW(make_probe(engine, portrait(10), rules(SeveralFaces::kReject, false)));
}

TEST_CASE("the rules of a policy never allow more than the program does", "[probe]") {
  Policy policy;
  policy.image = {~std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint32_t{0}};
  policy.min_face_px = 77;
  policy.quality = QualityLevel::kStrict;
  policy.enroll = {true, 12, SeveralFaces::kLargest};
  const ProbeRules rules = rules_of(policy, policy.enroll);
  CHECK(rules.image == ImageLimits{});
  CHECK(rules.side == policy.enroll);
  CHECK(rules.quality == QualityLevel::kStrict);
  CHECK(rules.min_face_px == 77);
  policy.image = {1, 2, 3};
  CHECK(rules_of(policy, policy.search).image == ImageLimits{1, 2, 3});
  CHECK(rules_of(policy, policy.search).side == policy.search);
}

}  // namespace facesearch::test

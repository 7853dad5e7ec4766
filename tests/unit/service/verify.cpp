// SPDX-License-Identifier: MIT
#include "facesearch/service/compare/verify.hpp"

#include <cmath>

#include "catch.hpp"
#include "facesearch/service/collections/faces.hpp"
#include "service/fake_runtime.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

service::VerifyResult verify(World& world, const std::string& face, const std::string& person,
                             const std::vector<std::uint8_t>& bytes, const std::string& id = "a") {
  auto context = world.context();
  return service::verify_face(context, world.caller, {id, face, person, bytes});
}

}  // namespace

TEST_CASE("two pictures are compared on the pack's own scale", "[verify]") {
  World world;
  const auto same = service::verify_pair(*world.engines, "fake", portrait(50), portrait(95), 80);
  CHECK(same.match);
  CHECK(same.similarity == Approx(80.3553));
  CHECK(same.policy_similarity == 80);
  CHECK(same.false_match_rate == Approx(1e-4));
  REQUIRE(same.b);
  CHECK(same.a.values.empty());
  CHECK(same.b->values.empty());
  CHECK(same.a.seen->face.box.width == 60);
  CHECK_FALSE(same.face);
  CHECK_FALSE(same.person);
  const auto other = service::verify_pair(*world.engines, "fake", portrait(50), portrait(96), 80);
  CHECK_FALSE(other.match);
  CHECK(service::verify_pair(*world.engines, "fake", portrait(50), portrait(96), 79).match);
}

TEST_CASE("a pair at exactly the threshold matches", "[verify]") {
  World world;  // 90 degrees: (6e-17, 1), of norm 1 to the last bit
  CHECK(service::verify_pair(*world.engines, "fake", portrait(90), portrait(90), 100).match);
  CHECK_FALSE(service::verify_pair(*world.engines, "fake", portrait(90), portrait(91), 100).match);
}

TEST_CASE("two pictures are held to what a new collection asks of a search", "[verify]") {
  World world;
  world.install({.name = "raw", .calibrated = false});
  const auto fault = [&](const char* pack, const std::vector<std::uint8_t>& a,
                         const std::vector<std::uint8_t>& b, double similarity) {
    return fault_of([&] { service::verify_pair(*world.engines, pack, a, b, similarity); });
  };
  const auto good = portrait(10);
  for (const double wrong : {-1.0, 100.5, std::nan("")}) {
    CHECK(fault("fake", {}, {}, wrong).is(Cause::kInvalidValue, "SIMILARITY_INVALID"));
  }
  CHECK(fault("raw", {}, {}, 80).is(Cause::kInvalidValue, "PACK_NOT_CALIBRATED"));
  CHECK(fault("nobody", good, good, 80).is(Cause::kModelMissing, "PACK_NOT_FOUND"));
  CHECK(fault("fake", good, {}, 80).is(Cause::kImageRequired, ""));
  CHECK(fault("fake", {'x'}, good, 80).is(Cause::kImageUnsupported, "IMAGE_FORMAT_UNKNOWN"));
  CHECK(fault("fake", good, picture(50, 50, {}), 80).is(Cause::kRefused, "FACE_NOT_FOUND"));
  CHECK(fault("fake", picture(90, 90, {{30, 30, 31, 10}}), good, 80).is(Cause::kRefused, "FACE_TOO_SMALL"));
}

TEST_CASE("of several faces in a picture of a pair, one is chosen or the picture is refused", "[verify]") {
  World world;
  const auto good = portrait(10);
  const auto two = picture(200, 100, {{10, 10, 60, 10}, {120, 20, 40, 100}});
  const auto pair = [&](const auto& a, const auto& b, const service::FaceChoice& choice) {
    return service::verify_pair(*world.engines, "fake", a, b, 80, choice);
  };
  CHECK(fault_of([&] { pair(two, good, {}); }).is(Cause::kRefused, "TOO_MANY_FACES"));
  CHECK(fault_of([&] { pair(good, two, {}); }).is(Cause::kRefused, "TOO_MANY_FACES"));
  const auto largest = pair(two, good, {true, 0});
  CHECK(largest.match);
  CHECK(largest.a.seen->faces_found == 2);
  CHECK(largest.b->seen->faces_found == 1);
  CHECK(largest.a.seen->face.box.width == 60);
  CHECK(pair(two, good, {false, 1}).match);
  const auto second = pair(two, good, {false, 2});  // `good` has one face: that is taken
  CHECK_FALSE(second.match);
  CHECK(second.a.seen->face.box.width == 40);
  CHECK(fault_of([&] { pair(two, good, {false, 3}); }).is(Cause::kRefused, "FACE_NOT_FOUND"));
  // One that does not count is no reason to ask.
  const auto speck = picture(200, 100, {{10, 10, 60, 10}, {120, 20, 12, 100}});
  CHECK(pair(speck, good, {}).match);
}

TEST_CASE("a picture is compared with a face of a collection", "[verify]") {
  World world;
  world.create("a");
  const auto ada = world.enroll("a", portrait(50));
  const auto result = verify(world, ada.face.text(), "", portrait(95));
  CHECK(result.match);
  CHECK(result.similarity == Approx(80.3553));
  CHECK(result.face == ada.face);
  CHECK(result.person == ada.person);
  CHECK_FALSE(result.b);
  CHECK(result.a.values.empty());
  CHECK_FALSE(verify(world, ada.face.text(), "", portrait(96)).match);
}

TEST_CASE("a picture is compared with the most similar face of a person", "[verify]") {
  World world;
  world.create("a");
  const auto ada = world.enroll("a", portrait(10));
  const auto also = world.enroll("a", portrait(60), "Ada", ada.person);
  world.enroll("a", portrait(70), "Eve");
  const auto result = verify(world, "", ada.person.text(), portrait(70));
  CHECK(result.face == also.face);
  CHECK(result.person == ada.person);
  CHECK(result.match);
  world.erase("a", also.face);
  CHECK_FALSE(verify(world, "", ada.person.text(), portrait(70)).match);
}

TEST_CASE("the search side's policy holds", "[verify]") {
  World world;
  Policy policy = World::easy();
  policy.similarity = 90;  // 25.8 degrees
  policy.search = {true, 50, SeveralFaces::kReject};
  world.create("a", policy);
  const auto ada = world.enroll("a", portrait(50));
  CHECK(verify(world, ada.face.text(), "", portrait(75)).match);
  CHECK(verify(world, ada.face.text(), "", portrait(75)).a.liveness.applied);
  CHECK_FALSE(verify(world, ada.face.text(), "", portrait(76)).match);
  CHECK(fault_of([&] {
          verify(world, ada.face.text(), "", portrait(50, 10));
        }).is(Cause::kLivenessFailed, "LIVENESS_FAILED"));
  const auto two = picture(200, 100, {{10, 10, 60, 10}, {120, 20, 40, 60}});
  CHECK(fault_of([&] { verify(world, ada.face.text(), "", two); }).is(Cause::kRefused, "TOO_MANY_FACES"));
}

TEST_CASE("a face or person that is not there is told before the picture is looked at", "[verify]") {
  World world;
  world.create("a");
  const auto ada = world.enroll("a", portrait(50));
  const auto fault = [&](const std::string& face, const std::string& person) {
    return fault_of([&] { verify(world, face, person, portrait(50)); });
  };
  CHECK(fault("", "").is(Cause::kFaceIdRequired, ""));
  CHECK(fault("nonsense", "").is(Cause::kFaceUnknown, ""));
  CHECK(fault("nonsense", ada.person.text()).is(Cause::kFaceUnknown, ""));
  CHECK(fault(ada.person.text(), "").is(Cause::kFaceUnknown, ""));
  CHECK(fault("", "nonsense").is(Cause::kRefused, "PERSON_NOT_FOUND"));
  CHECK(fault("", ada.face.text()).is(Cause::kRefused, "PERSON_NOT_FOUND"));
  // The picture comes before the face it is compared with.
  CHECK(fault_of([&] { verify(world, "nonsense", "", {}); }).is(Cause::kImageUnsupported, "IMAGE_EMPTY"));
  world.erase("a", ada.face);
  CHECK(fault(ada.face.text(), "").is(Cause::kFaceGone, ""));
  CHECK(fault("", ada.person.text()).is(Cause::kRefused, "PERSON_NOT_FOUND"));
}

TEST_CASE("a face that is deleted while the picture is looked at is compared with no more", "[verify]") {
  World world;
  world.create("a");
  const auto ada = world.enroll("a", portrait(50));
  const auto eve = world.enroll("a", portrait(50));
  {
    const DuringDetection hook([&] { world.erase("a", ada.face); });
    const Fault fault = fault_of([&] { verify(world, ada.face.text(), "", portrait(50)); });
    CHECK(fault.is(Cause::kFaceGone, ""));
  }
  const DuringDetection hook([&] { world.erase("a", eve.face); });
  const Fault fault = fault_of([&] { verify(world, "", eve.person.text(), portrait(50)); });
  CHECK(fault.is(Cause::kRefused, "PERSON_NOT_FOUND"));
}

}  // namespace facesearch::test

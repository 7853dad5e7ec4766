// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/bulk_enroll.hpp"

#include "catch.hpp"
#include "service/degrees.hpp"
#include "service/world.hpp"

namespace facesearch::testing {
namespace {

service::BulkFace face_at(double degrees, const std::string& name = "someone",
                          std::optional<Uuid> person = {}) {
  return {name, person, {}, at(degrees)};
}

std::string fingerprint_of(World& world) {
  return fingerprint(world.engines->pack("fake"));
}

std::vector<service::BulkEnrolled> enroll_all(World& world, const std::string& id,
                                              const std::vector<service::BulkFace>& faces) {
  auto context = world.context();
  return service::enroll_templates(context, world.caller, id, fingerprint_of(world), faces);
}

}  // namespace

TEST_CASE("many templates are enrolled in one commit, each as one would be", "[bulk]") {
  World world;
  world.create("a");
  int writes = 0;
  world.store.before_write = [&] { ++writes; };
  std::vector<service::BulkFace> faces{face_at(0, "Ada"), face_at(90, "Eve")};
  faces[0].metadata = {{"badge", "7"}};
  const auto made = enroll_all(world, "a", faces);
  CHECK(writes == 1);
  REQUIRE(made.size() == 2);
  CHECK(made[0].person != made[1].person);
  CHECK(made[0].warnings.empty());
  const auto snapshot = world.store.open("a");
  const auto ada = snapshot->snapshot()->find_face(made[0].face);
  REQUIRE(ada);
  CHECK(ada->name == "Ada");
  CHECK(ada->person == made[0].person);
  CHECK(ada->metadata == faces[0].metadata);
  CHECK(snapshot->snapshot()->find_template(made[1].face) == faces[1].values);
  const auto found = world.search("a", service::GivenTemplate{at(1), fingerprint_of(world)});
  REQUIRE(found.matches.size() == 1);
  CHECK(found.matches[0].face == made[0].face);
  CHECK(enroll_all(world, "a", {}).empty());
}

TEST_CASE("one face that is refused refuses them all, and is named", "[bulk]") {
  World world;
  world.create("a");
  const auto refusal = [&](const service::BulkFace& second) {
    return fault_of([&] { enroll_all(world, "a", {face_at(0), second}); });
  };
  service::BulkFace long_one = face_at(90);
  long_one.values[0] = 2;
  CHECK(refusal(long_one).is(Cause::kInvalidValue, "TEMPLATE_INVALID"));
  CHECK(refusal(long_one).says("face 2 of 2"));
  CHECK(refusal(face_at(90, "x", Uuid::make())).is(Cause::kRefused, "PERSON_NOT_FOUND"));
  CHECK(world.faces("a") == 0);

  const auto ada = enroll_all(world, "a", {face_at(0, "Ada")}).at(0);
  CHECK(enroll_all(world, "a", {face_at(5, "Ada", ada.person)}).at(0).person == ada.person);
  world.store.before_write = [&] {
    const auto gallery = world.store.open("a");
    const auto faces = gallery->snapshot()->page("", 0, 10).faces;
    gallery->write([&](WriteTransaction& change) {
      for (const FaceRecord& face : faces) change.erase(face.face);
    });
  };
  CHECK(refusal(face_at(90, "Ada", ada.person)).is(Cause::kRefused, "PERSON_NOT_FOUND"));
  CHECK(world.faces("a") == 0);
}

TEST_CASE("the model, the key and the policy are asked before the templates", "[bulk]") {
  World world;
  world.create("a");
  Policy alive = World::easy();
  alive.enroll.liveness = true;
  world.create("alive", alive);
  const std::vector<service::BulkFace> faces{face_at(0)};
  auto context = world.context();
  const auto fault = [&](const service::Caller& caller, const std::string& id, const std::string& print) {
    return fault_of([&] { service::enroll_templates(context, caller, id, print, faces); });
  };
  const std::string print = fingerprint_of(world);
  CHECK(fault(world.caller, "a", "other").is(Cause::kModelMismatch, "TEMPLATE_OF_OTHER_MODEL"));
  CHECK(fault(world.caller, "b", print).is(Cause::kCollectionNotFound, ""));
  CHECK(fault({service::kAnyScope, {"b"}}, "a", print).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  CHECK(fault(world.caller, "alive", print).is(Cause::kLivenessFailed, "LIVENESS_UNCERTAIN"));
  CHECK(world.faces("a") == 0);
}

TEST_CASE("duplicates are looked for in the gallery and in the call", "[bulk]") {
  World world;
  world.create("allow", World::easy(Duplicates::kAllow));
  world.create("warn", World::easy(Duplicates::kWarn));
  world.create("reject", World::easy(Duplicates::kReject));
  const std::vector<service::BulkFace> alike{face_at(0), face_at(90), face_at(20)};
  for (const auto& made : enroll_all(world, "allow", alike)) CHECK(made.warnings.empty());

  const auto warned = enroll_all(world, "warn", alike);
  CHECK(warned.at(0).warnings.empty());
  CHECK(warned.at(1).warnings.empty());
  REQUIRE(warned.at(2).warnings.size() == 1);
  CHECK(warned[2].warnings[0].detail.find(warned[0].face.text()) != std::string::npos);
  const auto again = enroll_all(world, "warn", {face_at(91)});
  REQUIRE(again.at(0).warnings.size() == 1);
  CHECK(again[0].warnings[0].detail.find(warned[1].face.text()) != std::string::npos);

  const Fault within = fault_of([&] { enroll_all(world, "reject", alike); });
  CHECK(within.is(Cause::kRefused, "DUPLICATE_FACE"));
  CHECK(within.says("face 3 of 3: face 1 of this call"));
  CHECK(world.faces("reject") == 0);
  const auto kept = enroll_all(world, "reject", {face_at(0), face_at(90)});
  CHECK(fault_of([&] { enroll_all(world, "reject", {face_at(1)}); }).is(Cause::kRefused, "DUPLICATE_FACE"));
  // Faces of one person are no duplicates of each other.
  CHECK(enroll_all(world, "reject", {face_at(1, "x", kept[0].person), face_at(2, "x", kept[0].person)})
            .size() == 2);
  CHECK(world.faces("reject") == 4);
}

TEST_CASE("a duplicate that came between the look and the commit is seen", "[bulk]") {
  World world;
  world.create("reject", World::easy(Duplicates::kReject));
  world.store.before_write = [&] { enroll_all(world, "reject", {face_at(0)}); };
  const Fault fault = fault_of([&] { enroll_all(world, "reject", {face_at(90), face_at(3)}); });
  CHECK(fault.is(Cause::kRefused, "DUPLICATE_FACE"));
  CHECK(fault.says("face 2 of 2"));
  CHECK(world.faces("reject") == 1);
}

}  // namespace facesearch::testing

// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/enroll.hpp"

#include "catch.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {

TEST_CASE("a face is kept with its name, its metadata and its time", "[enroll]") {
  World world;
  world.create("a");
  auto context = world.context();
  const Timestamp before = now();
  const auto made =
      service::enroll(context, world.caller, {"a", "Ada", portrait(60), std::nullopt, {{"badge", "7"}}});
  CHECK(made.face != made.person);
  CHECK(made.probe.values.empty());
  CHECK(made.probe.seen->faces_found == 1);
  CHECK(made.warnings.empty());
  const auto gallery = world.store.open("a");
  const auto face = gallery->snapshot()->find_face(made.face);
  REQUIRE(face);
  CHECK(face->person == made.person);
  CHECK(face->name == "Ada");
  CHECK(face->metadata == std::map<std::string, std::string>{{"badge", "7"}});
  CHECK((face->created >= before && face->created <= now()));
  const auto values = gallery->snapshot()->find_template(made.face);
  REQUIRE(values);
  CHECK(values->at(0) == Approx(0.5));
}

TEST_CASE("the same name makes a second person, metaFaceId joins faces to one", "[enroll]") {
  World world;
  world.create("a");
  const auto first = world.enroll("a", portrait(10), "Ada");
  const auto second = world.enroll("a", portrait(10), "Ada");
  CHECK(first.person != second.person);
  const auto joined = world.enroll("a", portrait(20), "Ada", first.person);
  CHECK(joined.person == first.person);
  CHECK(joined.face != first.face);
  CHECK(world.faces("a") == 3);
}

TEST_CASE("a person who is not enrolled cannot get one more face", "[enroll]") {
  World world;
  world.create("a");
  world.create("b");
  const auto made = world.enroll("a", portrait(10));
  const auto refused = [&](const std::string& id, const Uuid& person,
                           const std::vector<std::uint8_t>& bytes) {
    return fault_of([&] { world.enroll(id, bytes, "x", person); }).is(Cause::kRefused, "PERSON_NOT_FOUND");
  };
  CHECK(refused("a", Uuid::make(), portrait(10)));
  CHECK(refused("b", made.person, portrait(10)));
  CHECK_FALSE(refused("a", made.face, {}));  // the picture comes first
  world.store.open("a")->write([&](WriteTransaction& change) { change.erase(made.face); });
  CHECK(refused("a", made.person, portrait(10)));

  const auto other = world.enroll("a", portrait(10));
  world.store.before_write = [&] {
    world.store.open("a")->write([&](WriteTransaction& change) { change.erase(other.face); });
  };
  CHECK(refused("a", other.person, portrait(10)));  // the last face went just before the write
  CHECK(world.faces("a") == 0);
}

TEST_CASE("duplicates are allowed, remarked or refused as the policy says", "[enroll]") {
  World world;
  world.create("allow", World::easy(Duplicates::kAllow));
  world.create("warn", World::easy(Duplicates::kWarn));
  world.create("reject", World::easy(Duplicates::kReject));
  for (const char* id : {"allow", "warn", "reject"}) {
    world.enroll(id, portrait(50), "far");
    CHECK(world.enroll(id, portrait(96), "other").warnings.empty());  // 46 degrees
  }
  CHECK(world.enroll("allow", portrait(95)).warnings.empty());
  CHECK(world.faces("allow") == 3);

  const auto known = world.search("warn", portrait(96)).matches.at(0).face;
  const auto warned = world.enroll("warn", portrait(95));
  REQUIRE(warned.warnings.size() == 1);
  CHECK(warned.warnings[0].reason == "DUPLICATE_FACE");
  CHECK(warned.warnings[0].detail.find(known.text()) != std::string::npos);  // the most alike of two
  CHECK(warned.warnings[0].detail.find("99.98") != std::string::npos);
  CHECK(world.faces("warn") == 3);

  const auto held = world.search("reject", portrait(96)).matches.at(0).face;
  const Fault fault = fault_of([&] { world.enroll("reject", portrait(95)); });
  INFO(fault);
  CHECK(fault.is(Cause::kRefused, "DUPLICATE_FACE"));
  CHECK(fault.says(held.text()));
  CHECK_FALSE(fault.says("other"));
  CHECK(world.faces("reject") == 2);
}

TEST_CASE("faces of the same person are no duplicates of each other, others' still are", "[enroll]") {
  World world;
  world.create("a", World::easy(Duplicates::kReject));
  const auto ada = world.enroll("a", portrait(20), "Ada");
  CHECK(world.enroll("a", portrait(20), "Ada", ada.person).warnings.empty());
  const auto eve = world.enroll("a", portrait(120), "Eve");
  CHECK(fault_of([&] {
          world.enroll("a", portrait(120), "Ada", ada.person);
        }).is(Cause::kRefused, "DUPLICATE_FACE"));
  CHECK(world.faces("a") == 3);
  CHECK(eve.person != ada.person);
}

TEST_CASE("a duplicate added between the look and the write is caught in the write", "[enroll]") {
  World world;
  world.create("warn", World::easy(Duplicates::kWarn));
  world.create("reject", World::easy(Duplicates::kReject));
  Uuid meanwhile;
  world.store.before_write = [&] { meanwhile = world.enroll("reject", portrait(30), "first").face; };
  const Fault fault = fault_of([&] { world.enroll("reject", portrait(31), "second"); });
  INFO(fault);
  CHECK(fault.is(Cause::kRefused, "DUPLICATE_FACE"));
  CHECK(fault.says(meanwhile.text()));
  CHECK(world.faces("reject") == 1);

  world.enroll("warn", portrait(40));
  world.store.before_write = [&] { meanwhile = world.enroll("warn", portrait(31)).face; };
  const auto warned = world.enroll("warn", portrait(30));
  REQUIRE(warned.warnings.size() == 1);
  CHECK(warned.warnings[0].detail.find(meanwhile.text()) != std::string::npos);  // closer than the one before
  world.store.before_write = [&] { world.enroll("warn", portrait(100)); };
  const auto unlike = world.enroll("warn", portrait(170));
  CHECK(unlike.warnings.empty());
}

TEST_CASE("a change that the store runs twice adds one face and warns once", "[enroll]") {
  World world;
  world.create("a", World::easy(Duplicates::kWarn));
  world.store.writes_twice = true;
  world.enroll("a", portrait(10));
  CHECK(world.faces("a") == 1);
  const auto made = world.enroll("a", portrait(11));
  CHECK(made.warnings.size() == 1);
  CHECK(world.faces("a") == 2);
  CHECK(world.search("a", portrait(11)).matches.at(0).face == made.face);
}

TEST_CASE("a face that was erased is no duplicate", "[enroll]") {
  World world;
  world.create("a", World::easy(Duplicates::kReject));
  const auto gone = world.enroll("a", portrait(10));
  world.store.open("a")->write([&](WriteTransaction& change) { change.erase(gone.face); });
  CHECK_NOTHROW(world.enroll("a", portrait(10)));
  CHECK(world.faces("a") == 1);
}

}  // namespace facesearch::test

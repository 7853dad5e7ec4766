// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/migrate.hpp"

#include <cmath>
#include <map>
#include <stdexcept>

#include "catch.hpp"
#include "facesearch/service/collections/faces.hpp"
#include "service/fake_runtime.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

using Reasons = std::map<std::string, std::size_t>;

// A collection of the pack `fake`, a pack `other` to move to, and a folder of photographs.
struct Removal {
  Removal() {
    world.install({.name = "other", .nms = 0.5});
    world.create("staff");
    work.engines = [this] { return std::make_unique<EngineCache>(world.engines->places(), World::runtimes); };
    work.read = [this](const std::string& file) { return photographs.at(file); };
    work.threads = 2;
  }

  Uuid enroll(std::uint8_t who) {
    return world.enroll("staff", portrait(who), "number " + std::to_string(who)).face;
  }

  service::MigrateResult run() {
    service::MigrateRequest all = request;
    for (const auto& [file, picture] : photographs) all.photographs.push_back(file);
    auto context = world.context();
    return service::migrate(context, world.caller, all, work);
  }
  Fault fault() {
    return fault_of([&] { run(); });
  }
  void erase(const Uuid& face) {
    auto context = world.context();
    service::delete_face(context, world.caller, {"staff", face.text()});
  }
  service::CollectionInfo show() {
    auto context = world.context();
    return service::show_collection(context, world.caller, "staff");
  }

  // The degrees that a face's template was painted with.
  int degrees(const Uuid& face) {
    const auto collection = world.store.open("staff");
    const auto values = collection->snapshot()->find_template(face).value();
    return static_cast<int>(std::lround(std::atan2(values[1], values[0]) * 180 / std::acos(-1.0)));
  }
  // Nothing of an attempt is seen.
  void check_untouched() {
    CHECK(show().record.binding.pack == "fake");
    CHECK_FALSE(show().kept);
  }

  World world;
  service::MigrateRequest request{"staff", "other", {}, false, false};
  service::PictureWork work;
  std::map<std::string, std::vector<std::uint8_t>> photographs;
};

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

}  // namespace

TEST_CASE("each face gets its template from the closest photograph, or the one named after it", "[migrate]") {
  Removal removal;
  const Uuid ada = removal.enroll(10);
  const Uuid bob = removal.enroll(60);
  const Uuid cleo = removal.enroll(120);
  const auto before = removal.show();
  removal.photographs = {{"a/near.png", portrait(12)},
                         {"a/nearer.png", portrait(11)},
                         {"a/not as near.png", portrait(7)},
                         {"bob.png", portrait(60)},
                         {"b/" + upper(bob.text()) + ".png", portrait(77)},
                         {"c/" + bob.text() + ".png", portrait(78)},  // named too, and later
                         {"gone/letter.txt", {}},
                         {"nobody.png", portrait(160)},
                         {"text.png", {'x'}},
                         {"unreadable.png", {}},
                         {"empty", {}},
                         {"landscape.png", picture(50, 50, {})},
                         {Uuid::make().text() + ".png", portrait(121)}};
  std::size_t last = 0;
  removal.work.progress = [&](std::size_t done, std::size_t total) {
    CHECK((done == ++last && total == 13));
  };
  const auto read = removal.work.read;
  removal.work.read = [read](const std::string& file) {
    if (file == "unreadable.png") throw Error(Cause::kFileSystem, "READ_FAILED", "");
    if (file == "gone/letter.txt") throw Error(Cause::kInvalidValue, "FILE_NOT_FOUND", "");
    return read(file);
  };
  const auto result = removal.run();
  CHECK(last == 13);
  CHECK(result.migrated == 3);
  CHECK(result.missing.empty());
  CHECK_FALSE(result.dry_run);
  CHECK(result.unused == Reasons{{"CLOSER_PHOTOGRAPH", 4},
                                 {"FACE_NOT_FOUND", 1},
                                 {"FACE_NOT_RECOGNISED", 1},
                                 {"FILE_NOT_FOUND", 1},
                                 {"IMAGE_EMPTY", 1},
                                 {"IMAGE_FORMAT_UNKNOWN", 1},
                                 {"READ_FAILED", 1}});
  CHECK(removal.degrees(ada) == 11);
  CHECK(removal.degrees(bob) == 77);
  CHECK(removal.degrees(cleo) == 121);
  const auto after = removal.show();
  CHECK(after.record.binding.pack == "other");
  CHECK(after.record.binding.fingerprint == fingerprint(removal.world.engines->pack("other")));
  CHECK(after.record.generation != before.record.generation);
  CHECK(after.record.created == before.record.created);
  CHECK(after.record.policy == before.record.policy);
  CHECK(after.faces == 3);
  REQUIRE(after.kept);
  CHECK(after.kept->record.binding == before.record.binding);
  CHECK(after.kept->faces == 3);
  CHECK(result.collection.record.generation == after.record.generation);
  const auto found = removal.world.search("staff", portrait(11));
  REQUIRE(found.matches.size() == 1);
  CHECK((found.matches[0].face == ada && found.matches[0].name == "number 10"));
}

TEST_CASE("a photograph of several people serves each of them", "[migrate]") {
  Removal removal;
  removal.world.install({.name = "other", .nms = 0.5, .min_score = 0.5});
  const Uuid ada = removal.enroll(10);
  const Uuid twin = removal.enroll(12);
  const Uuid bob = removal.enroll(60);
  removal.photographs["group.png"] =
      picture(400, 200, {{10, 10, 90, 150}, {120, 20, 60, 60}, {250, 30, 60, 11}});
  CHECK(removal.run().unused.empty());
  CHECK(removal.degrees(ada) == 11);
  CHECK(removal.degrees(twin) == 11);
  CHECK(removal.degrees(bob) == 60);
}

TEST_CASE("a face that only the former pack finds in its photograph has none", "[migrate]") {
  Removal removal;
  removal.world.install({.name = "other", .nms = 0.5, .min_score = 0.5});
  removal.enroll(10);
  const Uuid bob = removal.enroll(60);
  removal.photographs["faint.png"] = picture(200, 100, {{10, 10, 60, 10, 255, 100}, {100, 10, 60, 150}});
  removal.photographs[bob.text() + ".png"] = picture(100, 100, {{10, 10, 60, 60, 255, 100}});
  const Fault fault = removal.fault();
  CHECK(fault.is(Cause::kInvalidValue, "PHOTOS_MISSING"));
  CHECK(fault.says("2 of 2 faces"));
  CHECK(fault.says("; not used: 2 FACE_NOT_FOUND"));
}

TEST_CASE("faces without a photograph are refused, listed, or left out where that is allowed", "[migrate]") {
  Removal removal;
  const Uuid ada = removal.enroll(10);
  const Uuid bob = removal.enroll(60);
  const Uuid cleo = removal.enroll(120);
  removal.photographs = {{"ada.png", portrait(10)}};
  const Fault fault = removal.fault();
  CHECK(fault.is(Cause::kInvalidValue, "PHOTOS_MISSING"));
  CHECK(fault.says("2 of 3 faces"));
  CHECK_FALSE(fault.says("not at hand"));
  removal.check_untouched();

  removal.request.dry_run = true;
  const auto dry = removal.run();
  CHECK(dry.dry_run);
  CHECK(dry.migrated == 1);
  CHECK(dry.missing == std::vector{bob, cleo});
  CHECK(dry.collection.record.binding.pack == "fake");
  removal.check_untouched();

  removal.request.dry_run = false;
  removal.request.allow_missing = true;
  const auto result = removal.run();
  CHECK(result.migrated == 1);
  CHECK(result.missing == std::vector{bob, cleo});
  CHECK(result.collection.faces == 1);
  CHECK(removal.degrees(ada) == 10);
  CHECK(removal.world.store.open("staff")->snapshot()->was_erased(bob));
}

TEST_CASE("without the collection's own pack only names say whose a photograph is", "[migrate]") {
  Removal removal;
  const Uuid ada = removal.enroll(10);
  const Uuid bob = removal.enroll(60);
  SECTION("it was changed") {
    removal.world.install({.name = "fake", .nms = 0.4});
  }
  SECTION("it is gone") {
    removal.world.uninstall("fake");
  }
  SECTION("a network of it is gone") {
    removal.world.remove_network("fake");
  }
  removal.photographs = {{ada.text() + ".png", portrait(10)}, {"bob.png", portrait(60)}};
  const Fault fault = removal.fault();
  CHECK(fault.is(Cause::kInvalidValue, "PHOTOS_MISSING"));
  CHECK(fault.says("1 of 2 faces"));
  CHECK(fault.says("cannot be used"));
  CHECK(fault.says("; not used: 1 NAME_IS_NO_FACE"));
  removal.photographs[bob.text() + ".jpg"] = portrait(60);
  const auto result = removal.run();
  CHECK(result.migrated == 2);
  CHECK(result.unused == Reasons{{"NAME_IS_NO_FACE", 1}});
}

TEST_CASE("what cannot be a collection's next pack is refused before any photograph", "[migrate]") {
  Removal removal;
  removal.enroll(10);
  removal.photographs = {{"ada.png", portrait(10)}};
  removal.work.read = [](const std::string&) -> std::vector<std::uint8_t> {
    throw std::logic_error("a photograph was asked for");
  };
  removal.world.install({.name = "twin"});  // the same fingerprint
  removal.world.install({.name = "raw", .calibrated = false, .nms = 0.6});
  removal.world.install({.name = "blind", .liveness = false, .nms = 0.7});
  const auto fault_with = [&](const char* pack) {
    removal.request.pack = pack;
    return removal.fault();
  };
  CHECK(fault_with("twin").is(Cause::kInvalidValue, "PACK_IS_THE_SAME"));
  CHECK(fault_with("raw").is(Cause::kInvalidValue, "PACK_NOT_CALIBRATED"));
  CHECK(fault_with("nobody").is(Cause::kModelMissing, "PACK_NOT_FOUND"));
  auto context = removal.world.context();
  service::update_collection(context, removal.world.caller, "staff", [](Policy policy) {
    policy.search.liveness = true;
    return policy;
  });
  CHECK(fault_with("blind").is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
  removal.check_untouched();

  removal.request.collection_id = "nobody";
  CHECK(fault_with("other").cause == Cause::kCollectionNotFound);
  removal.world.caller = {service::kAnyScope, {"others"}};
  removal.request.collection_id = "staff";
  CHECK(fault_with("other").is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  for (const auto& call : {service::confirm_migration, service::revert_migration}) {
    CHECK(fault_of([&] {
            call(context, removal.world.caller, "staff");
          }).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  }
}

TEST_CASE("faces and policies that change while the photographs are looked at are minded", "[migrate]") {
  Removal removal;
  const Uuid ada = removal.enroll(10);
  const Uuid bob = removal.enroll(60);
  removal.photographs = {{"ada.png", portrait(10)}, {"bob.png", portrait(60)}};
  removal.work.threads = 1;
  SECTION("an erased face does not come back") {
    const DuringDetection during([&] { removal.erase(ada); });
    CHECK(removal.run().migrated == 1);
    CHECK(removal.show().faces == 1);
    CHECK(removal.world.store.open("staff")->snapshot()->was_erased(ada));
    CHECK(removal.degrees(bob) == 60);
  }
  SECTION("a new face without a photograph is not lost") {
    const bool allowed = GENERATE(false, true);
    removal.request.allow_missing = allowed;
    const DuringDetection during([&] { removal.enroll(120); });
    const Fault fault = removal.fault();
    CHECK(fault.is(Cause::kInvalidValue, "COLLECTION_CHANGED"));
    CHECK(fault.says("1 faces were enrolled while the photographs were read"));
    CHECK(removal.show().faces == 3);
    removal.check_untouched();
  }
  SECTION("a new face with a photograph comes too") {
    removal.photographs["cleo.png"] = portrait(120);
    const DuringDetection during([&] { removal.enroll(120); });
    CHECK(removal.run().migrated == 3);
  }
  SECTION("a policy stays") {
    const DuringDetection during([&] {
      auto context = removal.world.context();
      service::update_collection(context, removal.world.caller, "staff", [](Policy policy) {
        policy.similarity = 93;
        return policy;
      });
    });
    CHECK(removal.run().collection.record.policy.similarity == 93);
  }
  SECTION("a policy that the new pack cannot follow hinders it") {
    removal.world.install({.name = "other", .liveness = false, .nms = 0.5});
    const DuringDetection during([&] {
      auto context = removal.world.context();
      service::update_collection(context, removal.world.caller, "staff", [](Policy policy) {
        policy.enroll.liveness = true;
        return policy;
      });
    });
    CHECK(removal.fault().is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
    removal.check_untouched();
  }
  SECTION("a collection that is deleted stays so") {
    const DuringDetection during([&] { removal.world.store.remove("staff"); });
    CHECK(removal.fault().cause == Cause::kCollectionDeleted);
  }
  SECTION("a collection that is made again is another one") {
    const DuringDetection during([&] {
      removal.world.store.remove("staff");
      removal.world.create("staff");
    });
    CHECK(removal.fault().is(Cause::kInvalidValue, "COLLECTION_CHANGED"));
    CHECK(removal.show().faces == 0);
    removal.check_untouched();
  }
}

TEST_CASE("points of means are those of the pack after a migration and its revert", "[migrate]") {
  Removal removal;
  const Uuid ada = removal.enroll(10);
  removal.photographs = {{"ada.png", portrait(11)}};
  auto context = removal.world.context();
  const auto points = [&] {
    return removal.world.store.open("staff")->record().binding.calibration.of_means;
  };
  CHECK(removal.run().migrated == 1);
  CHECK_FALSE(points());
  service::update_collection(context, removal.world.caller, "staff", [](Policy policy) {
    policy.match_by = MatchBy::kPerson;
    return policy;
  });
  CHECK(points() == kPointsOfMeans);
  service::revert_migration(context, removal.world.caller, "staff");
  CHECK(points() == kPointsOfMeans);
  CHECK(removal.world.store.open("staff")->snapshot()->means());
  CHECK(removal.degrees(ada) == 10);
}

TEST_CASE("a migration is confirmed or reverted before the next", "[migrate]") {
  Removal removal;
  const Uuid ada = removal.enroll(10);
  const Uuid bob = removal.enroll(60);
  removal.photographs = {{"ada.png", portrait(11)}, {"bob.png", portrait(61)}};
  auto context = removal.world.context();
  const auto confirm = [&] { return service::confirm_migration(context, removal.world.caller, "staff"); };
  const auto revert = [&] { return service::revert_migration(context, removal.world.caller, "staff"); };
  CHECK(fault_of(confirm).is(Cause::kInvalidValue, "NO_MIGRATION"));
  CHECK(fault_of(revert).is(Cause::kInvalidValue, "NO_MIGRATION"));
  removal.run();
  removal.request.pack = "fake";
  CHECK(removal.fault().is(Cause::kInvalidValue, "MIGRATION_UNCONFIRMED"));

  const Uuid cleo = removal.enroll(120);
  CHECK(fault_of(revert).is(Cause::kInvalidValue, "FACES_ADDED"));
  removal.erase(cleo);
  removal.erase(bob);
  const auto reverted = revert();
  CHECK(reverted.record.binding.pack == "fake");
  CHECK(reverted.faces == 1);
  CHECK_FALSE(reverted.kept);
  CHECK(removal.degrees(ada) == 10);
  CHECK(removal.world.store.open("staff")->snapshot()->was_erased(bob));
  CHECK(removal.world.search("staff", portrait(61)).matches.empty());

  removal.request.pack = "other";
  CHECK(removal.run().migrated == 1);
  const auto confirmed = confirm();
  CHECK(confirmed.record.binding.pack == "other");
  CHECK_FALSE(confirmed.kept);
  CHECK(fault_of(revert).is(Cause::kInvalidValue, "NO_MIGRATION"));
  removal.request.pack = "fake";
  removal.photographs = {{"ada.png", portrait(11)}};
  CHECK(removal.run().migrated == 1);
}

TEST_CASE("a former side that cannot follow the policy of now does not come back", "[migrate]") {
  Removal removal;
  removal.world.install({.name = "blind", .liveness = false, .nms = 0.7});
  removal.world.create("door", World::easy(), "blind");
  removal.request.collection_id = "door";
  removal.photographs = {{"ada.png", portrait(10)}};
  removal.run();
  auto context = removal.world.context();
  service::update_collection(context, removal.world.caller, "door", [](Policy policy) {
    policy.search.liveness = true;
    return policy;
  });
  const auto revert = [&] { service::revert_migration(context, removal.world.caller, "door"); };
  CHECK(fault_of(revert).is(Cause::kInvalidValue, "NO_LIVENESS_MODEL"));
  CHECK(service::show_collection(context, removal.world.caller, "door").record.binding.pack == "other");
}

TEST_CASE("more faces than are written at once keep their order", "[migrate]") {
  Removal removal;
  std::vector<Uuid> faces;
  for (unsigned i = 0; i < 600; ++i) {
    faces.push_back(removal.enroll(static_cast<std::uint8_t>(1 + i % 180)));
    removal.photographs[faces.back().text()] = portrait(static_cast<std::uint8_t>(1 + i % 180));
  }
  CHECK(removal.run().migrated == 600);
  const auto collection = removal.world.store.open("staff");
  std::vector<Uuid> found;
  collection->snapshot()->scan(0, [&](const TemplateRow& row) { found.push_back(row.face); });
  CHECK(found == faces);
  for (unsigned i = 0; i < 600; i += 97) CHECK(removal.degrees(faces[i]) == static_cast<int>(1 + i % 180));
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
#include "facesearch/service/collections/faces.hpp"

#include <cctype>

#include "catch.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

service::FaceListResult list(World& world, const std::string& id, const std::string& term = "",
                             std::uint64_t page = 1) {
  auto context = world.context();
  return service::list_faces(context, world.caller, {id, term, page});
}

Fault fault_of_deleting(World& world, const std::string& id, const std::string& face) {
  auto context = world.context();
  return fault_of([&] { service::delete_face(context, world.caller, {id, face}); });
}

}  // namespace

TEST_CASE("faces are listed fifty a page in the order they were added", "[faces]") {
  World world;
  world.create("a");
  std::vector<Uuid> added;
  added.reserve(53);
  for (int i = 0; i < 53; ++i) added.push_back(world.enroll("a", portrait(10), std::to_string(i)).face);
  const auto first = list(world, "a");
  CHECK(first.collection_id == "a");
  CHECK(first.page.total == 53);
  REQUIRE(first.page.faces.size() == 50);
  CHECK(first.page.faces[0].face == added[0]);
  CHECK(first.page.faces[49].name == "49");
  const auto second = list(world, "a", "", 2);
  REQUIRE(second.page.faces.size() == 3);
  CHECK(second.page.faces[2].face == added[52]);
  for (const std::uint64_t past : {std::uint64_t{3}, (std::uint64_t{1} << 63U) + 1, ~std::uint64_t{0}}) {
    CHECK(list(world, "a", "", past).page.faces.empty());
    CHECK(list(world, "a", "", past).page.total == 53);
  }
}

TEST_CASE("a term keeps the face ids that contain it", "[faces]") {
  World world;
  world.create("a");
  world.enroll("a", portrait(10));
  const auto wanted = world.enroll("a", portrait(10)).face;
  const auto found = list(world, "a", wanted.text().substr(24));
  CHECK(found.page.total == 1);
  REQUIRE(found.page.faces.size() == 1);
  CHECK(found.page.faces[0].face == wanted);
  CHECK(list(world, "a", wanted.text().substr(0, 5)).page.total == 2);  // both of this minute
  std::string upper = wanted.text().substr(24);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK(list(world, "a", upper).page.total == 1);
  CHECK(list(world, "a", "no such term").page.total == 0);
  CHECK(fault_of([&] { list(world, "a", "1234"); }).is(Cause::kTermTooShort, ""));
  CHECK(fault_of([&] { list(world, "a", "", 0); }).is(Cause::kPageRequired, ""));
}

TEST_CASE("a deleted face is found and listed no more; its id is known as gone", "[faces]") {
  World world;
  world.create("a");
  world.create("b");
  const auto gone = world.enroll("a", portrait(10)).face;
  const auto stays = world.enroll("a", portrait(11)).face;
  CHECK(fault_of_deleting(world, "b", gone.text()).is(Cause::kFaceUnknown, ""));
  CHECK_FALSE(fault_of_deleting(world, "a", gone.text()).thrown);
  CHECK(list(world, "a").page.total == 1);
  const auto found = world.search("a", portrait(10));
  REQUIRE(found.matches.size() == 1);
  CHECK(found.matches[0].face == stays);
  CHECK(fault_of_deleting(world, "a", gone.text()).is(Cause::kFaceGone, ""));
  for (const std::string& never : {Uuid::make().text(), std::string("nonsense"), std::string(),
                                   stays.text() + "0", std::string(1 << 20, 'a')}) {
    const Fault fault = fault_of_deleting(world, "a", never);
    CHECK(fault.is(Cause::kFaceUnknown, ""));
    CHECK(fault.detail.size() < 300);
  }
  CHECK(world.faces("a") == 1);
}

TEST_CASE("a deletion that the store runs twice still succeeds", "[faces]") {
  World world;
  world.create("a");
  const auto face = world.enroll("a", portrait(10)).face;
  world.store.writes_twice = true;
  CHECK_FALSE(fault_of_deleting(world, "a", face.text()).thrown);
  CHECK(world.faces("a") == 0);
}

TEST_CASE("the collection is checked before the face", "[faces]") {
  World world;
  world.create("dead");
  world.store.remove("dead");
  CHECK(fault_of_deleting(world, "never", "nonsense").cause == Cause::kCollectionNotFound);
  CHECK(fault_of_deleting(world, "../etc", "nonsense").cause == Cause::kCollectionNotFound);
  CHECK(fault_of_deleting(world, "dead", "nonsense").cause == Cause::kCollectionDeleted);
  CHECK(fault_of([&] { list(world, "never"); }).cause == Cause::kCollectionNotFound);
  CHECK(fault_of([&] { list(world, "dead"); }).cause == Cause::kCollectionDeleted);
  world.caller.collections = {"other"};
  CHECK(fault_of_deleting(world, "never", "nonsense").is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  CHECK(fault_of([&] { list(world, "dead"); }).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
}

TEST_CASE("listing and deleting need no model", "[faces]") {
  World world;
  world.create("a");
  const auto face = world.enroll("a", portrait(10)).face;
  world.install({.nms = 0.5});
  CHECK(list(world, "a").page.total == 1);
  CHECK_FALSE(fault_of_deleting(world, "a", face.text()).thrown);
}

}  // namespace facesearch::test

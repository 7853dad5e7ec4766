// SPDX-License-Identifier: MIT
#include "facesearch/service/compare/dedupe.hpp"

#include <algorithm>
#include <limits>

#include "catch.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/service/collections/faces.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

service::DedupeResult dedupe(World& world, const service::DedupeRequest& request) {
  auto context = world.context();
  return service::dedupe(context, world.caller, request);
}

}  // namespace

TEST_CASE("pairs of different persons at or above the threshold are listed, best first", "[dedupe]") {
  World world;
  world.create("a");
  const auto ada = world.enroll("a", portrait(10), "Ada");
  const auto again = world.enroll("a", portrait(20), "Ada again");
  world.enroll("a", portrait(12), "Ada", ada.person);
  const auto bob = world.enroll("a", portrait(60), "Bob");  // 40 from again, 48 and 50 from Ada
  world.enroll("a", portrait(150), "Cy");
  const auto result = dedupe(world, {"a"});
  CHECK(result.collection_id == "a");
  CHECK(result.similarity == 80);
  CHECK(result.faces == 5);
  CHECK(result.compared == 9);
  CHECK(result.pairs_total == 3);
  CHECK(result.expected_false_pairs == Approx(9 * 1e-4));
  CHECK(result.warnings.empty());
  CHECK_FALSE(result.clusters);
  REQUIRE(result.pairs.size() == 3);
  CHECK(result.pairs[0].similarity > result.pairs[1].similarity);
  // The lower id is first, and ids of one millisecond are in no order.
  const bool in_order = ada.face < again.face;
  const auto& first = in_order ? result.pairs[1].a : result.pairs[1].b;
  const auto& second = in_order ? result.pairs[1].b : result.pairs[1].a;
  CHECK(result.pairs[1].a.face < result.pairs[1].b.face);
  CHECK(first.face == ada.face);
  CHECK(first.name == "Ada");
  CHECK(first.person == ada.person);
  CHECK(second.face == again.face);
  CHECK(second.name == "Ada again");
  CHECK(second.person == again.person);
  CHECK((result.pairs[2].a.face == bob.face || result.pairs[2].b.face == bob.face));

  const auto everybody = dedupe(world, {.collection_id = "a", .same_person = true});
  CHECK(everybody.compared == 10);
  CHECK(everybody.pairs_total == 4);
  CHECK(everybody.pairs.front().a.person == everybody.pairs.front().b.person);
  const auto one = dedupe(world, {.collection_id = "a", .limit = 1});
  CHECK(one.pairs_total == 3);
  REQUIRE(one.pairs.size() == 1);
  CHECK(one.pairs[0].b.face == result.pairs[0].b.face);
}

TEST_CASE("what a search with each face finds is what dedupe finds", "[dedupe]") {
  World world;
  Policy policy = World::easy();
  world.create("a", policy);
  std::vector<std::uint8_t> painted;
  painted.reserve(40);
  for (int i = 0; i < 40; ++i) painted.push_back(static_cast<std::uint8_t>(1 + i * 47 % 180));
  for (const std::uint8_t who : painted) world.enroll("a", portrait(who));
  std::uint64_t twice = 0;
  for (const std::uint8_t who : painted) twice += world.search("a", portrait(who)).matches_total - 1;
  for (const std::size_t threads : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
    CHECK(2 * dedupe(world, {.collection_id = "a", .threads = threads}).pairs_total == twice);
  }
}

TEST_CASE("the threshold may be another than the policy's, and is held to 0 to 100", "[dedupe]") {
  World world;
  world.install({.measured_to = 1e-4});
  world.create("a");
  world.enroll("a", portrait(10));
  world.enroll("a", portrait(100));
  CHECK(dedupe(world, {"a"}).pairs_total == 0);
  CHECK(dedupe(world, {"a", 0}).pairs_total == 1);
  CHECK(dedupe(world, {"a", 0}).similarity == 0);
  CHECK(dedupe(world, {"a", 100}).pairs_total == 0);
  CHECK(dedupe(world, {"a", 90}).warnings.at(0).reason == "THRESHOLD_EXTRAPOLATED");
  for (const double wrong : {-0.1, 100.1, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(fault_of([&] { dedupe(world, {"a", wrong}); }).is(Cause::kInvalidValue, "SIMILARITY_INVALID"));
  }
  for (const std::size_t wrong : {std::size_t{0}, service::kMostPairs + 1}) {
    CHECK(fault_of([&] {
            dedupe(world, {.collection_id = "a", .limit = wrong});
          }).is(Cause::kInvalidValue, "LIMIT_INVALID"));
  }
}

TEST_CASE("faces that are gone are not compared", "[dedupe]") {
  World world;
  world.create("a");
  world.enroll("a", portrait(10));
  const auto gone = world.enroll("a", portrait(11));
  world.enroll("a", portrait(12));
  CHECK(dedupe(world, {"a"}).pairs_total == 3);
  auto context = world.context();
  service::delete_face(context, world.caller, {"a", gone.face.text()});
  const auto result = dedupe(world, {"a"});
  CHECK(result.faces == 2);
  CHECK(result.pairs_total == 1);
}

TEST_CASE("clusters are groups of two and more, largest first", "[dedupe]") {
  World world;
  world.create("a");
  std::vector<Uuid> twins;
  std::vector<Uuid> triplets;
  for (const std::uint8_t who : std::vector<std::uint8_t>{10, 12})
    twins.push_back(world.enroll("a", portrait(who)).face);
  world.enroll("a", portrait(80));
  for (const std::uint8_t who : std::vector<std::uint8_t>{150, 153, 155})
    triplets.push_back(world.enroll("a", portrait(who)).face);
  std::ranges::sort(twins);  // ids of one millisecond are in no order
  std::ranges::sort(triplets);
  const auto result = dedupe(world, {.collection_id = "a", .clusters = true});
  CHECK(result.pairs_total == 4);
  CHECK(result.pairs.empty());
  REQUIRE(result.clusters);
  CHECK(*result.clusters == std::vector{triplets, twins});
  world.create("empty");
  const auto nothing = dedupe(world, {.collection_id = "empty", .clusters = true});
  CHECK(nothing.faces == 0);
  CHECK(nothing.expected_false_pairs == 0);
  CHECK(nothing.clusters->empty());
}

TEST_CASE("a key for another collection, and one that is not there, are refused", "[dedupe]") {
  World world;
  world.create("a");
  CHECK(fault_of([&] { dedupe(world, {"b"}); }).cause == Cause::kCollectionNotFound);
  world.caller.collections = {"b"};
  CHECK(fault_of([&] { dedupe(world, {"a"}); }).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
}

TEST_CASE("progress is told to the end", "[dedupe]") {
  World world;
  world.create("a");
  for (const std::uint8_t who : std::vector<std::uint8_t>{10, 50, 90}) world.enroll("a", portrait(who));
  std::uint64_t last = 0;
  service::DedupeRequest request{"a"};
  request.progress = [&](std::uint64_t done, std::uint64_t all) {
    last = done;
    CHECK(all == 3);
  };
  dedupe(world, request);
  CHECK(last == 3);
}

}  // namespace facesearch::test

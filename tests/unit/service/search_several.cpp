// SPDX-License-Identifier: MIT
// Several collections that are searched as one, against one that holds all their faces.
#include <random>

#include "catch.hpp"
#include "facesearch/service/search/search_batch.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

// Few values, so that many templates are the same and ties are common.
Template coarse(std::minstd_rand& random) {
  Template values(4);
  for (;;) {
    for (float& value : values) value = static_cast<float>(static_cast<int>(random() % 5) - 2);
    if (values != Template{0, 0, 0, 0}) return normalised(std::move(values));
  }
}

struct Query {
  std::vector<std::string> collections;
  Template probe;
  std::size_t limit = 10;
};

service::SearchResult search(World& world, const Query& query) {
  service::SearchRequest request;
  request.collection_id = query.collections.front();
  request.further.assign(query.collections.begin() + 1, query.collections.end());
  request.request_name = "probe";
  request.probe = service::GivenTemplate{query.probe, fingerprint(world.engines->pack("fake"))};
  request.limit = query.limit;
  request.mergeable = true;
  request.names_collections = query.collections.size() > 1;
  auto context = world.context();
  return service::search(context, world.caller, request);
}

Fault refusal(World& world, const std::vector<std::string>& collections) {
  return fault_of([&] { search(world, {collections, {1, 0, 0, 0}}); });
}

}  // namespace

TEST_CASE("several collections answer as one that holds all their faces", "[search]") {
  std::minstd_rand random(20261128);  // NOLINT(cert-msc51-cpp): the same each time
  for (int round = 0; round < 20; ++round) {
    World world;
    const std::size_t parts = 1 + random() % 5;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < parts; ++i) ids.push_back("part-" + std::to_string(i));
    for (const std::string& id : ids) world.create(id);
    world.create("one");
    for (unsigned i = 0; i < random() % 200; ++i) {
      const FaceRecord face{Uuid::make(), Uuid::make(), "p" + std::to_string(i), {}, 1};
      const Template values = coarse(random);
      const auto add = [&](WriteTransaction& transaction) { transaction.add(face, values); };
      world.store.open("one")->write(add);
      world.store.open(ids[random() % parts])->write(add);
    }
    for (const std::size_t limit : {1U, 3U, 50U, 10'000U}) {
      const Template probe = coarse(random);
      const auto expected = search(world, {{"one"}, probe, limit});
      const auto found = search(world, {ids, probe, limit});
      REQUIRE((listed(found) == listed(expected)));
      for (std::size_t i = 0; i < found.matches.size(); ++i) {
        CHECK(found.matches[i].collection.has_value() == (parts > 1));
        CHECK_FALSE(expected.matches[i].collection);
        const auto& from = found.matches[i].collection.value_or(ids.front());
        CHECK(world.store.open(from)->snapshot()->find_face(found.matches[i].face));
      }
      CHECK(found.matches_total == expected.matches_total);
      CHECK(found.expected_false_candidates == expected.expected_false_candidates);
      CHECK(found.basis.value().faces == expected.basis.value().faces);
      CHECK(found.basis->min_cosine == expected.basis->min_cosine);
      CHECK(found.basis->limit == limit);
    }
  }
}

TEST_CASE("a copy is a face of each collection that has it", "[search]") {
  World world;
  world.create("b");
  world.create("a");
  const FaceRecord face{Uuid::make(), Uuid::make(), "twin", {}, 1};
  for (const char* id : {"b", "a"}) {
    world.store.open(id)->write([&](WriteTransaction& transaction) {
      transaction.add(face, Template{1, 0, 0, 0});
    });
  }
  const auto found = search(world, {{"b", "a"}, {1, 0, 0, 0}});
  REQUIRE(found.matches.size() == 2);
  CHECK(found.matches_total == 2);
  CHECK(found.matches[0].collection == "b");
  CHECK(found.matches[1].collection == "a");
}

TEST_CASE("collections are opened in one order, whatever the caller's, and told of in the caller's",
          "[search]") {
  World world;
  for (const char* id : {"c", "a", "b"}) world.create(id);
  std::vector<std::string> opened;
  world.store.before_open = [&](std::string_view id) { opened.emplace_back(id); };
  search(world, {{"c", "a", "b"}, {1, 0, 0, 0}});
  CHECK(opened == std::vector<std::string>{"a", "b", "c"});
  world.store.remove("b");
  CHECK(refusal(world, {"nobody", "b", "a"}).cause == Cause::kCollectionNotFound);
  CHECK(refusal(world, {"b", "nobody", "a"}).cause == Cause::kCollectionDeleted);
}

TEST_CASE("collections that judge a probe otherwise are not searched as one", "[search]") {
  World world;
  world.create("a");
  const auto differs = [&](const char* id, const std::function<void(Policy&)>& change) {
    Policy policy = World::easy();
    change(policy);
    world.create(id, policy);
    const Fault fault = refusal(world, {"a", id});
    CHECK(fault.says(id) == fault.thrown);
    return fault.is(Cause::kInvalidValue, "COLLECTIONS_DIFFER");
  };
  CHECK(differs("similarity", [](Policy& policy) { policy.similarity = 81; }));
  CHECK(differs("liveness", [](Policy& policy) { policy.search.liveness = true; }));
  CHECK(differs("quality", [](Policy& policy) { policy.quality = QualityLevel::kStrict; }));
  CHECK(differs("px", [](Policy& policy) { policy.min_face_px = 60; }));
  CHECK(differs("image", [](Policy& policy) { policy.image.max_side = 100; }));
  // What concerns enrolment alone does not matter.
  CHECK_FALSE(differs("enrol", [](Policy& policy) {
    policy.enroll.liveness = true;
    policy.duplicates = Duplicates::kReject;
  }));

  world.install({.name = "other", .nms = 0.5});
  world.create("other", World::easy(), "other");
  CHECK(refusal(world, {"a", "other"}).is(Cause::kModelMismatch, "COLLECTIONS_DIFFER"));
  CHECK(refusal(world, {"a", "a"}).is(Cause::kInvalidValue, "COLLECTION_NAMED_TWICE"));
  CHECK(refusal(world, {"a", "nobody"}).cause == Cause::kCollectionNotFound);
  // The key first, whichever of them it does not cover, then what is there.
  world.caller.collections = {"a", "nobody"};
  CHECK(refusal(world, {"a", "nobody", "px"}).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
}

TEST_CASE("a batch is for the same collections in each of its searches", "[search][batch]") {
  World world;
  world.create("a");
  world.create("b");
  const std::string made_by = fingerprint(world.engines->pack("fake"));
  std::vector<std::vector<std::string>> asked{{"a", "b"}, {"a"}, {"b", "a"}};
  service::BatchWork work;
  work.engines = [] { return std::make_unique<EngineCache>(PackPlaces{}, World::runtimes); };
  std::size_t next = 0;
  std::vector<std::string> reasons;
  service::search_batch(
      world.store, world.caller, {"a", "b"}, work,
      [&]() -> std::optional<service::BatchInput<service::SearchRequest>> {
        if (next == asked.size()) return std::nullopt;
        const auto& ids = asked[next++];
        return service::BatchInput<service::SearchRequest>{
            "x", [ids, made_by] {
              service::SearchRequest request;
              request.collection_id = ids.front();
              request.further.assign(ids.begin() + 1, ids.end());
              request.request_name = "x";
              request.probe = service::GivenTemplate{{1, 0, 0, 0}, made_by};
              return request;
            }};
      },
      [&](const auto& group) {
        for (const auto& answer : group) {
          const auto* error = std::get_if<Error>(&answer.outcome);
          reasons.push_back(error == nullptr ? "" : error->reason());
        }
      });
  CHECK(reasons == std::vector<std::string>{"", "OTHER_COLLECTION", "OTHER_COLLECTION"});
  CHECK(fault_of([&] {
          service::require_batch(world.store, world.caller, {"a", "nobody"});
        }).cause == Cause::kCollectionNotFound);
}

}  // namespace facesearch::test

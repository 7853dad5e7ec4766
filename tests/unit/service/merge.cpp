// SPDX-License-Identifier: MIT
#include "facesearch/service/collections/merge.hpp"

#include <cmath>
#include <random>

#include "catch.hpp"
#include "facesearch/service/enroll/known_pictures.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

using service::MergeDuplicate;
using service::MergeResult;

Template drawn(std::minstd_rand& random) {
  std::normal_distribution<float> normal;
  Template values(4);
  for (float& value : values) value = normal(random);
  return normalised(std::move(values));
}

// A gallery's faces with their templates.
struct Gallery {
  std::vector<FaceRecord> faces;
  std::vector<Template> templates;

  void add_to(World& world, const std::string& id) const {
    world.store.open(id)->write([&](WriteTransaction& transaction) {
      for (std::size_t i = 0; i < faces.size(); ++i) transaction.add(faces[i], templates[i]);
    });
  }
};

Gallery gallery_of(unsigned count, unsigned seed) {
  std::minstd_rand random(seed);
  Gallery gallery;
  for (unsigned i = 0; i < count; ++i) {
    gallery.faces.push_back({Uuid::make(), Uuid::make(), "p" + std::to_string(i), {{"n", "1"}}, 5 + i});
    gallery.templates.push_back(drawn(random));
  }
  return gallery;
}

MergeResult merge(World& world, const std::vector<std::string>& ids, const std::string& to = "all") {
  auto context = world.context();
  return service::merge_collections(context, world.caller, {ids, to});
}

Fault merge_refusal(World& world, const std::vector<std::string>& ids, const std::string& to = "all") {
  return fault_of([&] { merge(world, ids, to); });
}

std::vector<std::string> reasons(const MergeResult& result) {
  std::vector<std::string> found;
  for (const service::Warning& warning : result.warnings) found.push_back(warning.reason);
  return found;
}

}  // namespace

TEST_CASE("a merge has all faces as they are, in the order of the collections", "[merge]") {
  World world;
  for (const char* id : {"a", "b", "c"}) world.create(id);
  const Gallery a = gallery_of(7, 1);
  const Gallery b = gallery_of(5, 2);
  a.add_to(world, "a");
  b.add_to(world, "b");
  const Uuid gone =
      world.enroll("b", service::GivenTemplate{a.templates[0], fingerprint(world.engines->pack("fake"))})
          .face;
  world.erase("b", gone);
  std::uint64_t told = 0;
  auto context = world.context();
  const MergeResult result = service::merge_collections(
      context, world.caller, {{"a", "c", "b"}, "all", [&](std::uint64_t done, std::uint64_t all) {
                                CHECK(done == ++told);
                                CHECK(all == 12);
                              }});
  CHECK(result.collection_id == "all");
  CHECK(result.faces == 12);
  CHECK(told == 12);
  CHECK(result.duplicates.empty());
  CHECK(result.warnings.empty());
  const auto collection = world.store.open("all");
  const auto view = collection->snapshot();
  const auto page = view->page("", 0, 50).faces;
  REQUIRE(page.size() == 12);
  for (std::size_t i = 0; i < page.size(); ++i) {
    const bool of_a = i < a.faces.size();
    const FaceRecord& before = of_a ? a.faces[i] : b.faces[i - a.faces.size()];
    CHECK(page[i].face == before.face);
    CHECK(page[i].person == before.person);
    CHECK(page[i].name == before.name);
    CHECK(page[i].metadata == before.metadata);
    CHECK(page[i].created == before.created);
    CHECK(view->find_template(before.face) == (of_a ? a.templates[i] : b.templates[i - a.faces.size()]));
  }
  CHECK(view->was_erased(gone));
  // The others stay as they were.
  CHECK(world.faces("a") == 7);
  CHECK(world.faces("b") == 5);
}

TEST_CASE("a face that several collections have is there once, and not if one of them erased it", "[merge]") {
  World world;
  for (const char* id : {"a", "b", "c"}) world.create(id);
  const Gallery all = gallery_of(6, 3);
  all.add_to(world, "a");
  Gallery some = all;
  some.faces.resize(4);
  some.add_to(world, "b");
  some.faces.resize(2);
  some.add_to(world, "c");
  world.erase("c", all.faces[1].face);
  const MergeResult result = merge(world, {"a", "b", "c"});
  CHECK(result.faces == 5);
  const auto view = world.store.open("all");
  CHECK(view->snapshot()->was_erased(all.faces[1].face));
  CHECK_FALSE(view->snapshot()->find_face(all.faces[1].face));
  CHECK(world.faces("all") == 5);
  // Copies of what a has: three in b, one in c; and the erased one, in a and b.
  CHECK(result.duplicates_total == 6);
  REQUIRE(result.duplicates.size() == 6);
  std::size_t erased = 0;
  std::size_t copies = 0;
  for (const MergeDuplicate& duplicate : result.duplicates) {
    CHECK(duplicate.face.face == duplicate.other.face);
    if (duplicate.reason == MergeDuplicate::Reason::kErased) {
      ++erased;
      CHECK(duplicate.face.face == all.faces[1].face);
      CHECK(duplicate.other.collection == "c");
    } else {
      ++copies;
      CHECK(duplicate.reason == MergeDuplicate::Reason::kSameFace);
      CHECK(duplicate.other.collection == "a");
      CHECK(duplicate.face.collection != "a");
    }
  }
  CHECK(erased == 2);
  CHECK(copies == 4);
}

TEST_CASE("what batches know of pictures comes along where it means the same", "[merge]") {
  World world;
  for (const char* id : {"a", "b", "c"}) world.create(id);
  // Two collections with one key, as those that are restored from one backup.
  CollectionRecord twin = world.store.open("a")->record();
  twin.id = "twin";
  twin.generation = Uuid::make();
  world.store.create(twin);
  const auto content_of = [&](const std::string& id, int what) {
    return service::digest_of(world.store.open(id)->record(),
                              std::vector<std::uint8_t>{static_cast<std::uint8_t>(what)});
  };
  const auto add = [&](const std::string& id, int what, unsigned seed) {
    Gallery one = gallery_of(1, seed);
    one.faces[0].content = content_of(id, what);
    one.add_to(world, id);
    return one.faces[0].face;
  };
  const Uuid first = add("a", 1, 10);
  add("a", 2, 11);
  const Uuid second = add("twin", 1, 12);
  add("b", 1, 13);
  const auto content = [&](const Uuid& face) {
    return world.store.open("all")->snapshot()->find_face(face).value().content;
  };

  SECTION("one key: the same picture is told of, and both faces stay") {
    const MergeResult result = merge(world, {"a", "twin"});
    CHECK(result.faces == 3);
    REQUIRE(result.duplicates.size() == 1);
    CHECK(result.duplicates[0].reason == MergeDuplicate::Reason::kSamePicture);
    CHECK(result.duplicates[0].face.face == second);
    CHECK(result.duplicates[0].face.collection == "twin");
    CHECK(result.duplicates[0].other.face == first);
    CHECK(result.duplicates[0].other.collection == "a");
    CHECK(result.warnings.empty());
    CHECK(content(first) == content_of("all", 1));
    CHECK(content(second) == content_of("all", 1));
  }
  SECTION("another key: what it made is left out") {
    const MergeResult result = merge(world, {"a", "b"});
    CHECK(result.duplicates.empty());
    CHECK(reasons(result) == std::vector<std::string>{"CONTENTS_LEFT_OUT"});
    CHECK(content(first) == content_of("all", 1));
    std::size_t known = 0;
    world.store.open("all")->snapshot()->visit_records(
        0, [&](const FaceRecord& face) { known += face.content.has_value() ? 1U : 0U; });
    CHECK(known == 2);
  }
  SECTION("another key, but nothing made with it") {
    CHECK(merge(world, {"a", "c"}).warnings.empty());
  }
}

TEST_CASE("policy, calibration and encryption of a merge", "[merge]") {
  World world;
  world.create("a");
  Policy policy = World::easy();
  policy.similarity = 85;
  world.create("b", policy);
  CHECK(reasons(merge(world, {"a", "b"})) == std::vector<std::string>{"POLICIES_DIFFER"});
  CHECK(world.store.open("all")->record().policy == World::easy());
  merge(world, {"b"}, "b2");
  CHECK(world.store.open("b2")->record().policy == policy);

  CollectionRecord other = world.store.open("a")->record();
  other.id = "c";
  other.generation = Uuid::make();
  other.sealed = false;
  other.binding.calibration.cosine_at_fmr[4] = 0.95;
  world.store.create(other);
  CHECK(reasons(merge(world, {"c", "a"}, "ca")) == std::vector<std::string>{"CALIBRATIONS_DIFFER"});
  CHECK(world.store.open("ca")->record().binding == other.binding);
  CHECK(world.store.open("ca")->record().sealed);
  merge(world, {"c"}, "c2");
  CHECK_FALSE(world.store.open("c2")->record().sealed);
}

TEST_CASE("what cannot be merged is refused and nothing is made", "[merge]") {
  World world;
  world.create("a");
  world.create("b");
  world.install({.name = "other", .nms = 0.5});
  world.create("o", World::easy(), "other");
  CHECK(merge_refusal(world, {"a", "o"}).is(Cause::kModelMismatch, "COLLECTIONS_DIFFER"));
  CHECK(merge_refusal(world, {}).is(Cause::kInvalidValue, "NO_COLLECTIONS"));
  CHECK(merge_refusal(world, {"a", "b", "a"}).is(Cause::kInvalidValue, "COLLECTION_NAMED_TWICE"));
  CHECK(merge_refusal(world, {"a", "nobody"}).cause == Cause::kCollectionNotFound);
  CHECK(merge_refusal(world, {"a", "../b"}).cause == Cause::kCollectionNotFound);
  CHECK(merge_refusal(world, {"a"}, "b").cause == Cause::kCollectionExists);
  CHECK(merge_refusal(world, {"a"}, "a").cause == Cause::kCollectionExists);
  CHECK(merge_refusal(world, {"a"}, "../x").is(Cause::kInvalidValue, "COLLECTION_ID_INVALID"));
  CHECK(merge_refusal(world, std::vector<std::string>(kMaxCollections + 1, "a"))
            .is(Cause::kInvalidValue, "TOO_MANY_COLLECTIONS"));
  world.store.remove("b");
  CHECK(merge_refusal(world, {"a", "b"}).cause == Cause::kCollectionDeleted);
  world.caller.collections = {"a", "all"};
  CHECK(merge_refusal(world, {"a", "o"}).is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  CHECK(merge_refusal(world, {"a"}, "b").is(Cause::kAccessDenied, "COLLECTION_NOT_ALLOWED"));
  CHECK(world.store.ids() == std::vector<std::string>{"a", "o"});
  CHECK(merge(world, {"a"}).faces == 0);
  // What stops it in the middle leaves nothing.
  gallery_of(3, 4).add_to(world, "a");
  auto context = world.context();
  world.store.remove("all");
  CHECK(fault_of([&] {
          service::merge_collections(context, world.caller,
                                     {{"a"}, "all", [](std::uint64_t done, std::uint64_t /*all*/) {
                                        if (done == 2) throw Error(Cause::kInternal, "STOPPED", "");
                                      }});
        }).reason == "STOPPED");
  CHECK(world.store.state("all") == CollectionState::kDeleted);
}

}  // namespace facesearch::test

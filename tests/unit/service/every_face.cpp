// SPDX-License-Identifier: MIT
// Every face of a picture: searched, enrolled, verified.
#include <algorithm>
#include <map>

#include "catch.hpp"
#include "facesearch/service/compare/verify.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"
#include "facesearch/service/enroll/known_pictures.hpp"
#include "facesearch/service/probe/detect.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

using service::EnrolledFace;
using service::EnrollRequest;
using service::EnrollResult;
using service::FaceOutcome;
using Picture = std::vector<std::uint8_t>;

// Three people, 60, 50 and 40 pixels wide; 10, 70 and 130 degrees: nobody is alike another.
const std::vector<PaintedFace> kGroup{{10, 10, 60, 10}, {100, 20, 50, 70}, {180, 30, 40, 130}};

Picture group() {
  return picture(300, 120, kGroup);
}

service::SearchResult search_all(World& world, const service::ProbeInput& probe, std::size_t limit = 100) {
  auto context = world.context();
  service::SearchRequest request;
  request.collection_id = "a";
  request.request_name = "test";
  request.probe = probe;
  request.limit = limit;
  request.every_face = true;
  return service::search(context, world.caller, request);
}

EnrollRequest request_of(const service::ProbeInput& probe, bool join = false, const std::string& name = "") {
  EnrollRequest request;
  request.collection_id = "a";
  request.user_name = name;
  request.probe = probe;
  request.every_face = true;
  request.join = join;
  return request;
}

EnrollResult enroll_all(World& world, const service::ProbeInput& probe, bool join = false,
                        const std::string& name = "") {
  auto context = world.context();
  return service::enroll(context, world.caller, request_of(probe, join, name));
}

// Outcome and name of each face; the reason of one that is refused.
std::vector<std::string> outcomes(const EnrollResult& result) {
  const std::map<FaceOutcome, std::string> words{{FaceOutcome::kNew, "new"},
                                                 {FaceOutcome::kJoined, "joined"},
                                                 {FaceOutcome::kMatched, "matched"},
                                                 {FaceOutcome::kAlready, "already"}};
  std::vector<std::string> list;
  for (const EnrolledFace& face : result.faces.value()) {
    list.push_back(face.refused ? face.refused->reason() : words.at(face.outcome) + " " + face.name);
  }
  return list;
}

std::vector<std::string> reasons(const std::vector<service::Warning>& warnings) {
  std::vector<std::string> list;
  for (const auto& warning : warnings) list.push_back(warning.reason);
  return list;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("a search of every face answers each as a search of it alone", "[faces]") {
  World world;
  world.create("a");
  for (const int who : {10, 12, 70}) {
    world.enroll("a", portrait(static_cast<std::uint8_t>(who)), std::to_string(who));
  }
  const auto result = search_all(world, group());
  REQUIRE(result.faces);
  REQUIRE(result.faces->size() == 3);
  for (std::size_t i = 0; i < kGroup.size(); ++i) {
    const auto& face = result.faces->at(i);
    const auto alone = world.search("a", portrait(kGroup[i].who));
    CHECK(face.seen->face.box.x == kGroup[i].x);
    REQUIRE(face.found.matches.size() == alone.matches.size());
    CHECK(face.found.matches_total == alone.matches_total);
    for (std::size_t k = 0; k < alone.matches.size(); ++k) {
      CHECK(face.found.matches[k].face == alone.matches[k].face);
      CHECK(face.found.matches[k].cosine == alone.matches[k].cosine);
    }
  }
  // What is said of one face is said of the largest.
  CHECK(result.seen->face.box.width == 60);
  CHECK(result.matches.size() == 2);
  CHECK(result.warnings.empty());
  CHECK_FALSE(result.found_nobody());
  CHECK(search_all(world, picture(100, 100, {{10, 10, 60, 180}})).found_nobody());

  const auto detected = service::detect(*world.engines, "fake", group());
  REQUIRE(detected.faces.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(detected.faces[i].face.box.x == result.faces->at(i).seen->face.box.x);
}

TEST_CASE("a face that is refused is said so, and costs no other face its answer", "[faces]") {
  World world;
  Policy policy = World::easy();
  policy.search.liveness = true;
  policy.min_face_px = 45;
  world.create("a", policy);
  world.enroll("a", portrait(70), "Ann");
  const auto scene = picture(300, 120, {{10, 10, 60, 10, 0}, {100, 20, 50, 70}, {180, 30, 40, 130}});
  const auto result = search_all(world, scene);
  REQUIRE(result.faces->size() == 3);
  CHECK(result.faces->at(0).refused->reason() == "LIVENESS_FAILED");
  CHECK_FALSE(result.faces->at(1).refused);
  CHECK(result.faces->at(2).refused->reason() == "FACE_TOO_SMALL");
  CHECK(result.seen->face.box.width == 50);
  CHECK(result.matches.at(0).name == "Ann");
  const auto dead = picture(300, 120, {{10, 10, 60, 10, 0}, {180, 30, 40, 130}});
  CHECK(fault_of([&] { search_all(world, dead); }).is(Cause::kLivenessFailed, "LIVENESS_FAILED"));
  CHECK(fault_of([&] { search_all(world, picture(100, 100, {})); }).is(Cause::kRefused, "FACE_NOT_FOUND"));
}

TEST_CASE("a picture of more faces than one request takes is answered for the largest", "[faces]") {
  World world;
  world.create("a");
  std::vector<PaintedFace> crowd;
  for (int i = 0; i < 510; ++i) crowd.push_back({(i % 30) * 40, (i / 30) * 40, i < 5 ? 20 : 30, 60});
  const auto result = search_all(world, picture(1200, 720, crowd));
  CHECK(result.faces->size() == kMaxFacesOfPicture);
  CHECK(result.faces->back().seen->face.box.width == 30);
  CHECK(result.seen->faces_found == 510);
  CHECK(reasons(result.warnings) == List{"FACES_LEFT_OUT"});
  CHECK(service::limit_of_face(100, 500) == 100);
  CHECK(service::limit_of_face(10'000, 500) == 100);
  CHECK(service::limit_of_face(10'000, 1) == 10'000);
}

TEST_CASE("a template is one face without a picture", "[faces]") {
  World world;
  world.create("a");
  world.enroll("a", portrait(90), "Ann");
  const service::GivenTemplate given{{0, 1, 0, 0}, fingerprint(world.engines->pack("fake"))};
  const auto result = search_all(world, given);
  REQUIRE(result.faces->size() == 1);
  CHECK_FALSE(result.faces->at(0).seen);
  CHECK(result.faces->at(0).found.matches.at(0).name == "Ann");
}

TEST_CASE("strangers become persons of their own, once", "[faces]") {
  World world;
  world.create("a");
  const auto first = enroll_all(world, group());
  CHECK(outcomes(first) == List{"new unknown-1", "new unknown-2", "new unknown-3"});
  CHECK(first.face == first.faces->at(0).face);
  CHECK(world.faces("a") == 3);
  // The same picture again: nothing is added, and no face is looked at.
  const auto again = enroll_all(world, group());
  CHECK(again.already_enrolled);
  CHECK(outcomes(again) == List{"already unknown-1", "already unknown-2", "already unknown-3"});
  CHECK(again.face == first.face);
  // Another picture of them, with a stranger.
  const auto more = enroll_all(world, picture(300, 120, {{10, 10, 60, 12}, {100, 20, 50, 180}}));
  CHECK(outcomes(more) == List{"matched unknown-1", "new unknown-4"});
  CHECK(more.faces->at(0).person == first.faces->at(0).person);
  CHECK(more.faces->at(0).similarity.value() > 80);
  CHECK(world.faces("a") == 4);
  const auto joined = enroll_all(world, picture(300, 120, {{10, 10, 60, 14}, {100, 20, 50, 72}}), true);
  CHECK(outcomes(joined) == List{"joined unknown-1", "joined unknown-2"});
  CHECK(joined.faces->at(0).person == first.faces->at(0).person);
  CHECK(joined.faces->at(0).face != first.faces->at(0).face);
  CHECK(world.faces("a") == 6);
}

TEST_CASE("one person twice in a picture is one person", "[faces]") {
  World world;
  world.create("a");
  const auto twice = picture(300, 120, {{10, 10, 60, 10}, {100, 20, 50, 11}});
  CHECK(outcomes(enroll_all(world, twice)) == List{"new unknown-1", "matched unknown-1"});
  World other;
  other.create("a");
  CHECK(outcomes(enroll_all(other, twice, true)) == List{"new unknown-1", "joined unknown-1"});
  CHECK(other.faces("a") == 2);
}

TEST_CASE("a given name is that of a picture's one face", "[faces]") {
  World world;
  world.create("a");
  CHECK(outcomes(enroll_all(world, portrait(10), false, "Ann")) == List{"new Ann"});
  const auto several = enroll_all(world, group(), false, "Bob");
  CHECK(outcomes(several) == List{"matched Ann", "new unknown-1", "new unknown-2"});
  CHECK(reasons(several.warnings) == List{"NAME_NOT_USED"});
  const auto other = enroll_all(world, portrait(11), false, "Bob");
  CHECK(outcomes(other) == List{"matched Ann"});
  CHECK(reasons(other.warnings) == List{"NAME_DIFFERS"});
  // A bystander who is too small to count is a stranger.
  World street;
  street.create("a");
  const auto beside =
      enroll_all(street, picture(300, 200, {{10, 10, 150, 180}, {200, 30, 20, 100}}), false, "Cy");
  CHECK(outcomes(beside) == List{"new Cy", "new unknown-1"});
}

TEST_CASE("what the detector is not sure of is no new person", "[faces]") {
  World world;
  world.create("a");
  const auto scene = picture(300, 120, {{10, 10, 60, 10}, {100, 20, 50, 70, 255, 150}});
  CHECK(outcomes(enroll_all(world, scene)) == List{"new unknown-1", "FACE_UNCERTAIN"});
  const auto unsure = picture(300, 120, {{100, 20, 50, 130, 255, 150}});
  CHECK(fault_of([&] { enroll_all(world, unsure); }).is(Cause::kRefused, "FACE_UNCERTAIN"));
  CHECK(world.faces("a") == 1);
}

TEST_CASE("a picture is looked at again until all its faces are enrolled", "[faces]") {
  World world;
  world.create("a");
  const auto ann = world.enroll("a", portrait(11), "Ann");
  const auto first = enroll_all(world, group());
  CHECK(outcomes(first) == List{"matched Ann", "new unknown-1", "new unknown-2"});
  CHECK_FALSE(first.already_enrolled);
  CHECK(outcomes(enroll_all(world, group())) ==
        List{"matched Ann", "already unknown-1", "already unknown-2"});
  const auto joined = enroll_all(world, group(), true);
  CHECK(outcomes(joined) == List{"joined Ann", "already unknown-1", "already unknown-2"});
  CHECK(joined.face != ann.face);
  const auto whole = enroll_all(world, group(), true);
  CHECK(whole.already_enrolled);
  CHECK_FALSE(whole.faces->at(0).seen);  // not looked at
  CHECK(outcomes(whole) == List{"already Ann", "already unknown-1", "already unknown-2"});
  CHECK(world.faces("a") == 4);
  // Whoever was deleted comes anew.
  world.erase("a", whole.faces->at(2).face);
  CHECK(outcomes(enroll_all(world, group())) == List{"already Ann", "already unknown-1", "new unknown-2"});
}

TEST_CASE("another policy ranks faces otherwise, and enrols none twice", "[faces]") {
  World world;
  Policy policy = World::easy();
  policy.min_face_px = 45;
  world.create("a", policy);
  CHECK(outcomes(enroll_all(world, group(), true)) ==
        List{"new unknown-1", "new unknown-2", "FACE_TOO_SMALL"});
  CHECK(enroll_all(world, group(), true).already_enrolled);
  world.store.open("a")->update_policy([](const CollectionRecord& record) {
    Policy easier = record.policy;
    easier.min_face_px = 55;
    return easier;
  });
  const auto scene = picture(300, 120, kGroup);
  world.erase("a", enroll_all(world, scene, true).faces->at(1).face);
  CHECK(outcomes(enroll_all(world, scene, true)) ==
        List{"already unknown-1", "FACE_TOO_SMALL", "FACE_TOO_SMALL"});
  CHECK(world.faces("a") == 1);
}

TEST_CASE("what a picture is enrolled with is said where the request differs", "[faces]") {
  World world;
  world.create("a");
  auto context = world.context();
  EnrollRequest request = request_of(portrait(10), false, "Ann");
  request.metadata = {{"team", "blue"}};
  service::enroll(context, world.caller, request);
  CHECK(service::enroll(context, world.caller, request).warnings.empty());
  request.user_name = "Bob";
  request.metadata = {{"team", "red"}};
  CHECK(reasons(service::enroll(context, world.caller, request).warnings) ==
        List{"NAME_DIFFERS", "METADATA_DIFFERS"});
  enroll_all(world, group());
  request = request_of(group());
  request.metadata = {{"team", "red"}};
  CHECK(reasons(service::enroll(context, world.caller, request).warnings) == List{"METADATA_DIFFERS"});
}

TEST_CASE("numbers of strangers go on after the highest", "[faces]") {
  World world;
  world.create("a");
  world.enroll("a", portrait(10), "unknown-41");
  world.enroll("a", portrait(10), "unknown-7b");
  CHECK(outcomes(enroll_all(world, portrait(120))) == List{"new unknown-42"});
  CHECK(service::unknown_number("unknown-") == 0);
  CHECK(service::unknown_number("unknown-99999999999999999999") == 0);
  CHECK(service::unknown_number("Unknown-3") == 0);
  CHECK(service::unknown_number("unknown-999999999") == service::kMostUnknown);
  CHECK(service::unknown_number("unknown-1000000000") == 0);
  // Where they are used up, no two strangers get one name.
  world.enroll("a", portrait(60), "unknown-999999999");
  const auto other = enroll_all(world, portrait(170));
  CHECK(other.faces->at(0).name == "unknown-" + other.person.text());
}

TEST_CASE("a face that comes between the look and the write is matched, not added", "[faces]") {
  World world;
  world.create("a");
  world.store.before_write = [&] { world.enroll("a", portrait(70), "Bob"); };
  CHECK(outcomes(enroll_all(world, group())) == List{"new unknown-1", "matched Bob", "new unknown-2"});
  World twice;
  twice.create("a");
  twice.store.writes_twice = true;
  CHECK(outcomes(enroll_all(twice, group())) == List{"new unknown-1", "new unknown-2", "new unknown-3"});
  CHECK(twice.faces("a") == 3);
}

TEST_CASE("a batch enrols pictures of several faces, also beside others", "[faces][batch]") {
  for (const unsigned threads : {1U, 3U}) {
    World world;
    world.create("a");
    const std::vector<Picture> pictures{group(), picture(300, 120, {{10, 10, 60, 11}, {100, 20, 50, 180}}),
                                        group(), picture(100, 100, {})};
    std::vector<service::BatchAnswer<EnrollResult>> answers;
    const auto run = [&](bool join) {
      answers.clear();
      std::size_t begun = 0;
      service::BatchWork work;
      work.engines = [&] { return world.new_engines(); };
      work.threads = threads;
      service::enroll_batch(
          world.store, world.caller, "a", work, {},
          [&]() -> std::optional<service::BatchInput<EnrollRequest>> {
            if (begun == pictures.size()) return std::nullopt;
            const Picture& one = pictures[begun];
            return service::BatchInput<EnrollRequest>{std::to_string(begun++),
                                                      [&one, join] { return request_of(one, join); }};
          },
          [&](auto group) { std::ranges::move(group, std::back_inserter(answers)); });
    };
    const auto made = [&](std::size_t i) { return outcomes(std::get<EnrollResult>(answers.at(i).outcome)); };
    run(false);
    CHECK(made(0) == List{"new unknown-1", "new unknown-2", "new unknown-3"});
    CHECK(made(1) == List{"matched unknown-1", "new unknown-4"});
    CHECK(made(2) == List{"already unknown-1", "already unknown-2", "already unknown-3"});
    CHECK(std::get<Error>(answers.at(3).outcome).reason() == "FACE_NOT_FOUND");
    CHECK(world.faces("a") == 4);
    for (int again = 0; again < 2; ++again) {  // what was enrolled is known; who was matched joins, once
      run(true);
      CHECK(made(0) == List{"already unknown-1", "already unknown-2", "already unknown-3"});
      CHECK(made(1) == (again == 0 ? List{"joined unknown-1", "already unknown-4"}
                                   : List{"already unknown-1", "already unknown-4"}));
      CHECK(std::get<EnrollResult>(answers[1].outcome).already_enrolled == (again > 0));
      CHECK(world.faces("a") == 5);
    }
  }
}

TEST_CASE("a picture whose one face was enrolled is known to a batch of every face, and the other way round",
          "[faces][batch]") {
  World world;
  world.create("a");
  const auto plain = world.enroll("a", portrait(10), "Ann");
  CHECK(outcomes(enroll_all(world, portrait(10), true)) == List{"already Ann"});
  CHECK(world.faces("a") == 1);
  world.erase("a", plain.face);
  CHECK(outcomes(enroll_all(world, portrait(10), true)) == List{"new unknown-1"});
  // Of a group, enrolled by a face that is not the first.
  Policy policy = World::easy();
  policy.enroll.several_faces = SeveralFaces::kLargest;
  World other;
  other.create("a", policy);
  const auto pair =
      picture(300, 120, {{5, 5, 52, 10}, {125, 35, 50, 70}});  // the second is nearer to the centre
  CHECK(other.enroll("a", pair, "Bob").probe.seen->face.box.width == 50);
  CHECK(outcomes(enroll_all(other, pair, true)) == List{"new unknown-1", "already Bob"});
  CHECK(other.faces("a") == 2);
}

TEST_CASE("all faces of two pictures are compared with each other", "[faces]") {
  World world;
  const auto other = picture(300, 120, {{10, 10, 60, 72}, {100, 20, 50, 11}});
  const service::FaceChoice every{false, 0, true};
  const auto result = service::verify_pair(*world.engines, "fake", group(), other, 80, every);
  REQUIRE(result.faces);
  CHECK(result.match);
  CHECK(result.faces->a.size() == 3);
  CHECK(result.faces->b.size() == 2);
  REQUIRE(result.faces->pairs.size() == 6);
  const auto& best = result.faces->pairs;
  CHECK((best[0].a == 0 && best[0].b == 1 && best[0].match));
  CHECK((best[1].a == 1 && best[1].b == 0 && best[1].match));
  CHECK_FALSE(best[2].match);
  CHECK(result.similarity == best[0].similarity);
  CHECK(result.a.seen->face.box.x == 10);
  CHECK(result.b->seen->face.box.x == 100);
}

TEST_CASE("a person is found among the faces of a picture", "[faces]") {
  World world;
  world.create("a");
  const auto bob = world.enroll("a", portrait(70), "Bob");
  world.enroll("a", portrait(75), "Bob", bob.person);
  auto context = world.context();
  const auto verify = [&](const std::string& face, const std::string& person) {
    return service::verify_face(context, world.caller, {"a", face, person, group(), true});
  };
  for (const auto& result : {verify(bob.face.text(), ""), verify("", bob.person.text())}) {
    CHECK(result.match);
    CHECK(result.face == bob.face);
    CHECK(result.a.seen->face.box.x == 100);
    REQUIRE(result.faces->pairs.size() == 3);
    CHECK(result.faces->pairs[0].a == 1);
    CHECK(result.faces->pairs[0].match);
    CHECK(result.faces->b.empty());
  }
}

}  // namespace facesearch::test

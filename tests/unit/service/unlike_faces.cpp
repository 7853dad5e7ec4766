// SPDX-License-Identifier: MIT
// Photographs that are far from their person's others: named at enrolment and by a check, and left out of the
// mean.
#include "facesearch/service/persons/unlike_faces.hpp"

#include <algorithm>

#include "catch.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"
#include "facesearch/service/persons/change_persons.hpp"
#include "service/degrees.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

// A collection of the pack `fake`: a face agrees with others that are 60 degrees away at most.
struct Album {
  explicit Album(MatchBy match_by = MatchBy::kPerson) {
    Policy policy = World::easy();
    policy.match_by = match_by;
    world.create("a", policy);
  }

  service::EnrollResult enroll(double degrees, const std::optional<Uuid>& person = {}) {
    const auto print = fingerprint(world.engines->pack("fake"));
    return world.enroll("a", service::GivenTemplate{at(degrees), print}, "Ada", person);
  }

  service::PeopleReport check() {
    auto context = world.context();
    return service::check_people(context, world.caller, "a");
  }

  service::Person leave_out(const std::string& face, bool withdraw = false) {
    auto context = world.context();
    return service::leave_face_out(context, world.caller, {"a", face, withdraw});
  }

  bool in_mean(const Uuid& face) {
    const auto collection = world.store.open("a");
    const auto view = collection->snapshot();
    return view->means()->holds(face);
  }

  World world;
};

std::vector<std::string> warned_of(const service::EnrollResult& result) {
  std::vector<std::string> found;
  for (const auto& warning : result.warnings) found.push_back(warning.reason);
  return found;
}

}  // namespace

TEST_CASE("a face that is added to a person whom it is unlike is named", "[persons]") {
  Album album;
  const auto ada = album.enroll(0);
  CHECK(warned_of(ada).empty());
  CHECK(warned_of(album.enroll(5, ada.person)).empty());
  CHECK(warned_of(album.enroll(10, ada.person)).empty());
  const auto wrong = album.enroll(120, ada.person);
  REQUIRE(warned_of(wrong) == std::vector<std::string>{"FACE_UNLIKE_PERSON"});
  CHECK(wrong.warnings.front().detail.find(wrong.face.text()) != std::string::npos);
  CHECK_FALSE(album.in_mean(wrong.face));
  CHECK(album.in_mean(ada.face));
  // A new person is unlike nobody.
  CHECK(warned_of(album.enroll(240)).empty());

  Album by_face(MatchBy::kFace);
  const auto other = by_face.enroll(0);
  CHECK(warned_of(by_face.enroll(120, other.person)).empty());
}

TEST_CASE("a batch names the faces that are unlike their persons", "[persons]") {
  Album album;
  const auto print = fingerprint(album.world.engines->pack("fake"));
  const std::vector<std::pair<std::string, double>> inputs{
      {"Ada", 0}, {"Ada", 5}, {"Eve", 200}, {"Ada", 100}};
  std::size_t next = 0;
  std::map<std::string, std::vector<std::string>> named;
  service::BatchWork work;
  work.engines = [&] { return album.world.new_engines(); };
  work.threads = 2;
  service::enroll_batch(
      album.world.store, album.world.caller, "a", work, {.one_person_per_name = true},
      [&]() -> std::optional<service::BatchInput<service::EnrollRequest>> {
        if (next == inputs.size()) return std::nullopt;
        const auto [name, degrees] = inputs[next++];
        service::BatchInput<service::EnrollRequest> input;
        input.input = std::to_string(static_cast<int>(degrees));
        input.read = [name = name, degrees = degrees, print] {
          service::EnrollRequest request;
          request.collection_id = "a";
          request.user_name = name;
          request.probe = service::GivenTemplate{at(degrees), print};
          return request;
        };
        return input;
      },
      [&](auto answers) {
        for (const auto& answer : answers) {
          named[answer.input] = warned_of(std::get<service::EnrollResult>(answer.outcome));
        }
      });
  CHECK(named["0"].empty());
  CHECK(named["5"].empty());
  CHECK(named["200"].empty());
  CHECK(named["100"] == std::vector<std::string>{"FACE_UNLIKE_PERSON"});
}

TEST_CASE("a check lists persons with faces that are unlike their others, whatever a search compares",
          "[persons]") {
  Album album(GENERATE(MatchBy::kFace, MatchBy::kPerson));
  const auto ada = album.enroll(0);
  album.enroll(5, ada.person);
  album.enroll(10, ada.person);
  const auto wrong = album.enroll(120, ada.person);
  const auto mixed = album.enroll(200);
  album.enroll(290, mixed.person);
  const auto whole = album.enroll(45);
  album.enroll(46, whole.person);
  album.enroll(300);
  const service::PeopleReport report = album.check();
  CHECK(report.persons == 3);
  CHECK(report.unlike_total == 2);
  REQUIRE(report.unlike.size() == 2);
  const bool first = report.unlike[0].person.id == ada.person;
  const service::UnlikePerson& one = report.unlike[first ? 0 : 1];
  const service::UnlikePerson& other = report.unlike[first ? 1 : 0];
  CHECK(one.person.faces == 4);
  CHECK_FALSE(one.mixed);
  REQUIRE(one.faces.size() == 1);
  CHECK(one.faces[0].face == wrong.face);
  CHECK(one.faces[0].similarity < 70);
  CHECK(other.person.id == mixed.person);
  CHECK(other.mixed);
  CHECK(other.faces.size() == 2);

  album.leave_out(wrong.face.text());
  CHECK(album.check().unlike_total == 1);
}

TEST_CASE("a face that is left out of the mean comes back when that is taken back", "[persons]") {
  Album album;
  const auto ada = album.enroll(0);
  const auto more = album.enroll(5, ada.person);
  album.enroll(10, ada.person);
  CHECK(album.leave_out(more.face.text()).faces == 3);
  CHECK_FALSE(album.in_mean(more.face));
  CHECK(album.in_mean(ada.face));
  auto context = album.world.context();
  const auto listed = service::list_decisions(context, album.world.caller, "a").decisions;
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].kind == Decision::Kind::kNotInMean);
  album.leave_out(more.face.text());  // once more is once
  CHECK(service::list_decisions(context, album.world.caller, "a").decisions.size() == 1);
  album.leave_out(more.face.text(), true);
  CHECK(album.in_mean(more.face));
  CHECK(fault_of([&] { album.leave_out(more.face.text(), true); }).is(Cause::kInvalidValue, "NOT_DECIDED"));
  CHECK(fault_of([&] { album.leave_out(Uuid::make().text()); }).cause == Cause::kFaceUnknown);
  // It ends with the face.
  album.leave_out(more.face.text());
  album.world.erase("a", more.face);
  CHECK(service::list_decisions(context, album.world.caller, "a").decisions.empty());
}

TEST_CASE("a face that was left out of a person's mean counts in that of its next person", "[persons]") {
  Album album;
  const auto ada = album.enroll(0);
  const auto eve = album.enroll(100);
  album.enroll(2, ada.person);
  album.enroll(102, eve.person);
  const auto wrong = album.enroll(104, ada.person);
  auto context = album.world.context();
  const auto decided = [&] { return service::list_decisions(context, album.world.caller, "a").decisions; };
  SECTION("by a move") {
    album.leave_out(wrong.face.text());
    service::move_face(context, album.world.caller, {"a", wrong.face.text(), eve.person.text()});
    CHECK(album.in_mean(wrong.face));
    CHECK(decided().empty());
  }
  SECTION("by a split") {
    album.leave_out(wrong.face.text());
    service::split_person(context, album.world.caller, {"a", {wrong.face.text()}, {}});
    CHECK(decided().empty());
  }
  SECTION("by a rejection") {
    album.leave_out(wrong.face.text());
    service::reject_face(context, album.world.caller, {"a", wrong.face.text(), ada.person.text()});
    REQUIRE(decided().size() == 1);
    CHECK(decided().front().kind == Decision::Kind::kNotThisPerson);
  }
  SECTION("but not in a merge, where the person stays the same") {
    album.leave_out(wrong.face.text());
    service::merge_persons(context, album.world.caller, {"a", {ada.person.text(), eve.person.text()}});
    CHECK(decided().size() == 1);
  }
}

TEST_CASE("a face that was stored is answered, though nobody can see whether it is like its person's others",
          "[persons]") {
  Album album;
  const auto ada = album.enroll(0);
  album.enroll(5, ada.person);
  album.world.store.snapshots_fail_after_a_write = true;
  const auto wrong = album.enroll(120, ada.person);
  CHECK(warned_of(wrong).empty());
  album.world.store.snapshots_fail_after_a_write = false;
  CHECK_FALSE(album.in_mean(wrong.face));
}

TEST_CASE("a person of ten thousand photographs has a mean", "[persons]") {
  Album album;
  const Uuid person = Uuid::make();
  album.world.store.open("a")->write([&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < 10'000; ++i) {
      transaction.add({Uuid::make(), person, "Ada", {}, 1}, at(0.001 * i));
    }
  });
  const auto one_more = album.enroll(3, person);
  CHECK(warned_of(one_more).empty());
  CHECK(album.in_mean(one_more.face));
  CHECK(warned_of(album.enroll(100, person)) == std::vector<std::string>{"FACE_UNLIKE_PERSON"});
  const service::PeopleReport report = album.check();
  REQUIRE(report.unlike.size() == 1);
  CHECK(report.unlike[0].person.faces == 10'002);
  CHECK(report.unlike[0].faces.size() == 1);
}

}  // namespace facesearch::test

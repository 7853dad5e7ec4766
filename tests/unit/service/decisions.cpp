// SPDX-License-Identifier: MIT
// What people decided about faces, and that every verb keeps to it.
#include "facesearch/service/persons/decisions.hpp"

#include <algorithm>
#include <set>

#include "catch.hpp"
#include "facesearch/service/collections/faces.hpp"
#include "facesearch/service/collections/merge.hpp"
#include "facesearch/service/compare/dedupe.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"
#include "facesearch/service/persons/change_persons.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

using service::Remember;

// Ada and her sister Eve, 20 degrees apart: each is found for the other's picture.
struct Sisters {
  explicit Sisters(const Policy& policy = World::easy()) {
    world.create("a", policy);
    ada = world.enroll("a", portrait(10), "Ada");
    more = world.enroll("a", portrait(12), "Ada", ada.person);
    eve = world.enroll("a", portrait(30), "Eve");
  }

  service::Person reject(const Uuid& face, const Uuid& person, bool withdraw = false) {
    auto context = world.context();
    return service::reject_face(context, world.caller, {"a", face.text(), person.text(), withdraw});
  }

  void erase(const Uuid& face, Remember remember, bool purge = false) {
    auto context = world.context();
    service::delete_face(context, world.caller, {"a", face.text(), purge, remember});
  }

  void readmit(const Uuid& face) {
    auto context = world.context();
    service::readmit_face(context, world.caller, {"a", face.text()});
  }

  std::multiset<std::string> found(std::uint8_t who, const std::string& collection = "a") {
    std::multiset<std::string> names;
    for (const auto& match : world.search(collection, portrait(who)).matches) names.insert(match.name);
    return names;
  }

  std::vector<Decision> decisions() {
    auto context = world.context();
    return service::list_decisions(context, world.caller, "a").decisions;
  }

  Fault refused_picture(std::uint8_t who) {
    return fault_of([&] { world.enroll("a", portrait(who), "again"); });
  }

  World world;
  service::EnrollResult ada;
  service::EnrollResult more;
  service::EnrollResult eve;
};

using Names = std::multiset<std::string>;

// The outcome or reason of each face of a picture.
std::vector<std::string> enrol_all(World& world, const std::vector<std::uint8_t>& probe, bool join) {
  auto context = world.context();
  service::EnrollRequest request;
  request.collection_id = "a";
  request.probe = probe;
  request.every_face = true;
  request.join = join;
  std::vector<std::string> list;
  const auto result = service::enroll(context, world.caller, request);
  for (const auto& face : result.faces.value())
    list.push_back(face.refused ? face.refused->reason() : face.name);
  return list;
}

}  // namespace

TEST_CASE("a person that a face is not is not found for its picture, and for others still", "[decisions]") {
  Sisters a;
  CHECK(a.found(30) == Names{"Ada", "Ada", "Eve"});
  const auto person = a.reject(a.eve.face, a.ada.person);
  CHECK((person.id == a.eve.person && person.name == "Eve"));
  CHECK(a.found(30) == Names{"Eve"});
  CHECK(a.world.search("a", portrait(30)).matches_total == 1);
  CHECK(a.found(34) == Names{"Ada", "Ada", "Eve"});  // another picture
  CHECK(a.found(10) == Names{"Ada", "Ada", "Eve"});  // Ada's: nothing was decided about it
  // The limit counts what is left.
  CHECK(a.world.search("a", portrait(30), 1).matches.front().name == "Eve");
  a.reject(a.eve.face, a.ada.person, true);
  CHECK(a.found(30) == Names{"Ada", "Ada", "Eve"});
  CHECK(fault_of([&] { a.reject(a.eve.face, a.ada.person, true); }).is(Cause::kInvalidValue, "NOT_DECIDED"));
}

TEST_CASE("a face that is rejected as its person's becomes a person of its own", "[decisions]") {
  Sisters a;
  const auto person = a.reject(a.more.face, a.ada.person);
  CHECK(person.id != a.ada.person);
  CHECK(person.name == "unknown-" + person.id.text());
  CHECK(person.faces == 1);
  CHECK(a.found(12) == Names{person.name, "Eve"});
  CHECK(a.decisions().size() == 1);
  a.reject(a.more.face, a.ada.person);  // again changes nothing
  CHECK(a.decisions().size() == 1);
  CHECK(fault_of([&] { a.reject(a.eve.face, a.eve.person); }).is(Cause::kInvalidValue, "WHOLE_PERSON"));
  CHECK(fault_of([&] { a.reject(a.eve.face, Uuid::make()); }).is(Cause::kInvalidValue, "PERSON_NOT_FOUND"));
  CHECK(fault_of([&] { a.reject(Uuid::make(), a.ada.person); }).cause == Cause::kFaceUnknown);
  a.world.erase("a", a.more.face);
  CHECK(a.decisions().empty());
  CHECK(fault_of([&] { a.reject(a.more.face, a.ada.person); }).cause == Cause::kFaceGone);
}

TEST_CASE("rejected pairs are none to dedupe, in its count and its clusters", "[decisions]") {
  Sisters a;
  auto context = a.world.context();
  const auto dedupe = [&](service::DedupeRequest request) {
    request.collection_id = "a";
    return service::dedupe(context, a.world.caller, request);
  };
  CHECK(dedupe({}).pairs_total == 2);
  CHECK(dedupe({.collection_id = "a", .clusters = true}).clusters->size() == 1);
  const auto other = a.world.enroll("a", portrait(40), "Cy");  // 10 from Eve, 30 and 28 from Ada
  CHECK(dedupe({}).pairs_total == 5);
  a.reject(a.eve.face, a.ada.person);
  auto result = dedupe({});
  CHECK(result.pairs_total == 3);
  CHECK(result.pairs_rejected == 2);
  CHECK(result.pairs.size() == 3);
  for (const auto& pair : result.pairs) CHECK((pair.a.name == "Cy" || pair.b.name == "Cy"));
  CHECK(dedupe({.collection_id = "a", .limit = 1}).pairs.size() == 1);
  CHECK(dedupe({.collection_id = "a", .limit = 3}).pairs.size() == 3);
  // From the other side too: a pair counts once, however often it is ruled out.
  a.reject(a.ada.face, a.eve.person);
  CHECK(dedupe({}).pairs_rejected == 2);
  CHECK(dedupe({.collection_id = "a", .similarity = 100}).pairs_rejected ==
        0);  // below the threshold it is no pair anyway
  a.reject(other.face, a.ada.person);
  a.reject(other.face, a.eve.person);
  result = dedupe({.collection_id = "a", .same_person = true, .clusters = true});
  CHECK(result.pairs_total == 1);  // Ada's own
  CHECK(result.clusters->size() == 1);
  CHECK(result.clusters->front().size() == 2);
}

TEST_CASE("a person that a face is not is no duplicate of its picture", "[decisions]") {
  Sisters a;
  a.world.store.open("a")->update_policy([](const CollectionRecord& record) {
    Policy policy = record.policy;
    policy.duplicates = Duplicates::kReject;
    return policy;
  });
  const auto once_more = [&] { a.world.enroll("a", portrait(30), "Eve", a.eve.person); };
  CHECK(fault_of(once_more).is(Cause::kRefused, "DUPLICATE_FACE"));
  a.reject(a.eve.face, a.ada.person);
  CHECK_FALSE(fault_of(once_more).thrown);
}

TEST_CASE("a face of a picture does not join the person that it is not", "[decisions]") {
  Sisters a;
  a.reject(a.eve.face, a.ada.person);
  // Eve's picture again, among others: her own face is the match, and Ada's would be the next.
  CHECK(enrol_all(a.world, picture(300, 120, {{10, 10, 60, 30}}), true) == std::vector<std::string>{"Eve"});
  const auto alone = a.reject(a.more.face, a.ada.person);
  a.reject(a.more.face, a.eve.person);
  CHECK(enrol_all(a.world, picture(300, 120, {{10, 10, 60, 12}}), false) ==
        std::vector<std::string>{alone.name});
}

TEST_CASE("a later word of the same people counts: move, merge and split", "[decisions]") {
  Sisters a;
  auto context = a.world.context();
  const auto cy = a.world.enroll("a", portrait(100), "Cy");
  a.reject(a.eve.face, a.ada.person);
  a.reject(cy.face, a.ada.person);
  a.reject(cy.face, a.eve.person);
  service::move_face(context, a.world.caller, {"a", a.eve.face.text(), a.ada.person.text()});
  CHECK(a.found(30) == Names{"Ada", "Ada", "Ada"});
  CHECK(a.decisions().size() == 2);
  // Who is merged into a person takes what was decided along; a pair is listed once.
  const auto dee = a.world.enroll("a", portrait(130), "Dee");
  a.reject(cy.face, dee.person);
  service::merge_persons(context, a.world.caller, {"a", {dee.person.text(), a.ada.person.text()}});
  std::set<Uuid> persons;
  for (const Decision& decision : a.decisions()) persons.insert(decision.person);
  CHECK(persons == std::set<Uuid>{dee.person, a.eve.person});
  service::merge_persons(context, a.world.caller, {"a", {dee.person.text(), cy.person.text()}});
  CHECK(a.decisions().size() == 1);
}

TEST_CASE("the picture of a remembered face is not enrolled again", "[decisions]") {
  for (const bool purge : {false, true}) {
    Sisters a;
    a.erase(a.eve.face, Remember::kPicture, purge);
    const Fault fault = a.refused_picture(30);
    CHECK(fault.is(Cause::kRefused, "DELETED_FACE"));
    CHECK(fault.says(a.eve.face.text()));
    CHECK(a.world.faces("a") == 2);
    CHECK_FALSE(a.refused_picture(31).thrown);  // another picture of hers
    CHECK(a.found(30) == Names{"Ada", "Ada", "again"});
    a.readmit(a.eve.face);
    CHECK_FALSE(a.refused_picture(30).thrown);
    CHECK(fault_of([&] { a.readmit(a.eve.face); }).is(Cause::kInvalidValue, "NOT_DECIDED"));
  }
}

TEST_CASE("whose template is remembered is not enrolled by any picture", "[decisions]") {
  Sisters a;
  a.world.erase("a", a.ada.face);
  a.world.erase("a", a.more.face);
  a.erase(a.eve.face, Remember::kPictureAndTemplate);
  CHECK(a.refused_picture(30).is(Cause::kRefused, "DELETED_FACE"));
  CHECK(a.refused_picture(75).is(Cause::kRefused, "DELETED_FACE"));
  CHECK_FALSE(a.refused_picture(76).thrown);
  CHECK(fault_of([&] { a.erase(a.eve.face, Remember::kPicture); }).cause == Cause::kFaceGone);
  const auto kept = a.world.enroll("a", portrait(120), "Cy");
  CHECK(fault_of([&] {
          a.erase(kept.face, Remember::kPictureAndTemplate, true);
        }).is(Cause::kInvalidValue, "PURGE_KEEPS_NO_TEMPLATE"));
  CHECK(a.found(120).size() == 2);
}

TEST_CASE("of a picture of several, only the face that was remembered is refused", "[decisions]") {
  World world;
  world.create("a");
  const auto group = picture(300, 120, {{10, 10, 60, 10}, {100, 20, 50, 70}, {180, 30, 40, 130}});
  CHECK(enrol_all(world, group, false) == std::vector<std::string>{"unknown-1", "unknown-2", "unknown-3"});
  auto context = world.context();
  const auto faces = service::list_faces(context, world.caller, {"a", "", 1}).page.faces;
  service::delete_person(context, world.caller, {"a", faces.at(1).person.text(), false, Remember::kPicture});
  CHECK(enrol_all(world, group, false) == std::vector<std::string>{"unknown-1", "DELETED_FACE", "unknown-3"});
  CHECK(enrol_all(world, picture(300, 120, {{10, 10, 60, 70}}), false) ==
        std::vector<std::string>{"unknown-4"});
}

TEST_CASE("a face that was taken of a group is refused in the group, and no other", "[decisions]") {
  // Of two faces nearly alike in size the one nearer to the centre is taken.
  const auto pair = picture(400, 120, {{5, 10, 62, 10}, {170, 20, 60, 100}});
  const auto every = [&](World& world) { return enrol_all(world, pair, false); };
  Policy policy = World::easy();
  policy.enroll.several_faces = SeveralFaces::kLargest;
  {
    World world;
    world.create("a", policy);
    const auto taken = world.enroll("a", pair, "Bob");
    REQUIRE(taken.probe.seen->place == 1);
    auto context = world.context();
    service::delete_face(context, world.caller, {"a", taken.face.text(), false, Remember::kPicture});
    CHECK(every(world) == std::vector<std::string>{"unknown-1", "DELETED_FACE"});
    CHECK(fault_of([&] { world.enroll("a", pair); }).is(Cause::kRefused, "DELETED_FACE"));
  }
  // The other way round: deleted as one of the group, refused when it is taken alone.
  for (const std::size_t which : {std::size_t{0}, std::size_t{1}}) {
    World world;
    world.create("a", policy);
    CHECK(every(world).size() == 2);
    auto context = world.context();
    const auto faces = service::list_faces(context, world.caller, {"a", "", 1}).page.faces;
    service::delete_face(context, world.caller,
                         {"a", faces.at(which).face.text(), false, Remember::kPicture});
    CHECK(fault_of([&] { world.enroll("a", pair); }).thrown == (which == 1));
  }
}

TEST_CASE("who is split off a person takes along who is not that person", "[decisions]") {
  Sisters a;
  a.reject(a.eve.face, a.ada.person);
  auto context = a.world.context();
  const auto split =
      service::split_person(context, a.world.caller, {"a", {a.more.face.text()}, std::nullopt});
  CHECK(a.found(30) == Names{"Eve"});
  CHECK(a.decisions().size() == 2);
  service::move_face(context, a.world.caller, {"a", a.eve.face.text(), split.id.text()});
  CHECK(a.decisions().size() == 1);
}

TEST_CASE("a batch keeps to what was decided, input by input", "[decisions]") {
  Sisters a;
  a.erase(a.eve.face, Remember::kPicture);
  std::size_t next = 0;
  const std::vector<std::uint8_t> people{30, 100};
  std::vector<std::string> said;
  service::BatchWork work;
  work.threads = 1;
  work.engines = [&] { return a.world.new_engines(); };
  service::enroll_batch(
      a.world.store, a.world.caller, "a", work, {},
      [&]() -> std::optional<service::BatchInput<service::EnrollRequest>> {
        if (next == people.size()) return std::nullopt;
        const std::uint8_t who = people[next++];
        return service::BatchInput<service::EnrollRequest>{std::to_string(who), [who] {
                                                             service::EnrollRequest request;
                                                             request.collection_id = "a";
                                                             request.user_name = "x";
                                                             request.probe = portrait(who);
                                                             return request;
                                                           }};
      },
      [&](const std::vector<service::BatchAnswer<service::EnrollResult>>& answers) {
        for (const auto& answer : answers) {
          const auto* error = std::get_if<Error>(&answer.outcome);
          said.push_back(error == nullptr ? "added" : error->reason());
        }
      });
  CHECK(said == std::vector<std::string>{"DELETED_FACE", "added"});
}

TEST_CASE("decisions go along where collections are merged", "[decisions]") {
  Sisters a;
  a.reject(a.ada.face, a.eve.person);
  const auto cy = a.world.enroll("a", portrait(120), "Cy");
  a.erase(cy.face, Remember::kPictureAndTemplate);
  a.world.create("b");
  auto context = a.world.context();
  service::merge_collections(context, a.world.caller, {{"b", "a"}, "both", {}});
  CHECK(a.found(10, "both") == Names{"Ada", "Ada"});
  CHECK(fault_of([&] { a.world.enroll("both", portrait(121), "x"); }).is(Cause::kRefused, "DELETED_FACE"));

  // Each decision once; and what cannot be known again under another key is said.
  const auto merged = service::merge_collections(context, a.world.caller, {{"both", "a"}, "once", {}});
  CHECK(service::list_decisions(context, a.world.caller, "once").decisions.size() == 2);
  CHECK(std::ranges::count(merged.warnings, "DECISIONS_LEFT_OUT", &service::Warning::reason) == 0);
  const auto dee = a.world.enroll("a", portrait(60), "Dee");
  a.erase(dee.face, Remember::kPicture);
  CollectionRecord other = a.world.store.open("a")->record();
  other.id = "c";
  other.generation = Uuid::make();
  other.contents_key = Sha256{7};
  a.world.store.create(other);
  const auto lossy = service::merge_collections(context, a.world.caller, {{"c", "a"}, "lossy", {}});
  CHECK(std::ranges::count(lossy.warnings, "DECISIONS_LEFT_OUT", &service::Warning::reason) == 1);
}

TEST_CASE("a face of an unknown picture is remembered by its template alone", "[decisions]") {
  Sisters a;
  FaceRecord face;
  face.face = Uuid::make();
  face.person = Uuid::make();
  face.name = "old";
  const auto values = a.world.store.open("a")->snapshot()->find_template(a.eve.face).value();
  a.world.store.open("a")->write([&](WriteTransaction& transaction) { transaction.add(face, values); });
  CHECK(fault_of([&] {
          a.erase(face.face, Remember::kPicture);
        }).is(Cause::kInvalidValue, "PICTURE_NOT_KNOWN"));
  CHECK(a.world.faces("a") == 4);
  a.erase(face.face, Remember::kPictureAndTemplate);
  CHECK(a.refused_picture(30).is(Cause::kRefused, "DELETED_FACE"));
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "catch.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"
#include "facesearch/service/persons/change_persons.hpp"
#include "service/picture.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

using service::Person;
using service::PersonListRequest;
using List = std::vector<std::string>;

// A collection with persons by name; each face looks like nobody else.
struct People {
  People() { world.create("a"); }

  service::EnrollResult add(const std::string& name, std::optional<Uuid> person = {}) {
    return world.enroll("a", portrait(++last), name, person);
  }

  service::PersonListResult list(const PersonListRequest& request) {
    auto context = world.context();
    PersonListRequest asked = request;
    asked.collection_id = "a";
    return service::list_persons(context, world.caller, asked);
  }

  List names(const service::PersonFilter& filter) {
    List names;
    for (const Person& person : list({"", filter, {}, 100}).persons) names.push_back(person.name);
    return names;
  }

  // Each person, and its faces and their names.
  std::map<Uuid, std::multiset<std::string>> all() {
    std::map<Uuid, std::multiset<std::string>> persons;
    world.store.open("a")->snapshot()->visit_records(
        0, [&](const FaceRecord& face) { persons[face.person].insert(face.name); });
    return persons;
  }

  // What a change threw; it must have changed nothing then.
  template <class Change>
  Fault refused(const Change& change) {
    const auto before = all();
    auto context = world.context();
    const Fault fault = fault_of([&] { change(context); });
    CHECK(all() == before);
    return fault;
  }

  World world;
  std::uint8_t last = 0;
};

}  // namespace

TEST_CASE("persons are listed page by page, each once, in the order of their ids", "[persons]") {
  People people;
  std::vector<Uuid> ids;
  for (int i = 0; i < 23; ++i) ids.push_back(people.add("p" + std::to_string(i)).person);
  for (const int again : {0, 5, 5, 22}) people.add("other", ids[static_cast<std::size_t>(again)]);
  std::ranges::sort(ids);
  for (const std::size_t limit : {1U, 4U, 22U, 23U, 24U}) {
    PersonListRequest request;
    request.limit = limit;
    std::vector<Uuid> seen;
    std::uint64_t faces = 0;
    for (;;) {
      const auto page = people.list(request);
      for (const Person& person : page.persons) {
        seen.push_back(person.id);
        faces += person.faces;
        CHECK(person.name.starts_with("p"));
        CHECK(person.several_names == (person.faces > 1));
        CHECK(person.first <= person.last);
      }
      CHECK(page.persons.size() <= limit);
      if (!page.next) break;
      CHECK(page.persons.size() == limit);
      request.after = page.next;
    }
    CHECK(seen == ids);
    CHECK(faces == 27);
  }
  for (const std::size_t wrong : {std::size_t{0}, kMaxPersonsPerPage + 1}) {
    CHECK(fault_of([&] { people.list({"", {}, {}, wrong}); }).is(Cause::kInvalidValue, "LIMIT_INVALID"));
  }
}

TEST_CASE("a filter keeps the persons for whom all of it holds", "[persons]") {
  People people;
  const auto jose = people.add("José");  // U+00E9
  people.add("Jose\xCC\x81 Maria");      // the same spelt in two characters
  people.add("JOSE");
  people.add("Straße");
  people.add("José", jose.person);
  service::PersonFilter filter;
  filter.name = "Jose\xCC\x81";
  CHECK(people.names(filter) == List{"José"});
  filter.prefix = true;
  CHECK(people.names(filter) == List{"José", "Jose\xCC\x81 Maria"});
  filter.name = "jose";
  filter.ignore_case = true;
  CHECK(people.names(filter) == List{"José", "Jose\xCC\x81 Maria", "JOSE"});
  filter.prefix = false;
  CHECK(people.names(filter) == List{"José", "JOSE"});
  filter.faces_min = 2;
  CHECK(people.names(filter) == List{"José"});
  filter.name = "STRASSE";
  CHECK(people.names(filter).empty());
  filter.faces_min = 1;
  CHECK(people.names(filter) == List{"Straße"});
  CHECK(people.names({{}, false, false, {}, 2}) == List{"José"});
  CHECK(people.names({{}, false, false, Timestamp{0}, 1}).size() == 4);
  CHECK(people.names({{}, false, false, now() + 1000, 1}).empty());
}

TEST_CASE("a page with a filter goes on where it ended", "[persons]") {
  People people;
  for (int i = 0; i < 9; ++i) people.add(i % 2 == 0 ? "even" : "odd");
  PersonListRequest request;
  request.filter.name = "even";
  request.limit = 2;
  std::size_t found = 0;
  std::size_t pages = 0;
  for (bool more = true; more; ++pages) {
    const auto page = people.list(request);
    for (const Person& person : page.persons) CHECK(person.name == "even");
    found += page.persons.size();
    request.after = page.next;
    more = page.next.has_value();
  }
  CHECK((found == 5 && pages == 3));
}

TEST_CASE("a person is shown with its faces, and exported with their templates", "[persons]") {
  People people;
  const auto ada = people.add("Ada");
  people.add("Bob");
  const auto second = people.add("Ada", ada.person);
  auto context = people.world.context();
  const auto shown = service::show_person(context, people.world.caller, {"a", ada.person.text()});
  CHECK(shown.person.id == ada.person);
  REQUIRE(shown.faces.size() == 2);
  CHECK((shown.faces[0].face == ada.face && shown.faces[1].face == second.face));
  CHECK(shown.templates.empty());
  const auto exported = service::export_person(context, people.world.caller, {"a", ada.person.text()});
  REQUIRE(exported.templates.size() == 2);
  CHECK(exported.templates[1].size() == 4);
  CHECK(exported.fingerprint == fingerprint(people.world.engines->pack("fake")));
  for (const std::string& wrong : {Uuid::make().text(), std::string("Ada"), ada.face.text()}) {
    CHECK(fault_of([&] {
            service::show_person(context, people.world.caller, {"a", wrong});
          }).is(Cause::kInvalidValue, "PERSON_NOT_FOUND"));
  }
}

TEST_CASE("a rename is what answers say from then on, of all faces", "[persons]") {
  People people;
  const auto ada = people.add("Adda");
  people.add("Adda", ada.person);
  people.add("Bob");
  auto context = people.world.context();
  const Person renamed =
      service::rename_person(context, people.world.caller, {"a", ada.person.text()}, "Ada");
  CHECK((renamed.name == "Ada" && renamed.faces == 2 && !renamed.several_names));
  CHECK(people.world.search("a", portrait(1)).matches.at(0).name == "Ada");
  CHECK(people.world.search("a", portrait(2)).matches.at(0).name == "Ada");
  CHECK(people
            .refused([&](auto& c) {
              service::rename_person(c, people.world.caller, {"a", Uuid::make().text()}, "x");
            })
            .is(Cause::kInvalidValue, "PERSON_NOT_FOUND"));
}

TEST_CASE("persons become one: the first, with its name", "[persons]") {
  People people;
  const auto ada = people.add("Ada");
  const auto twin = people.add("A. Lovelace");
  const auto third = people.add("unknown-3");
  const auto bob = people.add("Bob");
  auto context = people.world.context();
  const auto merge = [&](service::Context& c, const std::vector<std::string>& persons) {
    return service::merge_persons(c, people.world.caller, {"a", persons});
  };
  const Person merged = merge(context, {ada.person.text(), twin.person.text(), third.person.text()});
  CHECK((merged.id == ada.person && merged.name == "Ada" && merged.faces == 3 && !merged.several_names));
  CHECK(people.all().size() == 2);
  CHECK(people.world.store.open("a")->snapshot()->find_face(twin.face)->person == ada.person);

  // Into itself, one alone, one who is gone by a merge before, the other way round.
  CHECK(people.refused([&](auto& c) {
                merge(c, {ada.person.text(), bob.person.text(), ada.person.text()});
              })
            .is(Cause::kInvalidValue, "PERSON_NAMED_TWICE"));
  CHECK(people.refused([&](auto& c) { merge(c, {ada.person.text()}); })
            .is(Cause::kInvalidValue, "PERSONS_MISSING"));
  CHECK(people.refused([&](auto& c) {
                merge(c, {bob.person.text(), twin.person.text()});
              })
            .is(Cause::kInvalidValue, "PERSON_NOT_FOUND"));
}

TEST_CASE("of two merges at once one is done and the other refused", "[persons]") {
  People people;
  const auto ada = people.add("Ada");
  const auto bob = people.add("Bob");
  people.world.store.before_write = [&] {
    auto context = people.world.context();
    service::merge_persons(context, people.world.caller, {"a", {bob.person.text(), ada.person.text()}});
  };
  auto context = people.world.context();
  const Fault fault = fault_of([&] {
    service::merge_persons(context, people.world.caller, {"a", {ada.person.text(), bob.person.text()}});
  });
  CHECK(fault.is(Cause::kInvalidValue, "PERSON_NOT_FOUND"));
  const auto all = people.all();
  REQUIRE(all.size() == 1);
  CHECK(all.at(bob.person) == std::multiset<std::string>{"Bob", "Bob"});
}

TEST_CASE("a person is split, and a face moved", "[persons]") {
  People people;
  const auto ada = people.add("Ada");
  const auto second = people.add("Ada", ada.person);
  const auto third = people.add("Ada", ada.person);
  const auto bob = people.add("Bob");
  auto context = people.world.context();
  const auto split = [&](service::Context& c, const std::vector<std::string>& faces,
                         std::optional<std::string> name = {}) {
    return service::split_person(c, people.world.caller, {"a", faces, std::move(name)});
  };
  const Person cleo = split(context, {second.face.text(), second.face.text()}, "Cleo");
  CHECK((cleo.name == "Cleo" && cleo.faces == 1 && cleo.id != ada.person));
  const Person same_name = split(context, {third.face.text()});
  CHECK(same_name.name == "Ada");
  CHECK(
      people.refused([&](auto& c) { split(c, {ada.face.text()}); }).is(Cause::kInvalidValue, "WHOLE_PERSON"));
  CHECK(people.refused([&](auto& c) {
                split(c, {ada.face.text(), bob.face.text()});
              })
            .is(Cause::kInvalidValue, "FACES_OF_SEVERAL_PERSONS"));
  CHECK(people.refused([&](auto& c) { split(c, {Uuid::make().text()}); }).is(Cause::kFaceUnknown, ""));
  CHECK(people.refused([&](auto& c) { split(c, {"nobody"}); }).is(Cause::kFaceUnknown, ""));
  CHECK(people.refused([&](auto& c) { split(c, {}); }).is(Cause::kFaceIdRequired, ""));

  const auto move = [&](service::Context& c, const Uuid& face, const Uuid& person) {
    return service::move_face(c, people.world.caller, {"a", face.text(), person.text()});
  };
  const Person moved = move(context, third.face, bob.person);
  CHECK((moved.id == bob.person && moved.faces == 2 && moved.name == "Bob" && !moved.several_names));
  CHECK_FALSE(people.all().contains(same_name.id));
  CHECK(move(context, third.face, bob.person).faces == 2);
  CHECK(people.refused([&](auto& c) { move(c, third.face, same_name.id); })
            .is(Cause::kInvalidValue, "PERSON_NOT_FOUND"));
}

TEST_CASE("a person is deleted with all faces, and found no more", "[persons]") {
  for (const bool purge : {false, true}) {
    People people;
    const auto ada = people.add("Ada");
    people.add("Ada", ada.person);
    const auto bob = people.add("Bob");
    auto context = people.world.context();
    CHECK(service::delete_person(context, people.world.caller, {"a", ada.person.text(), purge}) == 2);
    CHECK(people.all().size() == 1);
    CHECK(people.world.search("a", portrait(1)).matches.size() == 1);
    CHECK(people.world.store.open("a")->snapshot()->was_erased(ada.face));
    CHECK(people
              .refused([&](auto& c) {
                service::delete_person(c, people.world.caller, {"a", ada.person.text(), purge});
              })
              .is(Cause::kInvalidValue, "PERSON_NOT_FOUND"));
    CHECK(people.world.store.open("a")->snapshot()->find_face(bob.face));
  }
}

TEST_CASE("metadata of a face is set, removed and kept within its limits", "[persons]") {
  People people;
  const auto ada = people.add("Ada");
  auto context = people.world.context();
  const auto change = [&](service::Context& c, std::map<std::string, std::string> set, List unset = {}) {
    return service::change_metadata(c, people.world.caller,
                                    {"a", ada.face.text(), std::move(set), std::move(unset)});
  };
  using Metadata = std::map<std::string, std::string>;
  CHECK(change(context, {{"badge", "1"}, {"team", "blue"}}).metadata ==
        Metadata{{"badge", "1"}, {"team", "blue"}});
  CHECK(change(context, {{"team", "red"}}, {"badge", "nothing"}).metadata == Metadata{{"team", "red"}});
  CHECK(people.world.search("a", portrait(1)).matches.at(0).metadata == Metadata{{"team", "red"}});
  Metadata many;
  for (std::size_t i = 0; i < kMaxMetadataEntries; ++i) many[std::to_string(i)] = "x";
  CHECK(people.refused([&](auto& c) { change(c, many); }).is(Cause::kInvalidValue, "METADATA_INVALID"));
  CHECK(people.refused([&](auto& c) {
                change(c, {{"long", std::string(kMaxMetadataBytes, 'x')}});
              })
            .is(Cause::kInvalidValue, "METADATA_INVALID"));
}

TEST_CASE("a batch under way answers the person and the name that a face has now", "[persons][batch]") {
  People people;
  const auto ada = people.add("Adda");
  const auto twin = people.add("Ada");
  std::vector<service::EnrollResult> answers;
  const auto input = [&](const std::string& name, std::uint8_t who) {
    return service::BatchInput<service::EnrollRequest>{name, [name, who] {
                                                         service::EnrollRequest request;
                                                         request.collection_id = "a";
                                                         request.user_name = name;
                                                         request.probe = portrait(who);
                                                         return request;
                                                       }};
  };
  int asked = 0;
  service::BatchWork work;
  work.engines = [&] { return people.world.new_engines(); };
  work.threads = 1;
  const auto next = [&]() -> std::optional<service::BatchInput<service::EnrollRequest>> {
    switch (++asked) {
      case 1:
        return input("Adda", 1);
      case 2: {
        auto context = people.world.context();
        service::merge_persons(context, people.world.caller, {"a", {twin.person.text(), ada.person.text()}});
        return input("Adda", 1);  // the same picture, of the person that it has become
      }
      case 3:
        return input("Ada", 180);  // somebody of the name that the person has now
      default:
        return std::nullopt;
    }
  };
  service::enroll_batch(people.world.store, people.world.caller, "a", work, {true}, next, [&](auto group) {
    for (auto& answer : group) answers.push_back(std::get<service::EnrollResult>(answer.outcome));
  });
  REQUIRE(answers.size() == 3);
  CHECK(answers[1].already_enrolled);
  CHECK(answers[1].person == twin.person);
  REQUIRE(answers[1].warnings.size() == 1);
  CHECK(answers[1].warnings[0].reason == "NAME_DIFFERS");
  CHECK(answers[1].name == "Ada");
  CHECK(answers[2].person == twin.person);
}

}  // namespace facesearch::test

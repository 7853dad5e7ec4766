// SPDX-License-Identifier: MIT
#include <map>
#include <random>

#include "catch.hpp"
#include "facesearch/service/enroll/enroll_batch.hpp"
#include "facesearch/service/enroll/known_pictures.hpp"
#include "service/degrees.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

using service::BatchAnswer;
using service::BatchInput;
using service::EnrollRequest;
using service::EnrollResult;

struct Sent {
  double degrees = 0;
  std::string name = "someone";
  std::optional<Uuid> person{};
  std::optional<Error> fault{};
};

// A batch into the collection `a`, all of it or till so many were answered.
struct Batch {
  explicit Batch(World& of) : world(of) {}

  std::vector<BatchAnswer<EnrollResult>> run(const std::vector<Sent>& sent) {
    const std::string made_by = fingerprint(world.engines->pack("fake"));
    std::vector<BatchAnswer<EnrollResult>> answers;
    std::size_t begun = 0;
    const auto next = [&]() -> std::optional<BatchInput<EnrollRequest>> {
      if (begun == sent.size()) return std::nullopt;
      const Sent& one = sent[begun];
      return BatchInput<EnrollRequest>{std::to_string(begun++), [&one, &made_by] {
                                         if (one.fault) throw Error(*one.fault);
                                         EnrollRequest request;
                                         request.collection_id = "a";
                                         request.user_name = one.name;
                                         request.person = one.person;
                                         request.probe = service::GivenTemplate{at(one.degrees), made_by};
                                         return request;
                                       }};
    };
    service::BatchWork work;
    work.engines = [] { return std::make_unique<EngineCache>(PackPlaces{}, World::runtimes); };
    work.threads = threads;
    work.ordered = ordered;
    service::enroll_batch(world.store, world.caller, "a", work, options, next, [&](auto group) {
      for (auto& answer : group) answers.push_back(std::move(answer));
    });
    return answers;
  }

  World& world;
  unsigned threads = 2;
  bool ordered = true;
  service::BatchEnrollOptions options{};
};

const EnrollResult& made(const BatchAnswer<EnrollResult>& answer) {
  if (const auto* error = std::get_if<Error>(&answer.outcome))
    FAIL(error->reason() << " " << error->detail());
  return std::get<EnrollResult>(answer.outcome);
}

std::string reason(const BatchAnswer<EnrollResult>& answer) {
  const auto* error = std::get_if<Error>(&answer.outcome);
  return error == nullptr ? "" : error->reason();
}

std::vector<Sent> circle(std::size_t count) {
  std::vector<Sent> sent;
  for (std::size_t i = 0; i < count; ++i) {
    sent.push_back({360.0 * static_cast<double>(i) / static_cast<double>(count), "p" + std::to_string(i)});
  }
  return sent;
}

}  // namespace

TEST_CASE("a batch enrols each input once, in order, and faults cost themselves only", "[batch]") {
  for (const unsigned threads : {1U, 2U, 5U}) {
    World world;
    world.create("a");
    auto sent = circle(700);
    for (std::size_t i = 0; i < sent.size(); i += 50) {
      sent[i].fault = Error(Cause::kImageUnsupported, "IMAGE_FORMAT_UNKNOWN", "");
    }
    sent[7].person = Uuid::make();
    Batch batch(world);
    batch.threads = threads;
    const auto answers = batch.run(sent);
    REQUIRE(answers.size() == sent.size());
    const auto collection = world.store.open("a");
    const auto snapshot = collection->snapshot();
    CHECK(snapshot->face_count() == sent.size() - 15);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      CHECK(answers[i].input == std::to_string(i));
      if (i % 50 == 0) {
        CHECK(reason(answers[i]) == "IMAGE_FORMAT_UNKNOWN");
      } else if (i == 7) {
        CHECK(reason(answers[i]) == "PERSON_NOT_FOUND");
      } else {
        const auto face = snapshot->find_face(made(answers[i]).face);
        REQUIRE(face);
        CHECK(face->name == sent[i].name);
        CHECK(face->person == made(answers[i]).person);
        CHECK(snapshot->find_template(face->face) == at(sent[i].degrees));
      }
    }
  }
}

TEST_CASE("a batch that comes again answers with the ids of then", "[batch]") {
  World world;
  world.create("a");
  auto sent = circle(100);
  const std::vector<Sent> some(sent.begin(), sent.begin() + 60);
  Batch batch(world);
  const auto first = batch.run(some);
  sent.push_back(sent.front());  // twice in one run
  sent.push_back(sent[80]);
  const auto second = batch.run(sent);
  CHECK(world.faces("a") == 100);
  for (std::size_t i = 0; i < second.size(); ++i) {
    CHECK(made(second[i]).already_enrolled == (i < 60 || i >= 100));
    if (i < 60) CHECK(made(second[i]).face == made(first[i]).face);
    if (i < 60) CHECK(made(second[i]).person == made(first[i]).person);
  }
  CHECK(made(second[100]).face == made(first[0]).face);
  CHECK(made(second[101]).face == made(second[80]).face);
  // What was deleted comes again as a new face.
  world.store.open("a")->write(
      [&](WriteTransaction& transaction) { transaction.erase(made(first[3]).face); });
  const auto third = batch.run(sent);
  CHECK_FALSE(made(third[3]).already_enrolled);
  CHECK(world.faces("a") == 100);
}

TEST_CASE("a picture that is enrolled under another name says so", "[batch]") {
  World world;
  world.create("a");
  const auto first = Batch(world).run({{0, "Adda"}, {90, "Zo\u00eb"}});
  const auto again = Batch(world).run({{0, "Ada"}, {90, "Zoe\u0308"}, {0, "Adda"}, {45, "Eve"}, {45, "Eva"}});
  REQUIRE(made(again[0]).warnings.size() == 1);
  CHECK(made(again[0]).warnings[0].reason == "NAME_DIFFERS");
  CHECK(made(again[0]).name == "Adda");
  CHECK(made(again[0]).face == made(first[0]).face);
  CHECK(made(again[1]).warnings.empty());  // the same name, spelt another way
  CHECK(made(again[2]).warnings.empty());
  CHECK(made(again[3]).warnings.empty());
  REQUIRE(made(again[4]).warnings.size() == 1);  // of an earlier input of the same run
  CHECK(made(again[4]).name == "Eve");
}

TEST_CASE("what another batch enrols meanwhile is not enrolled twice", "[batch]") {
  World world;
  world.create("a");
  const auto sent = circle(40);
  bool once = true;
  world.store.before_write = [&] {
    if (!std::exchange(once, false)) return;
    Batch(world).run(sent);
  };
  const auto answers = Batch(world).run(sent);
  CHECK(world.faces("a") == 40);
  for (const auto& answer : answers) CHECK(made(answer).already_enrolled);
}

TEST_CASE("one person per name", "[batch]") {
  World world;
  world.create("a");
  Batch batch(world);
  batch.options.one_person_per_name = true;
  const auto first = batch.run({{0, "Ada"}, {90, "Eve"}, {1, "Ada"}});
  CHECK(made(first[0]).person == made(first[2]).person);
  CHECK(made(first[0]).person != made(first[1]).person);
  const auto spelt = batch.run({{30, "Zo\u00eb"}, {31, "Zoe\u0308"}});
  CHECK(made(spelt[0]).person == made(spelt[1]).person);
  CHECK(made(batch.run({{32, "Zoe\u0308"}})[0]).person == made(spelt[0]).person);
  CHECK(made(first[0]).face != made(first[2]).face);
  // Another run goes on with them, in whatever order.
  const auto second = batch.run({{2, "Ada"}, {0, "Ada"}, {91, "Eve"}});
  CHECK(made(second[0]).person == made(first[0]).person);
  CHECK(made(second[1]).already_enrolled);
  CHECK(made(second[2]).person == made(first[1]).person);
  // Without it each is its own, and then a name does not say who is meant.
  Batch each(world);
  const auto third = each.run({{180, "Max"}, {181, "Max"}});
  CHECK(made(third[0]).person != made(third[1]).person);
  CHECK(reason(batch.run({{182, "Max"}})[0]) == "NAME_AMBIGUOUS");
}

TEST_CASE("duplicates in a batch are what they are one by one", "[batch]") {
  for (const Duplicates duplicates : {Duplicates::kReject, Duplicates::kWarn}) {
    for (const bool names_are_persons : {false, true}) {
      World one_by_one;
      World at_once;
      one_by_one.create("a", World::easy(duplicates));
      at_once.create("a", World::easy(duplicates));
      Batch batch(at_once);
      batch.options.one_person_per_name = names_are_persons;
      std::minstd_rand random(static_cast<unsigned>(duplicates));
      const std::string made_by = fingerprint(one_by_one.engines->pack("fake"));
      std::map<std::string, Uuid> persons;
      for (int round = 0; round < 3; ++round) {
        std::vector<Sent> sent;
        for (int i = 0; i < 60; ++i) {
          sent.push_back({static_cast<double>(random() % 36'000) / 100, "p" + std::to_string(random() % 20)});
        }
        const auto answers = batch.run(sent);
        for (std::size_t i = 0; i < sent.size(); ++i) {
          const auto known = persons.find(sent[i].name);
          const auto person = known == persons.end() ? std::nullopt : std::optional(known->second);
          EnrollResult result;
          const Fault fault = fault_of([&] {
            result = one_by_one.enroll("a", service::GivenTemplate{at(sent[i].degrees), made_by},
                                       sent[i].name, person);
          });
          CHECK(reason(answers[i]) == fault.reason);
          if (fault.thrown) continue;
          if (names_are_persons) persons.try_emplace(sent[i].name, result.person);
          CHECK(made(answers[i]).warnings.size() == result.warnings.size());
        }
        CHECK(at_once.faces("a") == one_by_one.faces("a"));
      }
    }
  }
}

TEST_CASE("pictures of one person are no duplicates of each other where names are persons", "[batch]") {
  World world;
  world.create("a", World::easy(Duplicates::kReject));
  Batch batch(world);
  batch.options.one_person_per_name = true;
  const auto answers = batch.run({{0, "Ada"}, {1, "Ada"}, {2, "Eve"}});
  CHECK(reason(answers[0]).empty());
  CHECK(reason(answers[1]).empty());
  CHECK(reason(answers[2]) == "DUPLICATE_FACE");
  CHECK(reason(batch.run({{3, "Ada"}})[0]).empty());
}

TEST_CASE("a busy store is the answer of the group, a full one ends the batch", "[batch]") {
  World world;
  world.create("a");
  world.store.before_write = [] { throw Error(Cause::kStoreBusy, "", ""); };
  const auto answers = Batch(world).run(circle(5));
  for (const auto& answer : answers) CHECK(std::get<Error>(answer.outcome).cause() == Cause::kStoreBusy);
  world.store.before_write = [] { throw Error(Cause::kFileSystem, "NO_SPACE", ""); };
  CHECK(fault_of([&] { Batch(world).run(circle(5)); }).is(Cause::kFileSystem, "NO_SPACE"));
  world.store.before_write = {};
  CHECK(Batch(world).run(circle(5)).size() == 5);
  CHECK(world.faces("a") == 5);
}

TEST_CASE("a picture and a template of the same bytes are two contents, and keys tell collections apart",
          "[batch]") {
  CollectionRecord one;
  one.generation = Uuid::make();
  CollectionRecord other = one;
  other.contents_key.emplace().fill(7);
  const Template values = at(20);
  std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  const service::GivenTemplate given{values, "x"};
  CHECK(service::digest_of(one, bytes) == service::digest_of(one, bytes));
  CHECK(service::digest_of(one, bytes) != service::digest_of(one, given));
  CHECK(service::digest_of(one, bytes) != service::digest_of(other, bytes));
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
// What store.hpp promises of decisions on faces, on every engine.
#include <algorithm>
#include <stdexcept>
#include <vector>

#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

const auto kAnyRecord = [](const auto&) {};

Sha256 digest(std::uint8_t first) {
  Sha256 value{};
  value[0] = first;
  return value;
}

Decision not_person(const Uuid& face, const Uuid& person) {
  return {Decision::Kind::kNotThisPerson, face, person, 1'700'000'000'789};
}

Decision not_again(const Uuid& face, std::optional<Sha256> content, std::vector<float> values = {}) {
  return {Decision::Kind::kNotAgain, face, {}, 1'700'000'000'790, content, std::move(values)};
}

// A collection of three faces, with decisions.
struct Decided {
  explicit Decided(const Engine& engine) : store(*engine.store) {
    store.create(collection_record("staff", kDimension, engine.sealed));
    for (unsigned i = 0; i < 3; ++i) {
      records.push_back(face_record());
      add_face(*store.open("staff"), records.back(), i);
    }
    decisions = {not_person(records[0].face, records[1].person), not_again(Uuid::make(), digest(1)),
                 not_again(Uuid::make(), digest(2), values_of(70)),
                 not_again(Uuid::make(), std::nullopt, values_of(71))};
    set(decisions);
  }

  void set(const std::vector<Decision>& all) const {
    store.open("staff")->write([&](WriteTransaction& transaction) { transaction.set_decisions(all); });
  }

  std::vector<Decision> now(const std::string& id = "staff") const {
    return store.open(id)->snapshot()->decisions();
  }

  Store& store;
  std::vector<FaceRecord> records;
  std::vector<Decision> decisions;
};

}  // namespace

TEST_CASE("decisions are kept as they were set, and a snapshot keeps those it has", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Decided made(engine);
  const auto before = made.store.open("staff");
  const auto view = before->snapshot();
  CHECK(view->decisions() == made.decisions);
  made.set({made.decisions[2]});
  CHECK(view->decisions() == made.decisions);
  CHECK(made.now() == std::vector{made.decisions[2]});
  made.set({});
  CHECK(made.now().empty());
  made.set({made.decisions[1]});
  CHECK(made.now() == std::vector{made.decisions[1]});
}

TEST_CASE("decisions of many blocks come and go, and a failed write changes none", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Decided made(engine);
  std::vector<Decision> many;
  for (unsigned i = 0; i < 300; ++i) {
    many.push_back(i % 3 == 0 ? not_person(Uuid::make(), Uuid::make())
                              : not_again(Uuid::make(), digest(static_cast<std::uint8_t>(i)), values_of(i)));
  }
  made.set(many);
  std::ranges::stable_sort(many, {}, &Decision::kind);
  CHECK(made.now() == many);
  CHECK(made.store.open("staff")->snapshot()->rejections() == std::vector(many.begin(), many.begin() + 100));
  std::rotate(many.begin(), many.begin() + 100, many.end());
  many.resize(130);
  made.set(many);
  std::ranges::stable_sort(many, {}, &Decision::kind);
  CHECK(made.now() == many);
  const auto fail = [&](WriteTransaction& transaction) {
    transaction.set_decisions({});
    CHECK(transaction.decisions().empty());
    throw std::runtime_error("stop");
  };
  CHECK_THROWS_AS(made.store.open("staff")->write(fail), std::runtime_error);
  CHECK(made.now() == many);

  CHECK(error_of([&] { made.set(std::vector<Decision>(kMostDecisions + 1)); }).reason() ==
        "TOO_MANY_DECISIONS");
  CHECK(error_of([&] {
          made.set({not_again(Uuid::make(), digest(1), std::vector<float>(3, 0.5F))});
        }).reason() == "TEMPLATE_INVALID");
  CHECK(made.now() == many);
}

TEST_CASE("decisions go on to a rewritten, repaired and new collection", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Decided made(engine);
  made.store.upkeep().rewrite("staff", std::nullopt);
  CHECK(made.now() == made.decisions);
  const Decision more = not_again(made.records[2].face, digest(9));
  made.store.upkeep().rewrite("staff", {&made.records[2].face, 1}, {&more, 1});
  std::vector<Decision> all = made.decisions;
  all.push_back(more);
  CHECK(made.now() == all);
  // A rewriting drops what is decided about faces that are gone.
  made.store.upkeep().rewrite("staff", {&made.records[0].face, 1}, {});
  all.erase(all.begin());
  CHECK(made.now() == all);
  CHECK(made.store.open("staff")->snapshot()->was_erased(made.records[2].face));
  made.store.upkeep().check("staff");

  CHECK(made.store.upkeep().repair("staff", "saved", false).whole());
  CHECK(made.now("saved") == all);
  Beginning beginning;
  beginning.decisions = all;
  made.store.create_with(collection_record("new", kDimension, engine.sealed), beginning);
  CHECK(made.now("new") == all);
}

TEST_CASE("decisions move to another pack without templates, and back with them", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  const Decided made(engine);
  const auto side = made.store.migrations().begin("staff", other_pack());
  std::vector<NewTemplate> templates;
  for (unsigned i = 0; i < 3; ++i) templates.push_back({made.records[i].face, other_values(i)});
  side->put(templates);
  const Decision late = not_person(made.records[1].face, made.records[0].person);
  std::vector<Decision> all = made.decisions;
  all.push_back(late);
  made.set(all);
  side->go_live(kAnyRecord);

  // A template is of the pack that made it.
  std::vector<Decision> moved{all[0], late, all[1], all[2], all[3]};
  for (Decision& decision : moved) decision.values.clear();
  CHECK(made.now() == moved);
  made.store.upkeep().check("staff");

  // Withdrawn and added while the other pack was live; the template stays with the pack that made it.
  const Decision added = not_again(Uuid::make(), digest(5), other_values(9));
  made.set({moved[3], moved[4], late, added});
  made.store.migrations().revert("staff", kAnyRecord);
  Decision back = added;
  back.values.clear();
  CHECK(made.now() == std::vector{late, made.decisions[2], made.decisions[3], back});
}

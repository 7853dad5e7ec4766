// SPDX-License-Identifier: MIT
// What means.hpp promises, on every engine: after whatever happens to faces, each person's mean is the one
// that person_mean() makes of its faces.
#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "extent.hpp"
#include "facesearch/store/person_mean.hpp"
#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;

namespace {

const auto kAnyChange = [](const auto&) {};

CollectionRecord by_person(std::string id, bool sealed) {
  CollectionRecord record = collection_record(std::move(id), kDimension, sealed);
  record.policy.match_by = MatchBy::kPerson;
  return record;
}

void change_match_by(Store& store, MatchBy match_by) {
  store.open("staff")->update_policy([&](const CollectionRecord& record) {
    Policy policy = record.policy;
    policy.match_by = match_by;
    return policy;
  });
}

// A template of somebody: `likeness` 1 and more are alike, 0 is anybody's.
std::vector<float> face_of(unsigned somebody, unsigned picture, float likeness = 2.5F) {
  std::vector<float> values = values_of(9'000 + picture);
  const std::vector<float> own = values_of(somebody);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += likeness * own[i];
  return normalised(std::move(values));
}

std::vector<float> opposite_of(std::vector<float> values) {
  for (float& value : values) value = -value;
  return values;
}

// A face of a collection, as a snapshot has it.
struct Seen {
  std::uint64_t slot = 0;
  Uuid face;
  std::vector<float> values;
};

std::set<std::uint64_t> live_slots(CodeReader& reader, std::uint64_t blocks) {
  std::set<std::uint64_t> slots;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const CodeBlock codes = reader.read(block);
    for (std::size_t row = 0; row < codes.rows; ++row) {
      if ((codes.live[row / 64] >> row % 64 & 1U) != 0) slots.insert(codes.first_slot + row);
    }
  }
  return slots;
}

// The codes of a mean are those of these values.
void require_codes(const Means& means, const MeanPlace& place, const std::vector<float>& values) {
  const auto reader = means.reader(place.group);
  for (std::uint64_t number = 0; number < means.blocks(place.group); ++number) {
    const CodeBlock block = reader->read(number);
    if (place.row < block.first_slot || place.row >= block.first_slot + block.rows) continue;
    const std::size_t row = place.row - block.first_slot;
    std::vector<std::uint8_t> codes(block.stride);
    const CodeScale scale = encode_template(values, codes);
    REQUIRE(block.scales[row] == scale.scale);
    REQUIRE(block.errors[row] == scale.error);
    REQUIRE(std::equal(codes.begin(), codes.end(), block.codes + row * block.stride));
    return;
  }
  FAIL("the mean is in no block");
}

// Compares the means of a collection with its faces; answers how many there are.
std::size_t require_own_means(Store& store, const std::string& id = "staff") {
  const auto collection = store.open(id);
  const auto view = collection->snapshot();
  const auto means = view->means();
  REQUIRE(means);
  std::set<Uuid> left_out;
  for (const Decision& decision : view->decisions()) {
    if (decision.kind == Decision::Kind::kNotInMean) left_out.insert(decision.face);
  }
  std::map<Uuid, std::vector<Seen>> persons;
  std::set<std::uint64_t> singles;
  view->scan(0, [&](const TemplateRow& row) {
    singles.insert(row.slot);
    persons[row.person];
    if (left_out.contains(row.face)) {
      REQUIRE_FALSE(means->holds(row.face));
      return;
    }
    persons[row.person].push_back({row.slot, row.face, {row.values.begin(), row.values.end()}});
  });
  std::array<std::uint64_t, kMeanGroups> counts{};
  for (const auto& [person, faces] : persons) {
    std::vector<std::vector<float>> templates;
    for (const Seen& face : faces) templates.push_back(face.values);
    const PersonMean mean = person_mean(templates, collection->record().binding.calibration);
    std::vector<std::uint64_t> held;
    for (std::size_t i = 0; i < faces.size(); ++i) {
      REQUIRE(means->holds(faces[i].face) == mean.holds[i]);
      if (mean.holds[i]) held.push_back(faces[i].slot);
    }
    const auto place = means->find(person);
    REQUIRE(place.has_value() == mean.values.has_value());
    if (!place) continue;
    ++counts.at(mean_group(mean.faces));
    REQUIRE(place->group == mean_group(mean.faces));
    REQUIRE(means->faces_of(*place) == held);
    require_codes(*means, *place, *mean.values);
    for (const std::uint64_t slot : held) singles.erase(slot);
  }
  for (std::size_t group = 0; group < kMeanGroups; ++group) {
    REQUIRE(means->count(group) == counts.at(group));
    REQUIRE(live_slots(*means->reader(group), means->blocks(group)).size() == counts.at(group));
  }
  REQUIRE(means->single_count() == singles.size());
  REQUIRE(live_slots(*means->single_reader(), view->code_blocks()) == singles);
  REQUIRE_FALSE(means->find(Uuid::make()));
  return counts[0] + counts[1] + counts[2];
}

Uuid enrol(Store& store, const Uuid& person, std::span<const float> values) {
  const FaceRecord face = face_record(person);
  store.open("staff")->write([&](WriteTransaction& transaction) { transaction.add(face, values); });
  return face.face;
}

Decision not_in_mean(const Uuid& face) {
  return {Decision::Kind::kNotInMean, face, {}, 1'700'000'000'789};
}

}  // namespace

TEST_CASE("a collection that is matched by face has no means", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  engine.store->create(collection_record("staff", kDimension, engine.sealed));
  const Uuid person = Uuid::make();
  enrol(*engine.store, person, face_of(1, 1));
  enrol(*engine.store, person, face_of(1, 2));
  CHECK_FALSE(engine.store->open("staff")->snapshot()->means());
}

TEST_CASE("a mean comes with the second face, follows the third and fourth, and goes with them",
          "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(by_person("staff", engine.sealed));
  CHECK(require_own_means(store) == 0);
  const Uuid person = Uuid::make();
  std::vector<Uuid> faces{enrol(store, person, face_of(1, 0))};
  CHECK(require_own_means(store) == 0);
  for (unsigned i = 1; i < 6; ++i) {
    faces.push_back(enrol(store, person, face_of(1, i)));
    CHECK(require_own_means(store) == 1);
    const auto collection = store.open("staff");
    CHECK(collection->snapshot()->means()->count(mean_group(i + 1)) == 1);
  }
  while (!faces.empty()) {
    store.open("staff")->write([&](WriteTransaction& transaction) { transaction.erase(faces.back()); });
    faces.pop_back();
    CHECK(require_own_means(store) == (faces.size() >= 2 ? 1 : 0));
    store.upkeep().check("staff");
  }
}

TEST_CASE("a person whose faces are all erased is gone within the write, and may come back in it",
          "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(by_person("staff", engine.sealed));
  const Uuid person = Uuid::make();
  const std::vector<Uuid> faces{enrol(store, person, face_of(1, 0)), enrol(store, person, face_of(1, 1))};
  store.open("staff")->write([&](WriteTransaction& transaction) {
    for (const Uuid& face : faces) transaction.erase(face);
    CHECK_FALSE(transaction.has_person(person));
    CHECK_FALSE(transaction.means());
    for (unsigned i = 2; i < 5; ++i) transaction.add(face_record(person), face_of(1, i));
    CHECK(transaction.has_person(person));
  });
  CHECK(require_own_means(store) == 1);
  CHECK(store.open("staff")->snapshot()->means()->count(1) == 1);
  store.upkeep().check("staff");
}

TEST_CASE("faces of two people under one person have no mean, and one strange face is not in it",
          "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(by_person("staff", engine.sealed));
  const Uuid mixed = Uuid::make();
  enrol(store, mixed, face_of(1, 0));
  enrol(store, mixed, opposite_of(face_of(1, 1)));
  CHECK(require_own_means(store) == 0);
  // A mean of templates that cancel each other out has no direction.
  const Uuid opposed = Uuid::make();
  enrol(store, opposed, face_of(2, 0));
  enrol(store, opposed, opposite_of(face_of(2, 0)));
  CHECK(require_own_means(store) == 0);

  const Uuid strange = Uuid::make();
  for (unsigned i = 0; i < 4; ++i) enrol(store, strange, face_of(3, i));
  const Uuid other = enrol(store, strange, opposite_of(face_of(3, 5)));
  CHECK(require_own_means(store) == 1);
  const auto collection = store.open("staff");
  CHECK_FALSE(collection->snapshot()->means()->holds(other));
  CHECK(collection->snapshot()->means()->single_count() == 5);
  store.upkeep().check("staff");
}

TEST_CASE("a face that is left out by decision is not in the mean until it is taken in", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(by_person("staff", engine.sealed));
  const Uuid person = Uuid::make();
  std::vector<Uuid> faces;
  for (unsigned i = 0; i < 3; ++i) faces.push_back(enrol(store, person, face_of(1, i)));
  const auto decide = [&](const std::vector<Decision>& decisions) {
    store.open("staff")->write([&](WriteTransaction& transaction) { transaction.set_decisions(decisions); });
  };
  decide({not_in_mean(faces[1]), not_in_mean(Uuid::make())});
  CHECK(require_own_means(store) == 1);
  CHECK(store.open("staff")->snapshot()->decisions().size() == 2);
  store.upkeep().rewrite("staff", std::nullopt);  // drops the one on a face that is not there
  CHECK(store.open("staff")->snapshot()->decisions() == std::vector{not_in_mean(faces[1])});
  CHECK(require_own_means(store) == 1);
  decide({not_in_mean(faces[1]), not_in_mean(faces[0])});
  CHECK(require_own_means(store) == 0);
  decide({});
  CHECK(require_own_means(store) == 1);
  store.upkeep().check("staff");
}

TEST_CASE("means come when a collection is matched by person from now on, and go", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(collection_record("staff", kDimension, engine.sealed));
  for (unsigned somebody = 0; somebody < 5; ++somebody) {
    const Uuid person = Uuid::make();
    for (unsigned i = 0; i <= somebody; ++i) enrol(store, person, face_of(somebody, 10 * somebody + i));
  }
  change_match_by(store, MatchBy::kPerson);
  CHECK(require_own_means(store) == 4);
  store.upkeep().check("staff");
  change_match_by(store, MatchBy::kFace);
  CHECK_FALSE(store.open("staff")->snapshot()->means());
  store.upkeep().check("staff");
  enrol(store, Uuid::make(), face_of(7, 99));
  change_match_by(store, MatchBy::kPerson);
  CHECK(require_own_means(store) == 4);
  store.upkeep().check("staff");

  // The points of means are changed beside the policy, and nothing else is.
  const std::array<Calibration::Points, 3> points{
      {{0.2, 0.3, 0.4, 0.5, 0.6}, {0.3, 0.4, 0.5, 0.6, 0.7}, {0.4, 0.5, 0.6, 0.7, 0.8}}};
  const CollectionRecord before = store.open("staff")->record();
  store.open("staff")->update_record([&](CollectionRecord& record) {
    record.binding.calibration.of_means = points;
    record.binding.pack = "another";
    record.id = "another";
  });
  const CollectionRecord after = store.open("staff")->record();
  CHECK(after.id == "staff");
  CHECK(after.binding.pack == before.binding.pack);
  CHECK(after.binding.calibration.of_means == points);
  CHECK(after.policy == before.policy);
  CHECK(require_own_means(store) == 4);
}

TEST_CASE("means move to another pack and back, are repaired and restored", "[conformance]") {
  Engine engine(EACH_ENGINE);
  CAPTURE(engine.name);
  Store& store = *engine.store;
  store.create(by_person("staff", engine.sealed));
  std::vector<Uuid> persons{Uuid::make(), Uuid::make()};
  std::vector<Uuid> faces;
  for (unsigned i = 0; i < 6; ++i) faces.push_back(enrol(store, persons[i % 2], face_of(i % 2, i)));
  const auto side = store.migrations().begin("staff", other_pack());
  std::vector<NewTemplate> templates;
  for (unsigned i = 0; i < 5; ++i) templates.push_back({faces[i], other_values(i % 2)});
  side->put(templates);
  // Meanwhile two faces change their persons, and one is left out of its mean.
  store.open("staff")->write([&](WriteTransaction& transaction) {
    FaceRecord face = *transaction.find_face(faces[0]);
    face.person = persons[1];
    transaction.update(face);
    const Decision decision = not_in_mean(faces[2]);
    transaction.set_decisions({&decision, 1});
  });
  side->go_live(kAnyChange);
  CHECK(require_own_means(store) == 1);
  store.upkeep().check("staff");
  store.open("staff")->write([&](WriteTransaction& transaction) { transaction.set_decisions({}); });
  CHECK(require_own_means(store) == 2);
  store.migrations().revert("staff", kAnyChange);
  CHECK(require_own_means(store) == 2);
  store.upkeep().check("staff");

  CHECK(store.upkeep().repair("staff", "saved", false).whole());
  CHECK(require_own_means(store, "saved") == 2);
  store.upkeep().check("saved");

  // A side that is matched by face comes back to a collection that is matched by person by now.
  change_match_by(store, MatchBy::kFace);
  move_to_other_pack(store, "staff");
  change_match_by(store, MatchBy::kPerson);
  require_own_means(store);
  store.migrations().revert("staff", kAnyChange);
  CHECK(require_own_means(store) == 2);
  store.upkeep().check("staff");
}

TEST_CASE("after any changes each mean is that of its faces", "[conformance]") {
  Engine engine(EACH_ENGINE);
  const unsigned seed = GENERATE(0U, 1U, 2U) + drawn_seed();
  CAPTURE(engine.name, seed);
  Store& store = *engine.store;
  store.create(by_person("staff", engine.sealed));
  std::mt19937 random(seed);
  const auto draw = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
  std::vector<Uuid> persons;
  for (unsigned i = 0; i < 8; ++i) persons.push_back(Uuid::make());
  std::vector<FaceRecord> faces;
  unsigned picture = 0;
  const auto change = [&](WriteTransaction& transaction) {
    const std::size_t what = draw(10);
    if (faces.empty() || what < 4) {
      const std::size_t somebody = draw(persons.size());
      const float likeness = draw(5) == 0 ? 0.0F : 2.5F;
      faces.push_back(face_record(persons[somebody]));
      transaction.add(faces.back(), face_of(static_cast<unsigned>(somebody), ++picture, likeness));
    } else if (what < 5) {
      const std::size_t gone = draw(faces.size());
      CHECK(transaction.erase(faces[gone].face));
      faces.erase(faces.begin() + static_cast<std::ptrdiff_t>(gone));
    } else if (what < 7) {
      FaceRecord& face = faces[draw(faces.size())];
      face.person = persons[draw(persons.size())];
      if (draw(2) == 0) face.name = "other";
      CHECK(transaction.update(face));
    } else if (what < 8) {  // all faces of one become another's
      const Uuid from = persons[draw(persons.size())];
      const Uuid to = persons[draw(persons.size())];
      for (FaceRecord& face : faces) {
        if (face.person != from) continue;
        face.person = to;
        transaction.update(face);
      }
    } else {
      std::vector<Decision> decisions;
      for (const FaceRecord& face : faces) {
        if (draw(6) == 0) decisions.push_back(not_in_mean(face.face));
      }
      transaction.set_decisions(decisions);
    }
  };
  for (unsigned round = 0; round < 40; ++round) {
    const auto before = faces;
    const std::size_t changes = 1 + draw(6);
    const bool fails = draw(6) == 0;
    const auto collection = store.open("staff");
    const auto write = [&] {
      collection->write([&](WriteTransaction& transaction) {
        for (std::size_t i = 0; i < changes; ++i) change(transaction);
        if (fails) throw std::runtime_error("stop");
      });
    };
    if (fails) {
      CHECK_THROWS_AS(write(), std::runtime_error);
      faces = before;
    } else {
      write();
    }
    require_own_means(store);
  }
  store.upkeep().check("staff");
  store.upkeep().rewrite("staff", std::nullopt);
  require_own_means(store);
  store.upkeep().check("staff");
}

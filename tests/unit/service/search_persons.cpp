// SPDX-License-Identifier: MIT
// A collection that is matched by person, against the plainest computing of what it must answer.
#include <algorithm>
#include <random>

#include "catch.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/match/threshold.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/persons/change_persons.hpp"
#include "facesearch/service/search/search_batch.hpp"
#include "facesearch/store/person_mean.hpp"
#include "service/degrees.hpp"
#include "service/world.hpp"

namespace facesearch::test {
namespace {

// Each group's points, stricter than those before.
Policy policy_by_person() {
  Policy policy = World::easy();
  policy.match_by = MatchBy::kPerson;
  return policy;
}

service::SearchResult search_by_template(World& world, const std::vector<std::string>& ids,
                                         const Template& probe, std::size_t limit = 10) {
  service::SearchRequest request;
  request.collection_id = ids.front();
  request.further.assign(ids.begin() + 1, ids.end());
  request.request_name = "probe";
  request.probe = service::GivenTemplate{probe, fingerprint(world.engines->pack("fake"))};
  request.limit = limit;
  request.mergeable = true;
  auto context = world.context();
  return service::search(context, world.caller, request);
}

Uuid enrol(World& world, const std::string& id, const Uuid& person, const Template& values,
           const std::string& name = "somebody") {
  const FaceRecord face{Uuid::make(), person, name, {}, 1};
  world.store.open(id)->write([&](WriteTransaction& transaction) { transaction.add(face, values); });
  return face.face;
}

Template any_template(std::mt19937& random) {
  std::normal_distribution<float> normal;
  Template values(4);
  for (float& value : values) value = normal(random);
  return normalised(std::move(values));
}

Template any_near(const Template& centre, std::mt19937& random, float by) {
  Template values = any_template(random);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = centre[i] + by * values[i];
  return normalised(std::move(values));
}

// What stands for a person in an answer.
struct Expected {
  Uuid face;
  double deciding = 0;
  double similarity = 0;
  std::optional<double> person_score;
};

// All rows at or above the threshold, best first.
std::vector<Expected> expected_rows(World& world, const std::string& id, const Template& probe) {
  const auto collection = world.store.open(id);
  const Calibration calibration = collection->record().binding.calibration;
  const double similarity = collection->record().policy.similarity;
  const auto view = collection->snapshot();
  std::map<Uuid, std::vector<std::pair<Uuid, Template>>> persons;
  view->scan(0, [&](const TemplateRow& row) {
    persons[row.person].emplace_back(row.face, Template(row.values.begin(), row.values.end()));
  });
  std::vector<Expected> rows;
  const auto own = [&](const Template& values) { return exact_cosine(probe, values); };
  for (const auto& [person, faces] : persons) {
    std::vector<Template> templates;
    for (const auto& [face, values] : faces) templates.push_back(values);
    const PersonMean mean = person_mean(templates, calibration);
    std::pair<double, Uuid> best{-2, {}};
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const double cosine = own(faces[i].second);
      if (mean.holds[i]) {
        if (cosine > best.first || (cosine == best.first && faces[i].first < best.second)) {
          best = {cosine, faces[i].first};
        }
      } else if (cosine >= threshold_at(calibration, similarity).cosine) {
        rows.push_back({faces[i].first, cosine, similarity_of_cosine(calibration, cosine), {}});
      }
    }
    if (!mean.values) continue;
    const Calibration of_mean = calibration_of_mean(calibration, mean_group(mean.faces));
    const double cosine = own(*mean.values);
    if (cosine < threshold_at(of_mean, similarity).cosine) continue;
    const double score = similarity_of_cosine(of_mean, cosine);
    rows.push_back({best.second, cosine_of_similarity(calibration, score),
                    similarity_of_cosine(calibration, best.first), score});
  }
  std::ranges::sort(rows, [](const Expected& a, const Expected& b) {
    return a.deciding != b.deciding ? a.deciding > b.deciding : a.face < b.face;
  });
  return rows;
}

}  // namespace

TEST_CASE("a search by person answers as the plainest computing", "[search]") {
  std::mt19937 random(20261130);  // NOLINT(cert-msc51-cpp): the same each time
  for (int round = 0; round < 12; ++round) {
    World world;
    Policy policy = policy_by_person();
    policy.similarity = round % 3 == 0 ? 0 : 55;
    world.create("a", policy);
    for (unsigned i = 0; i < 60; ++i) {
      const Uuid person = Uuid::make();
      const Template centre = any_template(random);
      const unsigned faces = 1 + static_cast<unsigned>(random() % 6);
      for (unsigned k = 0; k < faces; ++k) {
        enrol(world, "a", person, random() % 9 == 0 ? any_template(random) : any_near(centre, random, 0.4F));
      }
    }
    for (const std::size_t limit : {1U, 5U, 10'000U}) {
      const Template probe = any_template(random);
      const std::vector<Expected> rows = expected_rows(world, "a", probe);
      const service::SearchResult found = search_by_template(world, {"a"}, probe, limit);
      CHECK(found.matches_total == rows.size());
      REQUIRE(found.matches.size() == std::min(limit, rows.size()));
      for (std::size_t i = 0; i < found.matches.size(); ++i) {
        CHECK(found.matches[i].face == rows[i].face);
        CHECK(found.matches[i].cosine == Approx(rows[i].deciding).margin(1e-12));
        CHECK(found.matches[i].similarity == rows[i].similarity);
        CHECK(found.matches[i].person_score == rows[i].person_score);
      }
    }
  }
}

TEST_CASE("a person with one face answers as before", "[search]") {
  World world;
  world.create("faces");
  world.create("persons", policy_by_person());
  for (unsigned i = 0; i < 5; ++i) {
    const FaceRecord face{Uuid::make(), Uuid::make(), "p", {}, 1};
    const auto write = [&](WriteTransaction& transaction) { transaction.add(face, at(10.0 * i)); };
    world.store.open("faces")->write(write);
    world.store.open("persons")->write(write);
  }
  const auto by_face = search_by_template(world, {"faces"}, at(12));
  const auto by_its_person = search_by_template(world, {"persons"}, at(12));
  CHECK((listed(by_face) == listed(by_its_person)));
  CHECK(by_face.expected_false_candidates == by_its_person.expected_false_candidates);
  for (const auto& match : by_its_person.matches) CHECK_FALSE(match.person_score);
}

TEST_CASE("either of two people under one person is found by the own face", "[search]") {
  World world;
  world.create("a", policy_by_person());
  const Uuid mixed = Uuid::make();
  const Uuid ada = enrol(world, "a", mixed, at(0));
  const Uuid eve = enrol(world, "a", mixed, at(90));
  CHECK(search_by_template(world, {"a"}, at(5)).matches.front().face == ada);
  CHECK(search_by_template(world, {"a"}, at(95)).matches.front().face == eve);
  // Nobody is where their mean would be.
  CHECK(search_by_template(world, {"a"}, at(45)).matches_total == 2);
  for (const auto& match : search_by_template(world, {"a"}, at(45)).matches) CHECK_FALSE(match.person_score);
  // Three of one and one of another: the three have a mean, and the other is found for itself.
  const Uuid more = Uuid::make();
  for (const double degrees : {200.0, 205.0, 210.0}) enrol(world, "a", more, at(degrees));
  const Uuid other = enrol(world, "a", more, at(320));
  const auto found = search_by_template(world, {"a"}, at(321));
  CHECK(found.matches.front().face == other);
  CHECK_FALSE(found.matches.front().person_score);
  CHECK(search_by_template(world, {"a"}, at(204)).matches.front().person_score.has_value());
  // Of six faces: the two that disagree, a mean of three, and the other one.
  CHECK(found.basis->faces == 4);
  CHECK(found.basis->by_person);
}

TEST_CASE("a person whom a face was decided not to be is not found by the mean either", "[search]") {
  World world;
  world.create("a", policy_by_person());
  const Uuid ada = Uuid::make();
  const Uuid eve = Uuid::make();
  for (const double degrees : {10.0, 14.0, 18.0}) enrol(world, "a", ada, at(degrees), "Ada");
  const Uuid face = enrol(world, "a", eve, at(30), "Eve");
  REQUIRE(search_by_template(world, {"a"}, at(30)).matches_total == 2);
  const Decision decision{Decision::Kind::kNotThisPerson, face, ada, 1};
  world.store.open("a")->write([&](WriteTransaction& transaction) {
    transaction.set_decisions({&decision, 1});
  });
  const auto found = search_by_template(world, {"a"}, at(30));
  CHECK(found.matches_total == 1);
  CHECK(found.matches.front().name == "Eve");
  CHECK(search_by_template(world, {"a"}, at(26)).matches_total == 2);
}

TEST_CASE("several collections that are matched by person answer in one order", "[search]") {
  World world;
  for (const char* id : {"a", "b"}) {
    world.create(id, policy_by_person());
  }
  world.create("faces");
  const Uuid ada = Uuid::make();
  for (const double degrees : {0.0, 4.0}) enrol(world, "a", ada, at(degrees), "Ada");
  const Uuid eve = Uuid::make();
  for (const double degrees : {20.0, 24.0, 28.0}) enrol(world, "b", eve, at(degrees), "Eve");
  const auto found = search_by_template(world, {"a", "b"}, at(10));
  REQUIRE(found.matches.size() == 2);
  CHECK(found.matches[0].name == "Ada");
  CHECK(found.matches[1].name == "Eve");
  CHECK(found.matches[0].cosine > found.matches[1].cosine);
  CHECK(found.basis->faces == 2);
  CHECK(fault_of([&] { search_by_template(world, {"a", "faces"}, at(10)); }).thrown);
}

TEST_CASE("a collection gets points of means when it is matched by person first, and keeps them",
          "[search]") {
  World world;
  auto context = world.context();
  const auto match_by = [&](const std::string& id, MatchBy what) {
    service::update_collection(context, world.caller, id, [what](Policy policy) {
      policy.match_by = what;
      return policy;
    });
    return world.store.open(id)->record().binding.calibration.of_means;
  };
  world.create("a");
  world.create("b");
  enrol(world, "a", Uuid::make(), at(0));
  CHECK_FALSE(world.store.open("a")->record().binding.calibration.of_means);
  CHECK(match_by("a", MatchBy::kPerson) == kPointsOfMeans);
  CHECK(world.store.open("a")->snapshot()->means());
  CHECK(match_by("a", MatchBy::kFace) == kPointsOfMeans);
  CHECK_FALSE(world.store.open("a")->snapshot()->means());
  CHECK(search_by_template(world, {"a", "b"}, at(0)).matches.size() == 1);  // their scores are the same

  // Its own points, whatever its pack has by now.
  auto own = kPointsOfMeans;
  own[1][3] = 0.81;
  world.store.open("a")->update_record(
      [&](CollectionRecord& record) { record.binding.calibration.of_means = own; });
  CHECK(match_by("a", MatchBy::kPerson) == own);

  // A collection that was made before its pack had them gets them when it is told again.
  world.store.open("b")->update_record([](CollectionRecord& record) {
    record.policy.match_by = MatchBy::kPerson;
    record.binding.calibration.of_means.reset();
  });
  CHECK(match_by("b", MatchBy::kPerson) == kPointsOfMeans);
}

TEST_CASE("means follow what is done to persons", "[search]") {
  World world;
  world.create("a", policy_by_person());
  auto context = world.context();
  const Uuid ada = Uuid::make();
  const Uuid eve = Uuid::make();
  std::vector<Uuid> faces;
  for (const double degrees : {0.0, 4.0}) faces.push_back(enrol(world, "a", ada, at(degrees)));
  for (const double degrees : {8.0, 12.0}) faces.push_back(enrol(world, "a", eve, at(degrees)));
  const auto count = [&](std::size_t group) {
    const auto collection = world.store.open("a");
    return collection->snapshot()->means()->count(group);
  };
  CHECK(count(0) == 2);
  service::merge_persons(context, world.caller, {"a", {ada.text(), eve.text()}});
  CHECK(count(0) == 0);
  CHECK(count(2) == 1);
  service::split_person(context, world.caller, {"a", {faces[3].text()}, {}});
  CHECK(count(1) == 1);
  service::delete_person(context, world.caller, {"a", ada.text()});
  CHECK(count(0) + count(1) + count(2) == 0);
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
#include "facesearch/service/enroll/known_pictures.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "catch.hpp"
#include "service/degrees.hpp"
#include "service/world.hpp"

namespace facesearch::test {

TEST_CASE("of the persons of a name two are told, and none that is gone", "[batch]") {
  std::minstd_rand random(20261129);  // NOLINT(cert-msc51-cpp): the same each time
  for (unsigned round = 0; round < 20; ++round) {
    World world;
    world.create("a");
    const auto collection = world.store.open("a");
    service::KnownPictures known_pictures(true);
    std::map<std::string, std::map<Uuid, std::set<Uuid>>> living;  // by name and person, their faces
    std::map<std::string, std::set<Uuid>> ever;
    std::vector<Uuid> known;  // who has or had a face
    for (int step = 0; step < 300; ++step) {
      const std::string name = random() % 4 == 0 ? "Max" : "Ada";
      auto& persons = living[name];
      collection->write([&](WriteTransaction& transaction) {
        // Few persons of many faces in some rounds, many of few in others.
        const bool again = !known.empty() && random() % (round + 2) != 0;
        const FaceRecord face{
            Uuid::make(), again ? known[random() % known.size()] : Uuid::make(), name, {}, 1};
        transaction.add(face, at(static_cast<double>(random() % 360)));
        persons[face.person].insert(face.face);
        ever[name].insert(face.person);
        if (!again) known.push_back(face.person);
        while (random() % 2 == 0) {
          auto& of_name = living[random() % 4 == 0 ? "Max" : "Ada"];
          if (of_name.empty()) continue;
          const auto person =
              std::next(of_name.begin(), static_cast<std::ptrdiff_t>(random() % of_name.size()));
          const Uuid erased = *person->second.begin();
          // It may be the one just added, which is then never seen.
          REQUIRE(transaction.erase(erased));
          person->second.erase(erased);
          if (person->second.empty()) of_name.erase(person);
        }
      });
      const auto snapshot = collection->snapshot();
      known_pictures.update(*snapshot);
      if (random() % 3 != 0) continue;
      for (const auto& [asked, of_name] : living) {
        // Who had this name and now has faces under another one is not gone, though it may be forgotten.
        std::size_t alive = 0;
        for (const Uuid& person : ever[asked]) {
          if (snapshot->has_person(person)) ++alive;
        }
        const auto two = known_pictures.two_persons(asked, *snapshot);
        CHECK(two.size() >= std::min<std::size_t>(2, of_name.size()));
        CHECK(two.size() <= std::min<std::size_t>(2, alive));
        CHECK((two.size() < 2 || two[0] != two[1]));
        for (const Uuid& person : two) CHECK((ever[asked].contains(person) && snapshot->has_person(person)));
      }
      CHECK(known_pictures.two_persons("Eve", *snapshot).empty());
    }
  }
}

}  // namespace facesearch::test

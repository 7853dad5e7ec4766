// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/mean_points.hpp"

#include <algorithm>
#include <random>

#include "catch.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/store/person_mean.hpp"

namespace facesearch::test {
namespace {

constexpr std::size_t kDimension = 32;

Template drawn_template(std::mt19937& random) {
  std::normal_distribution<float> normal;
  Template values(kDimension);
  for (float& value : values) value = normal(random);
  return normalised(std::move(values));
}

// People with some photographs each.
struct Labelled {
  explicit Labelled(std::size_t people, std::size_t photographs) {
    std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same each time
    for (std::size_t person = 0; person < people; ++person) {
      const Template centre = drawn_template(random);
      for (std::size_t i = 0; i < photographs; ++i) {
        Template values = drawn_template(random);
        for (std::size_t k = 0; k < kDimension; ++k) values[k] = centre[k] + 0.6F * values[k];
        templates.push_back(normalised(std::move(values)));
        persons.push_back("p" + std::to_string(person));
      }
    }
  }

  service::MeanPoints measure() const {
    return service::measure_means(templates, persons, of_faces,
                                  [](std::size_t, std::size_t) { return false; });
  }

  std::vector<Template> templates;
  std::vector<std::string> persons;
  Calibration of_faces{{0.15, 0.2, 0.25, 0.3, 0.35}, 1e-2, "drawn"};
};

// The cosine that a tenth of the strangers reach, by groups of `size`.
double tenth(const Labelled& people, std::size_t size) {
  std::vector<double> cosines;
  for (std::size_t first = 0; first + size <= people.templates.size();) {
    if (people.persons[first] != people.persons[first + size - 1]) {
      ++first;
      continue;
    }
    const auto begin = people.templates.begin() + static_cast<std::ptrdiff_t>(first);
    const PersonMean mean = person_mean({begin, begin + static_cast<std::ptrdiff_t>(size)}, people.of_faces);
    REQUIRE(mean.faces == size);
    for (std::size_t i = 0; i < people.templates.size(); ++i) {
      if (people.persons[i] != people.persons[first]) {
        cosines.push_back(exact_cosine(*mean.values, people.templates[i]));
      }
    }
    first += size;
  }
  std::ranges::sort(cosines, std::greater<>());
  return cosines[cosines.size() / 10];
}

}  // namespace

TEST_CASE("points of means are those of every group against every stranger", "[calibrate]") {
  const Labelled people(60, 4);
  const service::MeanPoints points = people.measure();
  REQUIRE(points.of_means);
  // Two pairs, one group of three and one of four a person, against 59 others of four photographs.
  CHECK(points.comparisons == std::array<std::uint64_t, 3>{120 * 236, 60 * 236, 60 * 236});
  CHECK(points.measured[0] >= 2);
  double least = people.of_faces.cosine_at_fmr[0];
  for (std::size_t group = 0; group < 3; ++group) {
    least = std::max(least, tenth(people, group + 2));
    CHECK(points.of_means->at(group)[0] == Approx(least).margin(1e-5));
    CHECK(std::ranges::is_sorted(points.of_means->at(group)));
  }
}

TEST_CASE("no point of means is lower than that of fewer photographs", "[calibrate]") {
  Labelled people(60, 4);
  people.of_faces.cosine_at_fmr = {0.5, 0.52, 0.54, 0.56, 0.58};
  const auto points = people.measure();
  REQUIRE(points.of_means);
  for (const auto& list : *points.of_means) {
    for (std::size_t i = 0; i < list.size(); ++i) CHECK(list[i] >= people.of_faces.cosine_at_fmr[i]);
  }
}

TEST_CASE("too few persons of several photographs give no points of means", "[calibrate]") {
  CHECK_FALSE(Labelled(60, 3).measure().of_means);
  CHECK_FALSE(Labelled(5, 4).measure().of_means);
  // Templates that are missing, and pairs that are excluded, are not compared.
  Labelled people(60, 4);
  for (std::size_t i = 0; i < 4; ++i) people.templates[i].clear();
  const auto fewer =
      service::measure_means(people.templates, people.persons, people.of_faces,
                             [](std::size_t own, std::size_t other) { return own == 4 && other == 8; });
  CHECK(fewer.comparisons[2] == 59 * 58 * 4 - 1);
}

}  // namespace facesearch::test

// SPDX-License-Identifier: MIT
#include "lfw_persons.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "facesearch/match/operating_points.hpp"
#include "facesearch/match/threshold.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/store/means.hpp"
#include "facesearch/store/person_mean.hpp"

namespace facesearch::test {
namespace {

constexpr std::size_t kEnrolled = 3;
constexpr int kDraws = 3;
constexpr int kMixtures = 3000;

using Faces = std::vector<const Template*>;
using People = std::map<std::string, Faces>;

double best_of(const Faces& enrolled, const Template& probe) {
  double best = -1;
  for (const Template* face : enrolled) best = std::max(best, exact_cosine(*face, probe));
  return best;
}

// A person as a collection that is matched by person has it.
class Enrolled {
 public:
  Enrolled(Faces faces, const Calibration& calibration)
      : faces_(std::move(faces)), calibration_(calibration) {
    std::vector<Template> templates;
    for (const Template* face : faces_) templates.push_back(*face);
    mean_ = person_mean(templates, calibration);
  }

  bool by_face(const Template& probe) const { return best_of(faces_, probe) >= at(calibration_); }

  bool by_person(const Template& probe) const {
    for (std::size_t i = 0; i < faces_.size(); ++i) {
      if (!mean_.holds[i] && exact_cosine(*faces_[i], probe) >= at(calibration_)) return true;
    }
    return mean_.values && exact_cosine(*mean_.values, probe) >=
                               at(calibration_of_mean(calibration_, mean_group(mean_.faces)));
  }

  bool holds(std::size_t first, std::size_t last) const {
    return std::any_of(mean_.holds.begin() + static_cast<std::ptrdiff_t>(first),
                       mean_.holds.begin() + static_cast<std::ptrdiff_t>(last),
                       [](bool held) { return held; });
  }

 private:
  static double at(const Calibration& calibration) { return threshold_at(calibration, 80).cosine; }

  Faces faces_;
  const Calibration& calibration_;
  PersonMean mean_;
};

struct Share {
  void add(bool hit) {
    ++count;
    hits += hit ? 1U : 0U;
  }
  double value() const { return count == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(count); }

  std::uint64_t count = 0;
  std::uint64_t hits = 0;
};

// A way to compare a probe with three photographs.
struct Way {
  std::array<double, 5> found() const {
    const Calibration points = operating_points(strangers, "").calibration;
    std::array<double, 5> shares{};
    for (std::size_t i = 0; i < shares.size(); ++i) {
      Share share;
      for (const double cosine : mates) share.add(cosine >= points.cosine_at_fmr.at(i));
      shares.at(i) = share.value();
    }
    return shares;
  }

  std::vector<double> mates{};
  CosineCounts strangers{};
};

std::string of_three(const People& people, const Calibration& calibration, std::mt19937& random) {
  Way one, best, mean;
  Share mates_by_face, mates_by_person, others_by_face, others_by_person;
  std::size_t counted = 0;
  for (const auto& [name, faces] : people) {
    if (faces.size() <= kEnrolled) continue;
    ++counted;
    for (int draw = 0; draw < kDraws; ++draw) {
      Faces order = faces;
      std::ranges::shuffle(order, random);
      const Faces enrolled(order.begin(), order.begin() + kEnrolled);
      TemplateMean sum(enrolled.front()->size());
      for (const Template* face : enrolled) sum.add(*face);
      const Template centre = sum.take().value();
      const Enrolled person(enrolled, calibration);
      for (std::size_t i = kEnrolled; i < order.size(); ++i) {
        one.mates.push_back(exact_cosine(*order[i], *enrolled.front()));
        best.mates.push_back(best_of(enrolled, *order[i]));
        mean.mates.push_back(exact_cosine(*order[i], centre));
        mates_by_face.add(person.by_face(*order[i]));
        mates_by_person.add(person.by_person(*order[i]));
      }
      for (const auto& [other, strangers] : people) {
        if (other == name) continue;
        for (const Template* stranger : strangers) {
          one.strangers.add(exact_cosine(*stranger, *enrolled.front()));
          best.strangers.add(best_of(enrolled, *stranger));
          mean.strangers.add(exact_cosine(*stranger, centre));
          others_by_face.add(person.by_face(*stranger));
          others_by_person.add(person.by_person(*stranger));
        }
      }
    }
  }
  return fmt::format(
      "\"people\":{},\"searches\":{},\"mates_at_fmr\":{{\"one\":[{:.3f}],\"best\":[{:.3f}],\"mean\":[{:.3f}]}"
      "},"
      "\"at_threshold\":{{\"by_face\":{{\"mates\":{:.3f},\"strangers\":{:.1e}}},\"by_person\":{{\"mates\":{:."
      "3f},"
      "\"strangers\":{:.1e}}}}}",
      counted, one.mates.size(), fmt::join(one.found(), ","), fmt::join(best.found(), ","),
      fmt::join(mean.found(), ","), mates_by_face.value(), others_by_face.value(), mates_by_person.value(),
      others_by_person.value());
}

// `a` photographs of one and `b` of another as one person; one more of each is searched for.
std::string mixture(const People& people, const Calibration& calibration, std::size_t a, std::size_t b,
                    std::mt19937& random) {
  std::vector<const Faces*> enough;
  for (const auto& [name, faces] : people) {
    if (faces.size() > std::max(a, b)) enough.push_back(&faces);
  }
  Share by_face, by_person, both;
  for (int draw = 0; draw < kMixtures && enough.size() > 1; ++draw) {
    std::vector<const Faces*> two;
    std::ranges::sample(enough, std::back_inserter(two), 2, random);
    std::ranges::shuffle(two, random);
    Faces one = *two[0];
    Faces other = *two[1];
    std::ranges::shuffle(one, random);
    std::ranges::shuffle(other, random);
    Faces enrolled(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(a));
    enrolled.insert(enrolled.end(), other.begin(), other.begin() + static_cast<std::ptrdiff_t>(b));
    const Enrolled person(enrolled, calibration);
    both.add(person.holds(0, a) && person.holds(a, a + b));
    for (const Template* probe : {one[a], other[b]}) {
      by_face.add(person.by_face(*probe));
      by_person.add(person.by_person(*probe));
    }
  }
  return fmt::format(
      "{{\"photographs\":[{},{}],\"by_face\":{:.3f},\"by_person\":{:.3f},\"mean_of_both\":{:.3f}}}", a, b,
      by_face.value(), by_person.value(), both.value());
}

People people_of(const std::map<std::string, Template>& templates,
                 const std::map<std::string, std::string>& persons) {
  People people;
  for (const auto& [file, values] : templates) people[persons.at(file)].push_back(&values);
  return people;
}

std::string mixtures(const People& people, const Calibration& calibration, std::mt19937& random,
                     std::initializer_list<std::pair<std::size_t, std::size_t>> sizes) {
  std::vector<std::string> mixed;
  for (const auto& [a, b] : sizes) mixed.push_back(mixture(people, calibration, a, b, random));
  return fmt::format("[{}]", fmt::join(mixed, ","));
}

}  // namespace

std::string person_figures(const std::map<std::string, Template>& templates, const Calibration& calibration,
                           const std::map<std::string, std::string>& persons) {
  const People people = people_of(templates, persons);
  std::mt19937 random(1);
  const std::string three = of_three(people, calibration, random);
  return fmt::format("{{{},\"mixed\":{}}}", three,
                     mixtures(people, calibration, random,
                              {{1, 1}, {2, 1}, {2, 2}, {3, 1}, {3, 3}, {5, 2}, {5, 5}, {10, 4}}));
}

std::string mixed_figures(const std::map<std::string, Template>& templates, const Calibration& calibration,
                          const std::map<std::string, std::string>& persons) {
  std::mt19937 random(1);
  return mixtures(people_of(templates, persons), calibration, random,
                  {{1, 1}, {2, 1}, {2, 2}, {3, 1}, {3, 2}, {3, 3}});
}

}  // namespace facesearch::test

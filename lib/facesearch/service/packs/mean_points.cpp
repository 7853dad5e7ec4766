// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/mean_points.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/match/operating_points.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/store/means.hpp"
#include "facesearch/store/person_mean.hpp"

namespace facesearch::service {
namespace {

using Persons = std::map<std::string_view, std::vector<std::size_t>>;

// A mean, and the places of the templates it is of.
struct Group {
  Template mean;
  std::vector<std::size_t> of;
};

// All templates of a person with four and more are one group; of two and three they are cut into as many as
// there are.
std::vector<Group> groups_of(const Persons& persons, std::span<const Template> templates,
                             const Calibration& of_faces, std::size_t group) {
  std::vector<Group> groups;
  for (const auto& [name, places] : persons) {
    const std::size_t size = group + 2;
    const bool whole = size == 4;
    for (std::size_t first = 0; first + size <= places.size(); first += size) {
      const std::size_t count = whole ? places.size() : size;
      std::vector<Template> faces;
      for (std::size_t i = 0; i < count; ++i) faces.push_back(templates[places[first + i]]);
      PersonMean mean = person_mean(faces, of_faces);
      if (mean.values && mean_group(mean.faces) == group) {
        const auto begin = places.begin() + static_cast<std::ptrdiff_t>(first);
        groups.push_back({*std::move(mean.values), {begin, begin + static_cast<std::ptrdiff_t>(count)}});
      }
      if (whole) break;
    }
  }
  return groups;
}

}  // namespace

MeanPoints measure_means(std::span<const Template> templates, std::span<const std::string> persons,
                         const Calibration& of_faces,
                         const std::function<bool(std::size_t, std::size_t)>& is_excluded) {
  Persons by_name;
  for (std::size_t i = 0; i < templates.size(); ++i) {
    if (!templates[i].empty()) by_name[persons[i]].push_back(i);
  }
  MeanPoints points;
  std::array<Calibration::Points, 3> found{};
  Calibration::Points least = of_faces.cosine_at_fmr;
  Calibration faces_alone = of_faces;
  faces_alone.of_means.reset();
  const Calibration unmeasured = calibration_of_mean(faces_alone, 0);
  for (std::size_t group = 0; group < found.size(); ++group) {
    CosineCounts counts;
    for (const Group& mean : groups_of(by_name, templates, of_faces, group)) {
      for (std::size_t i = 0; i < templates.size(); ++i) {
        if (templates[i].empty() || persons[i] == persons[mean.of.front()]) continue;
        if (std::ranges::any_of(mean.of, [&](std::size_t own) { return is_excluded(own, i); })) continue;
        counts.add(exact_cosine(mean.mean, templates[i]));
      }
    }
    points.comparisons.at(group) = counts.total();
    try {
      const OperatingPoints measured = operating_points(counts, of_faces.source);
      points.measured.at(group) = measured.measured;
      for (std::size_t i = 0; i < least.size(); ++i) {
        const auto& known = i < measured.measured ? measured.calibration : unmeasured;
        least.at(i) = std::max(least.at(i), known.cosine_at_fmr.at(i));
        if (i > 0 && least.at(i) <= least.at(i - 1)) {  // measured before, and not any more
          const double step = of_faces.cosine_at_fmr.at(i) - of_faces.cosine_at_fmr.at(i - 1);
          least.at(i) = std::min(least.at(i - 1) + step, std::midpoint(least.at(i - 1), 1.0));
        }
      }
    } catch (const Error& error) {  // too few comparisons, or points that do not rise
      if (error.cause() != Cause::kInvalidValue) throw;
      return points;
    }
    found.at(group) = least;
  }
  points.of_means = found;
  return points;
}

}  // namespace facesearch::service

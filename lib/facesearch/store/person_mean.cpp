// SPDX-License-Identifier: MIT
#include "facesearch/store/person_mean.hpp"

#include <algorithm>

namespace facesearch {
namespace {

// Each face is compared with at most so many of a person's, evenly chosen: what a commit costs grows with a
// person's photographs, and not with their square.
constexpr std::size_t kMostCompared = 128;

// True if at least half of the other faces reach the cosine to this one.
bool agrees(const std::vector<std::vector<float>>& faces, std::size_t face, double least) {
  const std::size_t compared = std::min(faces.size(), kMostCompared);
  std::size_t others = 0;
  std::size_t alike = 0;
  for (std::size_t i = 0; i < compared; ++i) {
    const std::size_t other = i * faces.size() / compared;
    if (other == face) continue;
    ++others;
    if (exact_cosine(faces[face], faces[other]) >= least) ++alike;
  }
  return 2 * alike >= others;
}

}  // namespace

PersonMean person_mean(const std::vector<std::vector<float>>& faces, const Calibration& calibration) {
  PersonMean mean;
  mean.holds.resize(faces.size());
  if (faces.size() < 2) return mean;
  TemplateMean agreeing(faces.front().size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    mean.holds[i] = agrees(faces, i, calibration.cosine_at_fmr[2]);
    if (mean.holds[i]) agreeing.add(faces[i]);
  }
  if (agreeing.count() >= 2 && 2 * agreeing.count() > faces.size()) mean.values = agreeing.take();
  if (mean.values) {
    mean.faces = agreeing.count();
  } else {
    mean.holds.assign(faces.size(), false);
  }
  return mean;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/store/person_mean.hpp"

namespace facesearch {

PersonMean person_mean(const std::vector<std::vector<float>>& faces, const Calibration& calibration) {
  PersonMean mean;
  mean.holds.resize(faces.size());
  if (faces.size() < 2) return mean;
  TemplateMean all(faces.front().size());
  for (const auto& face : faces) all.add(face);
  const double least = calibration.cosine_at_fmr[2];
  TemplateMean agreeing(faces.front().size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (!(all.cosine_to_others(faces[i]) >= least)) continue;
    agreeing.add(faces[i]);
    mean.holds[i] = true;
  }
  const bool enough =
      agreeing.count() >= 2 && 2 * agreeing.count() > faces.size() && agreeing.cosine_of_pairs() >= least;
  if (enough) mean.values = agreeing.take();
  if (mean.values) {
    mean.faces = agreeing.count();
  } else {
    mean.holds.assign(faces.size(), false);
  }
  return mean;
}

}  // namespace facesearch

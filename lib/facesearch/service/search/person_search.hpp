// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "facesearch/core/calibration.hpp"
#include "facesearch/core/template.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/search/gallery_search.hpp"
#include "facesearch/store/store.hpp"

/// The search of a gallery that is matched by person: a probe is compared with each person's mean, and with
/// each face that is in none.
namespace facesearch::service {

struct PersonQuery {
  const Template& probe;
  double similarity = 0;  ///< the threshold, for a face and for a mean alike
  std::size_t limit = 1;
  std::vector<Uuid> left_out{};  ///< persons who are not searched
};

struct PersonCandidate {
  Candidate face;       ///< the best face of the person, and its own cosine
  double deciding = 0;  ///< by which rows are ordered: the cosine of two faces of this similarity
  std::optional<double> similarity_of_mean{};  ///< 0–100; none: the face stood for itself
};

struct PersonMatches {
  std::vector<PersonCandidate> candidates;  ///< best first, ties by face id
  std::uint64_t total = 0;                  ///< at or above the threshold
};

/// The exact answer to each query, by one pass over the means and the faces that are in none. Throws as
/// search_gallery.
std::vector<PersonMatches> search_persons(const Snapshot& gallery, const Means& means,
                                          const Calibration& calibration,
                                          std::span<const PersonQuery> queries, const ScanWork& work);

/// How many rows a search of the gallery by person compares with.
std::uint64_t persons_compared(const Means& means);

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/match/kernels/kernel.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// The best of a gallery, and how many there are at or above the cosine.
struct GalleryMatches {
  std::vector<Candidate> candidates;  ///< best first, ties by face id
  std::uint64_t total = 0;
};

/// One search of a gallery.
struct GalleryQuery {
  const Template& probe;
  double min_cosine = -1;
  std::size_t limit = 1;
  std::span<const std::uint64_t> left_out{};  ///< slots that are not searched, rising; outlive the search
};

/// Now, as the expiry of rows is written: seconds since 1970.
std::uint32_t seconds_now();

/// The exact answer to each of many queries, in their order, by one pass over the gallery's codes. Throws
/// Error(kStoreDamaged) for what the store finds damaged on the way.
std::vector<GalleryMatches> search_gallery(const Snapshot& gallery, std::span<const GalleryQuery> queries,
                                           Kernel kernel);

}  // namespace facesearch::service

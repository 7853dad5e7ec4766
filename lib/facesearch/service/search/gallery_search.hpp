// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "facesearch/core/template.hpp"
#include "facesearch/match/search_many.hpp"
#include "facesearch/match/top_candidates.hpp"
#include "facesearch/service/context.hpp"
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

/// Scores all survivors of every search.
using ScoreSurvivors = std::function<void(std::span<ExactSearch>)>;

/// search_many over `blocks` blocks, with as many of the threads as have enough to do. Throws SearchStopped
/// where work.stopped says so.
std::vector<ExactSearch> scan_blocks(const std::vector<ExactSearch::Query>& queries, const ScanWork& work,
                                     std::uint64_t blocks,
                                     const std::function<std::unique_ptr<CodeReader>()>& open_reader,
                                     const ScoreSurvivors& score);

/// The exact answer to each of many queries, in their order, by one pass over the gallery's codes, then one
/// over the templates that these leave open: a block is read, and verified, once for all queries. Where too
/// many are open to be remembered, they are scored on the way. Throws Error(kStoreDamaged) for what the store
/// finds damaged, and as scan_blocks.
std::vector<GalleryMatches> search_gallery(const Snapshot& gallery, std::span<const GalleryQuery> queries,
                                           const ScanWork& work);

/// The second pass, for searches whose slots are those of the gallery; threads share it where there is enough
/// to score.
void score_survivors(const Snapshot& gallery, std::span<ExactSearch> searches, const ScanWork& work);

}  // namespace facesearch::service

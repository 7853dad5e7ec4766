// SPDX-License-Identifier: MIT
#include "facesearch/service/search/gallery_search.hpp"

#include <algorithm>
#include <limits>

#include "facesearch/core/timestamp.hpp"
#include "facesearch/match/exact_search.hpp"

namespace facesearch::service {

std::uint32_t seconds_now() {
  constexpr Timestamp kLast = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<Timestamp>(now() / 1000, 0, kLast));
}

std::vector<GalleryMatches> search_gallery(const Snapshot& gallery, std::span<const GalleryQuery> queries,
                                           Kernel kernel) {
  const std::uint32_t now = seconds_now();
  std::vector<ExactSearch> searches;
  searches.reserve(queries.size());
  for (const GalleryQuery& query : queries) {
    searches.emplace_back(ExactSearch::Query{query.probe, query.min_cosine, query.limit, now, query.left_out},
                          kernel);
  }
  const auto reader = gallery.code_reader();
  for (std::uint64_t block = 0; block < gallery.code_blocks(); ++block) {
    ExactSearch::scan(searches, reader->read(block));
  }
  std::vector<GalleryMatches> found;
  found.reserve(searches.size());
  for (ExactSearch& search : searches) {
    gallery.visit_templates(search.survivors(),
                            [&](const TemplateRow& row) { search.score(row.face, row.values); });
    found.push_back({search.take(), search.matches()});
  }
  return found;
}

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#include "facesearch/service/gallery_search.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "facesearch/core/timestamp.hpp"
#include "facesearch/match/exact_search.hpp"

namespace facesearch::service {

std::uint32_t seconds_now() {
  constexpr Timestamp kLast = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<Timestamp>(now() / 1000, 0, kLast));
}

GalleryMatches search_gallery(const Snapshot& gallery, GalleryQuery query, Kernel kernel) {
  ExactSearch search({query.probe, query.min_cosine, query.limit, seconds_now(), std::move(query.left_out)},
                     kernel);
  const auto reader = gallery.code_reader();
  for (std::uint64_t block = 0; block < gallery.code_blocks(); ++block) {
    search.scan(reader->read(block));
  }
  gallery.visit_templates(search.survivors(),
                          [&](const TemplateRow& row) { search.score(row.face, row.values); });
  return {search.take(), search.matches()};
}

}  // namespace facesearch::service

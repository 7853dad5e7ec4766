// SPDX-License-Identifier: MIT
#include "facesearch/service/search/gallery_search.hpp"

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

std::vector<ExactSearch> scan_blocks(const std::vector<ExactSearch::Query>& queries, const ScanWork& work,
                                     std::uint64_t blocks,
                                     const std::function<std::unique_ptr<CodeReader>()>& open_reader) {
  // To start a thread costs as much as to hold some ten blocks against a probe.
  constexpr std::uint64_t kBlocksAThread = 100;
  const std::uint64_t threads = blocks * queries.size() / kBlocksAThread;
  return search_many(queries, work.kernel, std::clamp<std::uint64_t>(threads, 1, work.threads), blocks,
                     [&]() -> BlockReader {
                       std::shared_ptr<void> permit = work.may_scan ? work.may_scan() : nullptr;
                       const std::shared_ptr<CodeReader> reader = open_reader();
                       return [permit, reader](std::uint64_t block) { return reader->read(block); };
                     });
}

void score_survivors(const Snapshot& gallery, std::span<ExactSearch> searches) {
  struct Open {
    std::uint64_t slot = 0;
    std::size_t search = 0;
  };
  std::vector<Open> open;
  for (std::size_t i = 0; i < searches.size(); ++i) {
    for (const std::uint64_t slot : searches[i].survivors()) open.push_back({slot, i});
  }
  std::ranges::sort(open, {}, [](const Open& each) { return std::pair(each.slot, each.search); });
  std::vector<std::uint64_t> slots;
  for (const Open& each : open) {
    if (slots.empty() || slots.back() != each.slot) slots.push_back(each.slot);
  }
  auto next = open.begin();
  gallery.visit_templates(slots, [&](const TemplateRow& row) {
    for (; next != open.end() && next->slot == row.slot; ++next) {
      searches[next->search].score(row.face, row.values);
    }
  });
}

std::vector<GalleryMatches> search_gallery(const Snapshot& gallery, std::span<const GalleryQuery> queries,
                                           const ScanWork& work) {
  const std::uint32_t now = seconds_now();
  std::vector<ExactSearch::Query> wanted;
  wanted.reserve(queries.size());
  for (const GalleryQuery& query : queries) {
    wanted.push_back({query.probe, query.min_cosine, query.limit, now, query.left_out});
  }
  auto searches =
      scan_blocks(wanted, work, gallery.code_blocks(), [&gallery] { return gallery.code_reader(); });
  score_survivors(gallery, searches);
  std::vector<GalleryMatches> found;
  found.reserve(searches.size());
  for (ExactSearch& search : searches) found.push_back({search.take(), search.matches()});
  return found;
}

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#include "facesearch/service/search/gallery_search.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

#include "facesearch/core/parallel.hpp"
#include "facesearch/core/timestamp.hpp"
#include "facesearch/match/exact_search.hpp"

namespace facesearch::service {

namespace {

// A row that a search's codes leave open.
struct OpenRow {
  std::uint64_t slot = 0;
  std::size_t search = 0;
};

// In the order of the slots.
std::vector<OpenRow> open_rows(std::span<ExactSearch> searches) {
  std::size_t count = 0;
  for (const ExactSearch& search : searches) count += search.open_rows();
  std::vector<OpenRow> open;
  open.reserve(count);
  for (std::size_t i = 0; i < searches.size(); ++i) {
    for (const std::uint64_t slot : searches[i].survivors()) open.push_back({slot, i});
  }
  std::ranges::sort(open, {}, [](const OpenRow& row) { return std::pair(row.slot, row.search); });
  return open;
}

// Scores rows, each template of which is read once.
void score_rows(const Snapshot& gallery, std::span<const OpenRow> open, std::span<ExactSearch> searches,
                std::mutex& one_reader, std::mutex& one_taker) {
  std::vector<std::uint64_t> slots;
  for (const OpenRow& row : open) {
    if (slots.empty() || slots.back() != row.slot) slots.push_back(row.slot);
  }
  std::vector<Uuid> faces;
  std::vector<float> values;
  faces.reserve(slots.size());
  {
    const std::lock_guard lock(one_reader);
    gallery.visit_templates(slots, [&](const TemplateRow& row) {
      faces.push_back(row.face);
      values.insert(values.end(), row.values.begin(), row.values.end());
    });
  }
  if (slots.empty()) return;
  const std::size_t dimension = values.size() / slots.size();
  std::vector<double> cosines;
  cosines.reserve(open.size());
  std::size_t at = 0;  // the slot of the row
  for (const OpenRow& row : open) {
    if (row.slot != slots[at]) ++at;
    const auto of_row = std::span(values).subspan(at * dimension, dimension);
    cosines.push_back(exact_cosine(searches[row.search].probe(), of_row));
  }
  const std::lock_guard lock(one_taker);
  at = 0;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (open[i].slot != slots[at]) ++at;
    searches[open[i].search].score(faces[at], cosines[i]);
  }
}

}  // namespace

std::uint32_t seconds_now() {
  constexpr Timestamp kLast = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<Timestamp>(now() / 1000, 0, kLast));
}

std::vector<ExactSearch> scan_blocks(const std::vector<ExactSearch::Query>& queries, const ScanWork& work,
                                     std::uint64_t blocks,
                                     const std::function<std::unique_ptr<CodeReader>()>& open_reader,
                                     const ScoreSurvivors& score) {
  // To start a thread costs as much as to hold some ten blocks against a probe.
  constexpr std::uint64_t kBlocksAThread = 100;
  const std::uint64_t threads = blocks * queries.size() / kBlocksAThread;
  ManyScan scan;
  scan.block_count = blocks;
  scan.open_reader = [&]() -> BlockReader {
    std::shared_ptr<void> permit = work.may_scan ? work.may_scan() : nullptr;
    const std::shared_ptr<CodeReader> reader = open_reader();
    return [permit, reader](std::uint64_t block) { return reader->read(block); };
  };
  scan.score = score;
  scan.threads = std::clamp<std::uint64_t>(threads, 1, std::max<std::size_t>(work.threads, 1));
  scan.stopped = work.stopped;
  return search_many(queries, work.kernel, scan);
}

void score_survivors(const Snapshot& gallery, std::span<ExactSearch> searches, const ScanWork& work) {
  const std::vector<OpenRow> open = open_rows(searches);
  std::mutex one_reader;  // a snapshot is read by one thread at a time
  std::mutex one_taker;
  constexpr std::size_t kAtOnce = 1024;
  parallel_for((open.size() + kAtOnce - 1) / kAtOnce, work.threads, [&] {
    return [&, permit = work.may_scan ? work.may_scan() : nullptr](std::size_t run) {
      if (work.stopped && work.stopped()) throw SearchStopped();
      const auto some = std::span(open).subspan(run * kAtOnce);
      score_rows(gallery, some.first(std::min(kAtOnce, some.size())), searches, one_reader, one_taker);
    };
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
  auto searches = scan_blocks(
      wanted, work, gallery.code_blocks(), [&gallery] { return gallery.code_reader(); },
      [&](std::span<ExactSearch> open) { score_survivors(gallery, open, work); });
  std::vector<GalleryMatches> found;
  found.reserve(searches.size());
  for (ExactSearch& search : searches) found.push_back({search.take(), search.matches()});
  return found;
}

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
// 1. Scan the means of each group with that group's threshold, and the faces that are in no mean with theirs.
// 2. Score what the codes leave open: a mean is made again from its faces, which also says which is the best.
// 3. Merge the groups: a mean's cosine is put on the scale of two faces, by its similarity.
#include "facesearch/service/search/person_search.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "facesearch/core/error.hpp"
#include "facesearch/match/search_many.hpp"
#include "facesearch/match/threshold.hpp"
#include "facesearch/service/persons/decisions.hpp"

namespace facesearch::service {
namespace {

// A mean that a query's codes leave open.
struct OpenMean {
  std::size_t query = 0;
  Candidate best{{}, -2};  // of its faces
};

// One row of a group, for all queries that need it.
struct MeanWork {
  TemplateMean mean;
  std::vector<OpenMean> open;
};

class GroupSearch {
 public:
  GroupSearch(const Snapshot& gallery, const Means& means, const Calibration& calibration, std::size_t group)
      : gallery_(gallery),
        means_(means),
        calibration_(calibration_of_mean(calibration, group)),
        group_(group) {}

  void run(std::span<const PersonQuery> queries, std::uint32_t now, const ScanWork& how) {
    best_.resize(queries.size());
    searches_ = scan(queries, now, how);
  }

  // Adds what was found for a query.
  void give(std::size_t query, const Calibration& faces, PersonMatches& matches) {
    for (const Candidate& mean : searches_[query].take()) {
      const double similarity = similarity_of_cosine(calibration_, mean.cosine);
      const bool same_scale = calibration_.cosine_at_fmr == faces.cosine_at_fmr;
      matches.candidates.push_back({{mean.face, best_[query].at(mean.face)},
                                    same_scale ? mean.cosine : cosine_of_similarity(faces, similarity),
                                    similarity});
    }
    matches.total += searches_[query].matches();
  }

 private:
  std::vector<ExactSearch> scan(std::span<const PersonQuery> queries, std::uint32_t now,
                                const ScanWork& work) {
    left_out_.resize(queries.size());
    std::vector<ExactSearch::Query> wanted;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const PersonQuery& query = queries[i];
      for (const Uuid& person : query.left_out) {
        const auto place = means_.find(person);
        if (place && place->group == group_) left_out_[i].push_back(place->row);
      }
      std::ranges::sort(left_out_[i]);
      wanted.push_back(
          {query.probe, threshold_at(calibration_, query.similarity).cosine, query.limit, now, left_out_[i]});
    }
    return scan_blocks(
        wanted, work, means_.blocks(group_), [this] { return means_.reader(group_); },
        [&](std::span<ExactSearch> searches) { score(searches, queries, work); });
  }

  // A mean that a query's codes leave open.
  struct OpenRow {
    std::uint64_t row = 0;
    std::size_t query = 0;
  };

  // Scores all survivors, of so many means at a time as take kBytes.
  void score(std::span<ExactSearch> searches, std::span<const PersonQuery> queries, const ScanWork& work) {
    std::vector<OpenRow> open;
    for (std::size_t i = 0; i < searches.size(); ++i) {
      for (const std::uint64_t row : searches[i].survivors()) open.push_back({row, i});
    }
    std::ranges::sort(open, {}, [](const OpenRow& each) { return std::pair(each.row, each.query); });
    constexpr std::size_t kBytes = std::size_t{16} << 20U;
    const std::size_t dimension = queries.empty() ? 0 : queries.front().probe.size();
    const std::size_t bytes_of_mean = dimension * sizeof(double) + sizeof(MeanWork);
    for (auto at = open.begin(); at != open.end();) {
      if (work.stopped && work.stopped()) throw SearchStopped();
      std::map<std::uint64_t, MeanWork> rows;
      for (std::size_t bytes = 0; at != open.end(); ++at) {
        if (rows.empty() || rows.rbegin()->first != at->row) {
          if (bytes >= kBytes) break;
          rows.emplace_hint(rows.end(), at->row, MeanWork{TemplateMean(dimension), {}});
          bytes += bytes_of_mean;
        }
        rows.rbegin()->second.open.push_back({at->query});
        bytes += sizeof(OpenMean);
      }
      make_means(rows, queries);
      score_means(rows, searches);
    }
  }

  void score_means(const std::map<std::uint64_t, MeanWork>& rows, std::span<ExactSearch> searches) {
    for (const auto& [row, work] : rows) {
      const auto values = work.mean.take();
      if (!values) throw Error(Cause::kInternal, "INTERNAL", "a mean is stored and has no direction");
      for (const OpenMean& open : work.open) {
        searches[open.query].score(open.best.face, *values);
        best_[open.query].emplace(open.best.face, open.best.cosine);
      }
    }
    for (std::size_t i = 0; i < searches.size(); ++i) keep_best(searches[i].best(), best_[i]);
  }

  // Only what is among the best so far can be given.
  static void keep_best(std::span<const Candidate> listed, std::map<Uuid, double>& best) {
    if (best.size() <= 2 * listed.size()) return;
    std::map<Uuid, double> kept;
    for (const Candidate& mean : listed) kept.insert(best.extract(mean.face));
    best = std::move(kept);
  }

  // Reads the faces of all rows in the order of their slots.
  void make_means(std::map<std::uint64_t, MeanWork>& rows, std::span<const PersonQuery> queries) const {
    std::vector<std::pair<std::uint64_t, MeanWork*>> faces;
    for (auto& [row, work] : rows) {
      for (const std::uint64_t slot : means_.faces_of({group_, row})) faces.emplace_back(slot, &work);
    }
    std::ranges::sort(faces, {}, &std::pair<std::uint64_t, MeanWork*>::first);
    std::vector<std::uint64_t> slots;
    slots.reserve(faces.size());
    for (const auto& [slot, work] : faces) slots.push_back(slot);
    auto next = faces.begin();
    gallery_.visit_templates(slots, [&](const TemplateRow& row) {
      MeanWork& work = *next++->second;
      work.mean.add(row.values);
      for (OpenMean& open : work.open) {
        const double cosine = exact_cosine(queries[open.query].probe, row.values);
        const bool better =
            cosine > open.best.cosine || (cosine == open.best.cosine && row.face < open.best.face);
        if (better) open.best = {row.face, cosine};
      }
    });
  }

  const Snapshot& gallery_;
  const Means& means_;
  Calibration calibration_;
  std::size_t group_;
  std::vector<std::vector<std::uint64_t>> left_out_;
  std::vector<ExactSearch> searches_;
  std::vector<std::map<Uuid, double>> best_;  // a query each: the cosines of the best faces
};

// The faces that are in no mean.
void search_singles(const Snapshot& gallery, const Means& means, const Calibration& calibration,
                    std::span<const PersonQuery> queries, std::uint32_t now, const ScanWork& work,
                    std::vector<PersonMatches>& found) {
  if (means.single_count() == 0) return;
  std::vector<std::vector<std::uint64_t>> left_out;
  left_out.reserve(queries.size());
  std::vector<ExactSearch::Query> wanted;
  for (const PersonQuery& query : queries) {
    left_out.push_back(query.left_out.empty() ? std::vector<std::uint64_t>{}
                                              : slots_of_all(gallery, query.left_out));
    wanted.push_back(
        {query.probe, threshold_at(calibration, query.similarity).cosine, query.limit, now, left_out.back()});
  }
  auto searches = scan_blocks(
      wanted, work, gallery.code_blocks(), [&means] { return means.single_reader(); },
      [&](std::span<ExactSearch> open) { score_survivors(gallery, open, work); });
  for (std::size_t i = 0; i < searches.size(); ++i) {
    for (const Candidate& face : searches[i].take()) found[i].candidates.push_back({face, face.cosine});
    found[i].total += searches[i].matches();
  }
}

}  // namespace

std::vector<PersonMatches> search_persons(const Snapshot& gallery, const Means& means,
                                          const Calibration& calibration,
                                          std::span<const PersonQuery> queries, const ScanWork& work) {
  const std::uint32_t now = seconds_now();
  std::vector<PersonMatches> found(queries.size());
  for (std::size_t group = 0; group < kMeanGroups; ++group) {
    if (means.count(group) == 0) continue;
    GroupSearch search(gallery, means, calibration, group);
    search.run(queries, now, work);
    for (std::size_t i = 0; i < queries.size(); ++i) search.give(i, calibration, found[i]);
  }
  search_singles(gallery, means, calibration, queries, now, work, found);
  for (std::size_t i = 0; i < queries.size(); ++i) {
    auto& candidates = found[i].candidates;
    std::ranges::sort(candidates, [](const PersonCandidate& a, const PersonCandidate& b) {
      return a.deciding != b.deciding ? a.deciding > b.deciding : a.face.face < b.face.face;
    });
    if (candidates.size() > queries[i].limit) candidates.resize(queries[i].limit);
  }
  return found;
}

std::uint64_t persons_compared(const Means& means) {
  std::uint64_t rows = means.single_count();
  for (std::size_t group = 0; group < kMeanGroups; ++group) rows += means.count(group);
  return rows;
}

}  // namespace facesearch::service

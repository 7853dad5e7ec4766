// SPDX-License-Identifier: MIT
#include "facesearch/service/search/searched_galleries.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/match/threshold.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/enroll/known_pictures.hpp"
#include "facesearch/service/search/gallery_search.hpp"

namespace facesearch::service {
namespace {

Threshold threshold_of(const PreparedSearch& search) {
  const CollectionRecord& record = search.records->first;
  return threshold_at(record.binding.calibration, record.policy.similarity);
}

// Snapshots of the galleries.
class GallerySnapshots {
 public:
  explicit GallerySnapshots(const std::vector<std::unique_ptr<Collection>>& collections)
      : collections_(collections) {
    for (const auto& collection : collections) snapshots_.push_back(collection->snapshot());
  }

  std::uint64_t face_count() const {
    std::uint64_t count = 0;
    for (const auto& snapshot : snapshots_) count += snapshot->face_count();
    return count;
  }

  // Fills in the matches of each search.
  void find_matches(std::vector<SearchResult>& results, std::span<const PreparedSearch* const> searches,
                    Kernel kernel) const {
    std::vector<GalleryQuery> queries;
    queries.reserve(searches.size());
    for (const PreparedSearch* search : searches) {
      queries.push_back({search->probe.values, threshold_of(*search).cosine, search->limit});
    }
    std::vector<std::vector<Found>> all(searches.size());
    for (std::size_t gallery = 0; gallery < snapshots_.size(); ++gallery) {
      const auto found = search_gallery(*snapshots_[gallery], queries, kernel);
      for (std::size_t i = 0; i < found.size(); ++i) {
        results[i].matches_total += found[i].total;
        for (const Candidate& candidate : found[i].candidates) all[i].push_back({candidate, gallery});
      }
    }
    for (std::size_t i = 0; i < searches.size(); ++i) {
      std::ranges::sort(all[i], is_better);
      if (all[i].size() > searches[i]->limit) all[i].resize(searches[i]->limit);
      results[i].matches.reserve(all[i].size());
      for (const Found& found : all[i]) results[i].matches.push_back(described(found, *searches[i]));
      all[i] = {};
    }
  }

 private:
  struct Found {
    Candidate candidate;
    std::size_t gallery = 0;
  };

  // As TopCandidates orders them; copies of a face by their collections.
  static bool is_better(const Found& a, const Found& b) {
    if (a.candidate.cosine != b.candidate.cosine) return a.candidate.cosine > b.candidate.cosine;
    if (a.candidate.face != b.candidate.face) return a.candidate.face < b.candidate.face;
    return a.gallery < b.gallery;
  }

  SearchMatch described(const Found& found, const PreparedSearch& search) const {
    const Candidate& candidate = found.candidate;
    const auto face = snapshots_[found.gallery]->find_face(candidate.face);
    if (!face) {
      throw Error(Cause::kStoreDamaged, "FACE_RECORD_MISSING",
                  fmt::format("the store has a template but no record of face {}", candidate.face.text()));
    }
    SearchMatch match;
    match.face = face->face;
    match.person = face->person;
    match.name = face->name;
    match.cosine = candidate.cosine;
    match.similarity = similarity_of_cosine(search.records->first.binding.calibration, candidate.cosine);
    if (search.names_collections) match.collection = collections_[found.gallery]->record().id;
    return match;
  }

  const std::vector<std::unique_ptr<Collection>>& collections_;
  std::vector<std::unique_ptr<Snapshot>> snapshots_;
};

}  // namespace

void require_limit(const SearchRequest& request) {
  if (request.limit >= 1 && request.limit <= kMaxCandidates) return;
  throw Error(Cause::kInvalidValue, "LIMIT_INVALID",
              fmt::format("the limit is {}; it goes from 1 to {}", request.limit, kMaxCandidates));
}

PreparedSearch prepare_search(EngineCache& engines, std::shared_ptr<const SearchedRecords> records,
                              const SearchRequest& request) {
  PreparedSearch prepared;
  prepared.request_name = request.request_name;
  prepared.user_name = request.user_name;
  prepared.limit = request.limit;
  prepared.names_collections = request.names_collections;
  prepared.probe = probe_of(engines, records->first, request.probe, records->first.policy.search);
  prepared.records = std::move(records);
  if (request.mergeable) {
    prepared.probe_digest = hex(keyed_digest(sha256("facesearch search"), request.probe));
  }
  return prepared;
}

SearchedGalleries::SearchedGalleries(Store& store, const Caller& caller, const std::vector<std::string>& ids)
    : collections_(open_galleries(store, caller, ids)) {
  require_one_search(collections_);
  SearchedRecords records{collections_.front()->record(), {}};
  for (const auto& collection : collections_) records.generations.push_back(collection->record().generation);
  records_ = std::make_shared<const SearchedRecords>(std::move(records));
}

bool SearchedGalleries::has_faces_for(const PreparedSearch& search) const {
  return search.records->generations == records_->generations &&
         search.records->first.binding.fingerprint == records_->first.binding.fingerprint;
}

std::vector<SearchResult> SearchedGalleries::answer(std::span<const PreparedSearch* const> searches,
                                                    Kernel kernel) const {
  const GallerySnapshots snapshots(collections_);
  const std::uint64_t faces = snapshots.face_count();
  std::vector<SearchResult> results(searches.size());
  snapshots.find_matches(results, searches, kernel);
  for (std::size_t i = 0; i < searches.size(); ++i) {
    const PreparedSearch& search = *searches[i];
    const CollectionRecord& judge = search.records->first;
    const Threshold threshold = threshold_of(search);
    SearchResult& result = results[i];
    result.search_id = Uuid::make();
    result.request_name = search.request_name;
    result.user_name = search.user_name;
    result.liveness = search.probe.liveness;
    result.policy_similarity = threshold.similarity;
    result.expected_false_candidates = static_cast<double>(faces) * threshold.false_match_rate;
    result.seen = search.probe.seen;
    result.warnings = warnings_of(search.probe);
    warn_of_extrapolation(result.warnings, judge.binding.calibration, threshold);
    if (search.probe_digest) {
      result.basis = {judge.binding.fingerprint, *search.probe_digest,      faces, search.limit,
                      threshold.cosine,          threshold.false_match_rate};
    }
  }
  return results;
}

}  // namespace facesearch::service

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
#include "facesearch/service/persons/decisions.hpp"
#include "facesearch/service/search/gallery_search.hpp"
#include "facesearch/service/search/person_search.hpp"

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
    for (const auto& collection : collections) {
      snapshots_.push_back(collection->snapshot());
      means_.push_back(snapshots_.back()->means());
    }
  }

  // What a probe is compared with: faces, or what stands for persons.
  std::uint64_t row_count() const {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < snapshots_.size(); ++i) {
      count += means_[i] ? persons_compared(*means_[i]) : snapshots_[i]->face_count();
    }
    return count;
  }

  // A face that is searched.
  struct Query {
    const PreparedSearch& search;
    const Probe& probe;
    std::size_t limit;
  };

  // The matches of each, by one reading of the galleries.
  std::vector<FaceMatches> find_matches(std::span<const Query> faces, const ScanWork& work) const {
    std::vector<FaceMatches> matches(faces.size());
    std::vector<std::vector<Found>> all(faces.size());
    for (std::size_t gallery = 0; gallery < snapshots_.size(); ++gallery) {
      const auto found = means_[gallery] ? found_by_person(gallery, faces, work)
                                         : found_by_face(*snapshots_[gallery], faces, work);
      for (std::size_t i = 0; i < found.size(); ++i) {
        matches[i].matches_total += found[i].total;
        for (const PersonCandidate& candidate : found[i].candidates) all[i].push_back({candidate, gallery});
      }
    }
    for (std::size_t i = 0; i < faces.size(); ++i) {
      std::ranges::sort(all[i], is_better);
      if (all[i].size() > faces[i].limit) all[i].resize(faces[i].limit);
      matches[i].matches.reserve(all[i].size());
      for (const Found& found : all[i]) matches[i].matches.push_back(described(found, faces[i].search));
      all[i] = {};
    }
    return matches;
  }

 private:
  static std::vector<PersonMatches> found_by_face(const Snapshot& snapshot, std::span<const Query> faces,
                                                  const ScanWork& work) {
    std::vector<GalleryQuery> queries;
    queries.reserve(faces.size());
    const auto left_out = slots_ruled_out(snapshot, faces);
    for (std::size_t i = 0; i < faces.size(); ++i) {
      queries.push_back(
          {faces[i].probe.values, threshold_of(faces[i].search).cosine, faces[i].limit, left_out[i]});
    }
    std::vector<PersonMatches> found;
    found.reserve(faces.size());
    for (const GalleryMatches& matches : search_gallery(snapshot, queries, work)) {
      found.emplace_back().total = matches.total;
      for (const Candidate& face : matches.candidates) found.back().candidates.push_back({face, face.cosine});
    }
    return found;
  }

  std::vector<PersonMatches> found_by_person(std::size_t gallery, std::span<const Query> faces,
                                             const ScanWork& work) const {
    const RuledOutPersons ruled_out(*snapshots_[gallery]);
    std::vector<PersonQuery> queries;
    queries.reserve(faces.size());
    for (const Query& face : faces) {
      queries.push_back({face.probe.values, threshold_of(face.search).similarity, face.limit,
                         ruled_out.of(face.probe.values)});
    }
    return search_persons(*snapshots_[gallery], *means_[gallery],
                          collections_.front()->record().binding.calibration, queries, work);
  }

  // Of each face, the slots of persons whom it was decided not to be; nothing where nothing was decided.
  static std::vector<std::vector<std::uint64_t>> slots_ruled_out(const Snapshot& snapshot,
                                                                 std::span<const Query> faces) {
    const RuledOutPersons ruled_out(snapshot);
    std::vector<std::vector<std::uint64_t>> slots(faces.size());
    if (ruled_out.empty()) return slots;
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const std::vector<Uuid> persons = ruled_out.of(faces[i].probe.values);
      if (!persons.empty()) slots[i] = slots_of_all(snapshot, persons);
    }
    return slots;
  }

  struct Found {
    PersonCandidate candidate;
    std::size_t gallery = 0;
  };

  // As TopCandidates orders them; copies of a face by their collections.
  static bool is_better(const Found& a, const Found& b) {
    if (a.candidate.deciding != b.candidate.deciding) return a.candidate.deciding > b.candidate.deciding;
    if (a.candidate.face.face != b.candidate.face.face) return a.candidate.face.face < b.candidate.face.face;
    return a.gallery < b.gallery;
  }

  SearchMatch described(const Found& found, const PreparedSearch& search) const {
    const Candidate& candidate = found.candidate.face;
    const auto face = snapshots_[found.gallery]->find_face(candidate.face);
    if (!face) {
      throw Error(Cause::kStoreDamaged, "FACE_RECORD_MISSING",
                  fmt::format("the store has a template but no record of face {}", candidate.face.text()));
    }
    SearchMatch match;
    match.face = face->face;
    match.person = face->person;
    match.name = face->name;
    match.metadata = face->metadata;
    match.cosine = found.candidate.deciding;
    match.person_score = found.candidate.similarity_of_mean;
    match.similarity = similarity_of_cosine(search.records->first.binding.calibration, candidate.cosine);
    if (search.names_collections) match.collection = collections_[found.gallery]->record().id;
    return match;
  }

  const std::vector<std::unique_ptr<Collection>>& collections_;
  std::vector<std::unique_ptr<Snapshot>> snapshots_;
  std::vector<std::unique_ptr<Means>> means_;  // none of a gallery that is matched by face
};

void require_not_mergeable(const SearchRequest& request) {
  if (!request.mergeable) return;
  throw Error(Cause::kInvalidValue, "FACES_NOT_MERGEABLE",
              "answers for all faces of a picture cannot be merged over shards; ask for one face a picture");
}

// The answer of a search: `faces` are those of its picture, `gallery_rows` what they were compared with.
SearchResult result_of(const PreparedSearch& search, std::vector<SearchedFace> faces,
                       std::uint64_t gallery_rows) {
  const CollectionRecord& judge = search.records->first;
  const Threshold threshold = threshold_of(search);
  SearchResult result;
  result.search_id = Uuid::make();
  result.request_name = search.request_name;
  result.user_name = search.user_name;
  result.policy_similarity = threshold.similarity;
  result.expected_false_candidates = static_cast<double>(gallery_rows) * threshold.false_match_rate;
  result.provisional = judge.binding.calibration.provisional;
  const SearchedFace& main = faces[search.picture.main];
  result.liveness = main.liveness;
  result.seen = main.seen;
  result.warnings = search.every_face ? warnings_of(search.picture)
                                      : warnings_of(search.picture.faces[search.picture.main].probe);
  warn_of_extrapolation(result.warnings, judge.binding.calibration, threshold);
  if (search.probe_digest) {
    result.basis = {judge.binding.fingerprint,
                    *search.probe_digest,
                    gallery_rows,
                    search.limit,
                    threshold.cosine,
                    threshold.false_match_rate,
                    judge.policy.match_by == MatchBy::kPerson};
  }
  result.matches = main.found.matches;
  result.matches_total = main.found.matches_total;
  if (search.every_face) result.faces = std::move(faces);
  return result;
}

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
  prepared.every_face = request.every_face;
  const SidePolicy& side = records->first.policy.search;
  if (request.every_face) {
    require_not_mergeable(request);
    prepared.picture = probes_of(engines, records->first, request.probe, side);
  } else {
    prepared.picture = {{{probe_of(engines, records->first, request.probe, side)}}, 0, 1};
  }
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
                                                    const ScanWork& work) const {
  const GallerySnapshots snapshots(collections_);
  const std::uint64_t rows = snapshots.row_count();
  std::vector<GallerySnapshots::Query> queries;
  for (const PreparedSearch* search : searches) {
    const std::size_t limit = limit_of_face(search->limit, search->picture.faces.size());
    for (const ProbedFace& face : search->picture.faces) {
      if (!face.refused) queries.push_back({*search, face.probe, limit});
    }
  }
  std::vector<FaceMatches> matches = snapshots.find_matches(queries, work);
  std::vector<SearchResult> results;
  results.reserve(searches.size());
  auto next = matches.begin();
  for (const PreparedSearch* search : searches) {
    std::vector<SearchedFace> found;
    found.reserve(search->picture.faces.size());
    for (const ProbedFace& face : search->picture.faces) {
      found.push_back({face.probe.seen, face.probe.liveness, {}, face.refused});
      if (!face.refused) found.back().found = std::move(*next++);
    }
    results.push_back(result_of(*search, std::move(found), rows));
  }
  return results;
}

}  // namespace facesearch::service

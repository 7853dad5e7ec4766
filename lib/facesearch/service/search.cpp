// SPDX-License-Identifier: MIT
#include "facesearch/service/search.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/service/contents.hpp"
#include "facesearch/service/gallery.hpp"
#include "facesearch/service/gallery_search.hpp"

namespace facesearch::service {
namespace {

void require_limit(std::size_t limit) {
  if (limit >= 1 && limit <= kMaxCandidates) return;
  throw Error(Cause::kInvalidValue, "LIMIT_INVALID",
              fmt::format("the limit is {}; it goes from 1 to {}", limit, kMaxCandidates));
}

// Several galleries that are searched as one.
struct Galleries {
  std::vector<std::unique_ptr<Collection>> collections;
  std::vector<std::unique_ptr<Snapshot>> snapshots;

  const CollectionRecord& record() const { return collections.front()->record(); }

  std::uint64_t face_count() const {
    std::uint64_t count = 0;
    for (const auto& snapshot : snapshots) count += snapshot->face_count();
    return count;
  }
};

struct Found {
  Candidate candidate;
  std::size_t gallery = 0;
};

// As TopCandidates orders them; copies of a face by their collections.
bool is_better(const Found& a, const Found& b) {
  if (a.candidate.cosine != b.candidate.cosine) return a.candidate.cosine > b.candidate.cosine;
  if (a.candidate.face != b.candidate.face) return a.candidate.face < b.candidate.face;
  return a.gallery < b.gallery;
}

SearchMatch described(const Galleries& galleries, const Found& found) {
  const Candidate& candidate = found.candidate;
  const auto face = galleries.snapshots[found.gallery]->find_face(candidate.face);
  if (!face) {
    throw Error(Cause::kStoreDamaged, "FACE_RECORD_MISSING",
                fmt::format("the store has a template but no record of face {}", candidate.face.text()));
  }
  SearchMatch match;
  match.face = face->face;
  match.person = face->person;
  match.name = face->name;
  match.cosine = candidate.cosine;
  match.similarity = similarity_of_cosine(galleries.record().binding.calibration, candidate.cosine);
  match.collection = galleries.collections[found.gallery]->record().id;
  return match;
}

// Fills in who matches.
void find_matches(SearchResult& result, const Galleries& galleries, const Template& probe, double threshold,
                  std::size_t limit, Kernel kernel) {
  std::vector<Found> all;
  for (std::size_t i = 0; i < galleries.snapshots.size(); ++i) {
    const GalleryMatches found = search_gallery(*galleries.snapshots[i], {probe, threshold, limit}, kernel);
    result.matches_total += found.total;
    for (const Candidate& candidate : found.candidates) all.push_back({candidate, i});
  }
  std::ranges::sort(all, is_better);
  if (all.size() > limit) all.resize(limit);
  result.matches.reserve(all.size());
  for (const Found& found : all) result.matches.push_back(described(galleries, found));
}

}  // namespace

std::vector<std::string> SearchRequest::collections() const {
  std::vector<std::string> all{collection_id};
  all.insert(all.end(), further.begin(), further.end());
  return all;
}

SearchResult search(Context& context, const Caller& caller, const SearchRequest& request) {
  require_limit(request.limit);
  Galleries galleries{open_galleries(context.store, caller, request.collections()), {}};
  require_one_search(galleries.collections);
  const Policy& policy = galleries.record().policy;
  const Calibration& calibration = galleries.record().binding.calibration;
  const Probe probe = probe_of(context.engines, galleries.record(), request.probe, policy.search);

  const double threshold = cosine_of_similarity(calibration, policy.similarity);
  for (const auto& collection : galleries.collections) galleries.snapshots.push_back(collection->snapshot());

  SearchResult result;
  result.search_id = Uuid::make();
  result.request_name = request.request_name;
  result.user_name = request.user_name;
  result.liveness = probe.liveness;
  result.policy_similarity = policy.similarity;
  find_matches(result, galleries, probe.values, threshold, request.limit, context.kernel);
  if (!request.names_collections) {
    for (SearchMatch& match : result.matches) match.collection.reset();
  }
  const double false_matches = false_match_rate(calibration, threshold);
  result.expected_false_candidates = static_cast<double>(galleries.face_count()) * false_matches;
  result.seen = probe.seen;
  result.warnings = warnings_of(probe);
  warn_of_extrapolation(result.warnings, calibration, false_matches);
  if (request.mergeable) {
    const Sha256 probe_digest = keyed_digest(sha256("facesearch search"), request.probe);
    result.basis = {galleries.record().binding.fingerprint,
                    hex(probe_digest),
                    galleries.face_count(),
                    request.limit,
                    threshold,
                    false_matches};
  }
  return result;
}

}  // namespace facesearch::service

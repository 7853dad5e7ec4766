// SPDX-License-Identifier: MIT
#include "facesearch/service/search.hpp"

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/service/gallery.hpp"
#include "facesearch/service/gallery_search.hpp"

namespace facesearch::service {
namespace {

void require_limit(std::size_t limit) {
  if (limit >= 1 && limit <= kMaxCandidates) return;
  throw Error(Cause::kInvalidValue, "LIMIT_INVALID",
              fmt::format("the limit is {}; it goes from 1 to {}", limit, kMaxCandidates));
}

void add_matches(SearchResult& result, const Snapshot& snapshot, const Calibration& calibration,
                 const std::vector<Candidate>& candidates) {
  result.matches.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    const auto face = snapshot.find_face(candidate.face);
    if (!face) {
      throw Error(Cause::kStoreDamaged, "FACE_RECORD_MISSING",
                  fmt::format("the store has a template but no record of face {}", candidate.face.text()));
    }
    result.matches.push_back(
        {face->face, face->person, face->name, similarity_of_cosine(calibration, candidate.cosine)});
  }
}

}  // namespace

SearchResult search(Context& context, const Caller& caller, const SearchRequest& request) {
  require_limit(request.limit);
  const auto gallery = open_gallery(context.store, caller, request.collection_id);
  const Policy& policy = gallery->record().policy;
  const Calibration& calibration = gallery->record().binding.calibration;
  const Probe probe = probe_of(context.engines, gallery->record(), request.probe, policy.search);

  const double threshold = cosine_of_similarity(calibration, policy.similarity);
  const auto snapshot = gallery->snapshot();
  const GalleryMatches found =
      search_gallery(*snapshot, {probe.values, threshold, request.limit}, context.kernel);

  SearchResult result;
  result.search_id = Uuid::make();
  result.request_name = request.request_name;
  result.user_name = request.user_name;
  result.liveness = probe.liveness;
  result.policy_similarity = policy.similarity;
  result.matches_total = found.total;
  add_matches(result, *snapshot, calibration, found.candidates);
  const double false_matches = false_match_rate(calibration, threshold);
  result.expected_false_candidates = static_cast<double>(snapshot->face_count()) * false_matches;
  result.seen = probe.seen;
  result.warnings = warnings_of(probe);
  warn_of_extrapolation(result.warnings, calibration, false_matches);
  return result;
}

}  // namespace facesearch::service

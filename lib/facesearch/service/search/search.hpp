// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/probe/probe.hpp"

namespace facesearch::service {

struct SearchRequest {
  std::string collection_id;  ///< the first one
  std::string request_name;
  std::optional<std::string> user_name;  ///< returned as it came
  ProbeInput probe;
  std::size_t limit = kDefaultCandidates;  ///< 1 … kMaxCandidates
  std::vector<std::string> further{};      ///< more collections, searched with it as one
  bool names_collections = false;          ///< each match names its collection
  bool mergeable = false;                  ///< SearchResult::basis is asked for
  bool every_face = false;                 ///< of the picture is searched, not one

  /// All of them.
  std::vector<std::string> collections() const;
};

struct SearchMatch {
  Uuid face;
  Uuid person;
  std::string name;
  std::map<std::string, std::string> metadata;
  double similarity = 0;  ///< 0–100, unrounded: of the face
  double cosine = 0;      ///< that decides: of the face, or that of the mean on the scale of faces
  std::optional<std::string> collection{};  ///< where that was asked for
  std::optional<double> person_score{};     ///< 0–100: of the person's mean, where that decides
};

/// What `search --merge` needs to merge the answers of several shards.
struct SearchBasis {
  std::string fingerprint;
  std::string probe;            ///< a digest of the picture or template that was given
  std::uint64_t faces = 0;      ///< or means, that were compared with
  std::size_t limit = 0;        ///< of candidates
  double min_cosine = 0;        ///< the threshold
  double false_match_rate = 0;  ///< there
  bool by_person = false;       ///< means of persons were compared, too
};

/// The answer for one face.
struct FaceMatches {
  std::vector<SearchMatch> matches;  ///< best first, ties by face id
  std::uint64_t matches_total = 0;   ///< at or above the threshold
};

/// A face of a picture whose faces are all searched.
struct SearchedFace {
  std::optional<Sighting> seen;  ///< none where a template was given
  LivenessOption liveness;
  FaceMatches found;
  std::optional<Error> refused;  ///< why it was not searched
};

struct SearchResult {
  Uuid search_id;
  std::string request_name;
  std::optional<std::string> user_name;
  LivenessOption liveness;
  double policy_similarity = 0;
  std::vector<SearchMatch> matches;  ///< of the face that `seen` shows: best first, ties by face id
  std::uint64_t matches_total = 0;
  double expected_false_candidates = 0;
  bool provisional = false;      ///< the scores rest on a provisional calibration
  std::optional<Sighting> seen;  ///< none where a template was given
  std::vector<Warning> warnings;
  std::optional<SearchBasis> basis;  ///< where it was asked for
  /// With SearchRequest::every_face: all, as `detect` lists them. What is said above is of the largest that
  /// was searched.
  std::optional<std::vector<SearchedFace>> faces;

  /// True if no face of the picture matches anybody.
  bool found_nobody() const;
};

/// Candidates of each face where a picture has `faces`: all of them together have at most
/// kMaxCandidatesOfPicture.
std::size_t limit_of_face(std::size_t limit, std::size_t faces);

/// Searches a collection, or several: the answer is that of one collection that holds all their faces. A face
/// that is in several of them (a copy) is a face of each. Throws Error(kAccessDenied), (kCollectionNotFound),
/// (kCollectionDeleted), (kModelMismatch), then as probe_of; of several as open_galleries and
/// require_one_search. With every_face it throws as make_probes, and Error(kInvalidValue,
/// FACES_NOT_MERGEABLE) if the answer is to be mergeable.
SearchResult search(Context& context, const Caller& caller, const SearchRequest& request);

}  // namespace facesearch::service

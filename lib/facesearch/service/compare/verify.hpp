// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "facesearch/service/access/check_key.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/probe/probe.hpp"

namespace facesearch::service {

/// One comparison of faces of two pictures, by their numbers from 0, as `detect` lists them.
struct FacePair {
  std::size_t a = 0;
  std::size_t b = 0;
  bool match = false;
  double similarity = 0;  ///< 0–100
};

/// All faces of the pictures, compared with each other. Refused faces are in the lists, not in the pairs.
struct FacePairs {
  std::vector<ProbedFace> a;    ///< templates are left empty
  std::vector<ProbedFace> b;    ///< empty where a face or person of a collection is the other side
  std::vector<FacePair> pairs;  ///< most alike first, at most kMaxPairs
  std::size_t total = 0;        ///< of pairs
};

inline constexpr std::size_t kMaxPairs = 10'000;

struct VerifyResult {
  bool match = false;
  double similarity = 0;
  double policy_similarity = 0;
  double false_match_rate = 0;  ///< at the threshold
  bool provisional = false;     ///< the scores rest on a provisional calibration
  Probe a;                      ///< templates are left empty
  std::optional<Probe> b;       ///< the second, where there was one
  std::optional<Uuid> face;     ///< the gallery face compared with (the person's most similar)
  std::optional<Uuid> person;
  std::optional<FacePairs> faces;  ///< where all were asked for; what is said above is of the most alike pair
};

/// Which face counts in a picture with several: none (the picture is refused), the largest, that of a number,
/// or every one.
struct FaceChoice {
  bool largest = false;
  std::size_t number = 0;  ///< from 1, as `detect` lists them; 0: no number
  bool every = false;      ///< all faces of the one are compared with all of the other
};

/// Compares two pictures or templates with a pack. `similarity` 0–100. Two templates need no network.
VerifyResult verify_pair(EngineCache& engines, const std::string& pack, const ProbeInput& a,
                         const ProbeInput& b, double similarity, const FaceChoice& choice = {});

struct VerifyRequest {
  std::string collection_id;
  std::string face_id;  ///< one of these two, the other empty
  std::string person_id;
  ProbeInput probe;
  bool every_face = false;  ///< of the picture is compared; the most alike counts
};

/// Compares a picture or template with a face, or the most similar face of a person, of a collection, under
/// its search policy. Throws as search; Error(kFaceGone), Error(kFaceUnknown), Error(kRefused,
/// PERSON_NOT_FOUND).
VerifyResult verify_face(Context& context, const Caller& caller, const VerifyRequest& request);

}  // namespace facesearch::service

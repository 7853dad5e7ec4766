// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "facesearch/core/limits.hpp"

namespace facesearch {

/// What to do if a picture shows several faces that are large enough. The numbers are on disk.
enum class SeveralFaces : std::uint8_t { kReject = 0, kLargest = 1 };

/// What to do at enrolment if the face is in the collection already. The numbers are on disk.
enum class Duplicates : std::uint8_t { kAllow = 0, kWarn = 1, kReject = 2 };

/// How good a face must be; face/pipeline/quality.cpp has the limits of each level. The numbers are on disk.
enum class QualityLevel : std::uint8_t { kNone = 0, kBasic = 1, kStrict = 2 };

/// What a search compares a probe with: each face, or each person by the mean of its faces. The numbers are
/// on disk.
enum class MatchBy : std::uint8_t { kFace = 0, kPerson = 1 };

/// The part of a policy that differs between enrolment and search.
struct SidePolicy {
  bool liveness = false;
  double liveness_threshold = 50;  ///< 0–100
  SeveralFaces several_faces = SeveralFaces::kReject;

  bool operator==(const SidePolicy&) const = default;
};

/// The width of a face, in pixels, from which a collection takes it where nothing else was said.
inline constexpr std::uint32_t kDefaultMinFacePx = 32;

/// The rules of a collection for the pictures of requests.
struct Policy {
  double similarity = 80;  ///< 0–100: the threshold of search, verify and the duplicate check
  SidePolicy enroll{};
  SidePolicy search{false, 50, SeveralFaces::kLargest};
  Duplicates duplicates = Duplicates::kAllow;
  QualityLevel quality = QualityLevel::kBasic;
  std::uint32_t min_face_px =
      kDefaultMinFacePx;  ///< width of the face's box, in pixels of the upright picture
  ImageLimits image{};
  MatchBy match_by = MatchBy::kFace;

  bool operator==(const Policy&) const = default;
};

}  // namespace facesearch

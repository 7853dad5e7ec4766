// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "facesearch/core/policy.hpp"
#include "facesearch/face/engine.hpp"
#include "facesearch/face/quality.hpp"
#include "facesearch/service/context.hpp"

namespace facesearch::service {

/// A picture's way to a template, with everything the answers say about it.
struct Probe {
  Template values;
  DetectedFace face;
  std::size_t faces_found = 0;
  std::string found_by;
  Quality quality;
  LivenessOption liveness;
};

/// What a picture is held to.
struct ProbeRules {
  ImageLimits image{};
  SidePolicy side{};
  QualityLevel quality = QualityLevel::kBasic;
  double min_face_px = 0;
};

/// Rules of a collection's side.
ProbeRules rules_of(const Policy& policy, const SidePolicy& side);

/// What has no byte is no picture at all. Throws Error(kImageRequired).
void require_picture(std::span<const std::uint8_t> picture);

/// Decodes, finds and chooses the face, judges it, checks liveness, embeds it: the one path of every
/// verb, and the order of the contract. With SeveralFaces::kReject a face counts only if it is at least a
/// quarter as wide as the largest and its score is at least 0.7 (the chosen one always counts).
///
/// Throws as decode(); Error(kRefused) with FACE_NOT_FOUND, TOO_MANY_FACES or a quality reason;
/// Error(kLivenessFailed) with LIVENESS_FAILED, or LIVENESS_UNCERTAIN where it cannot be judged;
/// Error(kInvalidValue, NO_LIVENESS_MODEL) before all if the pack cannot check what the rules ask for.
Probe make_probe(FaceEngine& engine, std::span<const std::uint8_t> picture, const ProbeRules& rules);

/// Remarks about the picture: SEVERAL_FACES, FOUND_TURNED.
std::vector<Warning> warnings_of(const Probe& probe);

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/face/pipeline/quality.hpp"
#include "facesearch/service/context.hpp"

namespace facesearch::service {

struct DetectedFaceReport {
  DetectedFace face;
  Quality quality;
  std::optional<LivenessResult> liveness;  ///< none where the pack has no liveness network
};

struct DetectResult {
  int width = 0;
  int height = 0;
  std::string found_by;
  std::vector<DetectedFaceReport> faces;  ///< largest first
  std::vector<Warning> warnings;          ///< PICTURE_REDUCED
};

/// Every face of a picture, whatever its quality; none is no fault.
DetectResult detect(EngineCache& engines, const std::string& pack, std::span<const std::uint8_t> picture);

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/service/context.hpp"
#include "facesearch/service/probe/probe.hpp"

namespace facesearch::service {

struct ExtractResult {
  std::string pack;
  std::string fingerprint;
  Probe probe;  ///< of a picture
  std::vector<Warning> warnings;
};

/// The template of the face of a picture, to be matched elsewhere. What the picture is held to is `policy`'s
/// picture limits, quality and side of enrolment, but liveness, which is reported and not asked for.
/// Throws as make_probe.
ExtractResult extract(EngineCache& engines, const std::string& pack, std::span<const std::uint8_t> picture,
                      const Policy& policy);

}  // namespace facesearch::service

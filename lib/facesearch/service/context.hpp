// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/match/kernels/kernel.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// What every verb needs. Store and engines outlive every call.
struct Context {
  Store& store;
  EngineCache& engines;
  Kernel kernel = best_kernel();  ///< that galleries are searched with; all give the same answers
};

/// A remark that goes with a success.
struct Warning {
  std::string reason;  ///< stable UPPER_SNAKE
  std::string detail;
};

/// The liveness part of an answer, as the contract's `option` shows it.
struct LivenessOption {
  bool applied = false;
  double threshold = 50;  ///< 0–100
  double score = 0;       ///< 0–100; 0 where it was not applied
};

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/match/kernels/kernel.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// How the rows of a gallery are compared, and by whom. The answers are the same.
struct ScanWork {
  Kernel kernel = best_kernel();
  std::size_t threads = 1;  ///< at most; the caller's is one of them
  /// A thread holds what this gives while it scans, or scores what a scan left open.
  std::function<std::shared_ptr<void>()> may_scan{};
  std::function<bool()> stopped{};  ///< asked by any thread; true: the search ends by SearchStopped
};

/// What every verb needs. Store and engines outlive every call.
struct Context {
  Store& store;
  EngineCache& engines;
  ScanWork scan{};
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

// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "facesearch/face/runtime.hpp"

namespace facesearch {

/// Loads `folder/facesearch-opencv.so` once for the process (never unloaded) and returns its table.
/// Thread-safe. Throws Error(kModelMissing, RUNTIME_MISSING) if it cannot be loaded.
const RuntimeTable& load_runtime_module(const std::filesystem::path& folder);

/// Name of the one symbol a module exports: `extern "C" const RuntimeTable* facesearch_runtimes_v2()`.
inline constexpr const char* kRuntimeSymbol = "facesearch_runtimes_v2";

}  // namespace facesearch

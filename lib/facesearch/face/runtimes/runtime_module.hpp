// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "facesearch/face/runtimes/runtime.hpp"

namespace facesearch {

/// The libraries that a pack may ask for.
inline constexpr std::array<std::string_view, 2> kRuntimeLibraries{"opencv", "dlib"};

/// Loads `folder/facesearch-<library>.so` once for the process (never unloaded) and returns its table.
/// Thread-safe. Throws Error(kModelMissing, RUNTIME_MISSING) if there is no such library or it cannot be
/// loaded.
const RuntimeTable& load_runtime_module(const std::filesystem::path& folder, std::string_view library);

/// load_runtime_module of the folder.
Runtimes runtimes_in(std::filesystem::path folder);

/// Name of the one symbol a module exports: `extern "C" const RuntimeTable* facesearch_runtimes_v3()`.
inline constexpr const char* kRuntimeSymbol = "facesearch_runtimes_v3";

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "facesearch/fetch/transport.hpp"

namespace facesearch {

/// Loads `folder/facesearch-curl.so` (never unloaded) and returns its transport. Thread-safe.
/// Throws Error(kModelMissing, RUNTIME_MISSING) if it cannot be loaded.
const Transport& load_transport(const std::filesystem::path& folder);

/// Name of the one symbol the module exports: `extern "C" const Transport* facesearch_transport_v1()`.
inline constexpr const char* kTransportSymbol = "facesearch_transport_v1";

}  // namespace facesearch

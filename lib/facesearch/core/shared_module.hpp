// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace facesearch {

/// Loads a shared object if it is not loaded yet (it is never unloaded) and returns the address of a symbol.
/// `does` as in "the module <path> that <does> cannot be loaded". Throws Error(kModelMissing,
/// RUNTIME_MISSING), or std::bad_alloc.
void* symbol_of_module(const std::filesystem::path& path, const char* symbol, std::string_view does);

}  // namespace facesearch

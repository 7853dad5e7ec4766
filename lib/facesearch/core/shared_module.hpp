// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace facesearch {

/// The address of a symbol of a shared object, which is loaded if it was not yet (and never unloaded). Keeps
/// nothing: the system's loader knows what is loaded. `does` as in "the module <path> that <does> cannot be
/// loaded". Throws Error(kModelMissing, RUNTIME_MISSING).
void* symbol_of_module(const std::filesystem::path& path, const char* symbol, std::string_view does);

}  // namespace facesearch

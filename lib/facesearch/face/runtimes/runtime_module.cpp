// SPDX-License-Identifier: MIT
#include "facesearch/face/runtimes/runtime_module.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/shared_module.hpp"

namespace facesearch {
namespace {

using GetTable = const RuntimeTable* (*)();

}  // namespace

const RuntimeTable& load_runtime_module(const std::filesystem::path& folder, std::string_view library) {
  // From a manifest, which may be anybody's: it never names a file.
  if (std::ranges::find(kRuntimeLibraries, library) == kRuntimeLibraries.end()) {
    throw Error(Cause::kModelMissing, "RUNTIME_MISSING",
                fmt::format("the model pack asks for a runtime of the library '{}'; this program knows {}",
                            library, fmt::join(kRuntimeLibraries, ", ")));
  }
  // Kept for the process, which is harmless: a module stays mapped for good anyway, its table never changes,
  // and asking again gives the same table.
  static std::mutex mutex;
  static std::map<std::filesystem::path, const RuntimeTable*> loaded;
  const std::lock_guard lock(mutex);
  const std::filesystem::path path = folder / fmt::format("facesearch-{}.so", library);
  const RuntimeTable*& table = loaded[path];
  if (table == nullptr) {
    table = reinterpret_cast<GetTable>(symbol_of_module(path, kRuntimeSymbol, "runs the networks"))();
  }
  return *table;
}

Runtimes runtimes_in(std::filesystem::path folder) {
  return [folder = std::move(folder)](std::string_view library) -> const RuntimeTable& {
    return load_runtime_module(folder, library);
  };
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/face/runtime_module.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

using GetTable = const RuntimeTable* (*)();

[[noreturn]] void refuse(const std::filesystem::path& path) {
  const char* why = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps one text a thread
  throw Error(Cause::kModelMissing, "RUNTIME_MISSING",
              fmt::format("the module {} that runs the networks cannot be loaded ({})", path.string(),
                          why == nullptr ? "no reason given" : why));
}

const RuntimeTable& load(const std::filesystem::path& path) {
  // Never closed: OpenCV leaves threads and thread-local data behind that must stay mapped.
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) refuse(path);
  void* symbol = dlsym(module, kRuntimeSymbol);
  if (symbol == nullptr) refuse(path);
  const RuntimeTable* table = reinterpret_cast<GetTable>(symbol)();
  if (table == nullptr) refuse(path);
  return *table;
}

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
  if (table == nullptr) table = &load(path);
  return *table;
}

Runtimes runtimes_in(std::filesystem::path folder) {
  return [folder = std::move(folder)](std::string_view library) -> const RuntimeTable& {
    return load_runtime_module(folder, library);
  };
}

}  // namespace facesearch

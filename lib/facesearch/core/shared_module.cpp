// SPDX-License-Identifier: MIT
#include "facesearch/core/shared_module.hpp"

#include <dlfcn.h>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch {

void* symbol_of_module(const std::filesystem::path& path, const char* symbol, std::string_view does) {
  // Never closed: libraries leave threads and thread-local data behind that must stay mapped.
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* found = module == nullptr ? nullptr : dlsym(module, symbol);
  if (found == nullptr) {
    const char* why = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps one text a thread
    throw Error(Cause::kModelMissing, "RUNTIME_MISSING",
                fmt::format("the module {} that {} cannot be loaded ({})", path.string(), does,
                            why == nullptr ? "no reason given" : why));
  }
  return found;
}

}  // namespace facesearch

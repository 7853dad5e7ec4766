// SPDX-License-Identifier: MIT
#include "facesearch/core/shared_module.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

// dlopen() reports no code, only a text. Where memory runs out, glibc's text ends with the system's message
// for ENOMEM, or says "out of memory", or that it has no room for an object or, without a reason, that it
// cannot map one; or it claims that an existing file is missing. Without this, a machine that is short of
// memory would be told to install what it has.
bool means_no_memory(std::string_view why, const std::filesystem::path& path) {
  const auto says = [&](std::string_view words) { return why.find(words) != std::string_view::npos; };
  const std::string missing = std::generic_category().message(ENOENT);
  return says(std::generic_category().message(ENOMEM)) || says("out of memory") ||
         says("cannot create shared object descriptor") ||
         why.ends_with("failed to map segment from shared object") ||
         (why.starts_with(path.native() + ": ") && why.ends_with(missing) && access(path.c_str(), R_OK) == 0);
}

}  // namespace

void* symbol_of_module(const std::filesystem::path& path, const char* symbol, std::string_view does) {
  // Never closed: libraries leave threads and thread-local data behind that must stay mapped.
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* found = module == nullptr ? nullptr : dlsym(module, symbol);
  if (found == nullptr) {
    const char* why = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps one text a thread
    if (why != nullptr && means_no_memory(why, path)) throw std::bad_alloc();
    throw Error(Cause::kModelMissing, "RUNTIME_MISSING",
                fmt::format("the module {} that {} cannot be loaded ({})", path.string(), does,
                            why == nullptr ? "no reason given" : why));
  }
  return found;
}

}  // namespace facesearch

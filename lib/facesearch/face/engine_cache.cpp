// SPDX-License-Identifier: MIT
#include "facesearch/face/engine_cache.hpp"

namespace facesearch {

EngineCache::EngineCache(PackPlaces places, std::function<const RuntimeTable&()> runtimes)
    : places_(std::move(places)), runtimes_(std::move(runtimes)) {}

const Pack& EngineCache::pack(std::string_view name) {
  auto found = packs_.find(name);
  if (found == packs_.end()) found = packs_.emplace(std::string(name), find_pack(places_, name)).first;
  return found->second;
}

FaceEngine& EngineCache::engine(std::string_view name) {
  auto found = engines_.find(name);
  if (found == engines_.end()) {
    // The pack first: where there is none, no runtime is loaded.
    Pack copy = pack(name);
    auto made = std::make_unique<FaceEngine>(std::move(copy), runtimes_());
    found = engines_.emplace(std::string(name), std::move(made)).first;
  }
  return *found->second;
}

}  // namespace facesearch

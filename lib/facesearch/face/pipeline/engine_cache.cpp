// SPDX-License-Identifier: MIT
#include "facesearch/face/pipeline/engine_cache.hpp"

#include <utility>

namespace facesearch {

EngineCache::EngineCache(PackPlaces places, Runtimes runtimes, std::filesystem::path modules)
    : places_(std::move(places)), runtimes_(std::move(runtimes)), modules_(std::move(modules)) {}

const Pack& EngineCache::pack(std::string_view name) {
  auto found = packs_.find(name);
  if (found == packs_.end()) found = packs_.emplace(std::string(name), find_pack(places_, name)).first;
  return found->second;
}

FaceEngine& EngineCache::engine(std::string_view name) {
  auto found = engines_.find(name);
  if (found == engines_.end()) {
    found = engines_.emplace(std::string(name), std::make_unique<FaceEngine>(pack(name), runtimes_, modules_))
                .first;
  }
  return *found->second;
}

}  // namespace facesearch

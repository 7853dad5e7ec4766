// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/pipeline/engine.hpp"

namespace facesearch {

/// The packs of a process, each read when it is first asked for. One thread at a time.
class EngineCache {
 public:
  /// `runtimes` is called when an engine first looks at a face, not before.
  EngineCache(PackPlaces places, Runtimes runtimes);

  /// The manifest of a pack; loads no network and no runtime. Throws as find_pack.
  const Pack& pack(std::string_view name);

  /// The pack at work. Throws as find_pack.
  FaceEngine& engine(std::string_view name);

  const PackPlaces& places() const { return places_; }

 private:
  PackPlaces places_;
  Runtimes runtimes_;
  std::map<std::string, Pack, std::less<>> packs_;
  std::map<std::string, std::unique_ptr<FaceEngine>, std::less<>> engines_;
};

}  // namespace facesearch

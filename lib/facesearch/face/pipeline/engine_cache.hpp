// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "facesearch/face/pack/pack.hpp"
#include "facesearch/face/pipeline/engine.hpp"

namespace facesearch {

/// The packs of a process and their engines, each made on first use. Not thread-safe.
class EngineCache {
 public:
  /// `runtimes` is called when an engine first runs a network. `modules` is the folder of the modules that
  /// decode pictures.
  EngineCache(PackPlaces places, Runtimes runtimes, std::filesystem::path modules = {});

  /// The manifest of a pack; loads no network and no runtime. Throws as find_pack.
  const Pack& pack(std::string_view name);

  /// The engine of a pack. Throws as find_pack.
  FaceEngine& engine(std::string_view name);

  const PackPlaces& places() const { return places_; }

 private:
  PackPlaces places_;
  Runtimes runtimes_;
  std::filesystem::path modules_;
  std::map<std::string, Pack, std::less<>> packs_;
  std::map<std::string, std::unique_ptr<FaceEngine>, std::less<>> engines_;
};

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "facesearch/face/pipeline/engine_cache.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::service {

/// A template that a photograph gives a face of a collection.
struct PhotographMatch {
  Uuid face;
  double cosine = 0;  ///< to the face's stored template; 2 where the file is named after the face
  Template values;    ///< of the other pack
};

/// Finds which faces of a collection photographs show, to give those faces templates of another pack. Keeps
/// nothing open between two photographs. Thread-safe.
class Photographs {
 public:
  /// `pack` is the other pack. `former_is_at_hand`: the collection's own pack can be used.
  Photographs(Store& store, CollectionRecord collection, std::string pack, bool former_is_at_hand)
      : store_(store),
        collection_(std::move(collection)),
        pack_(std::move(pack)),
        recognises_(former_is_at_hand) {}

  /// The faces of the collection, as it is now, that the picture in `file` shows: each once, at least one. If
  /// the file's name is a live face's id with an ending, it shows that face: the largest in it. Else every
  /// face in the picture is compared with the stored templates, and a cosine of 0.95 is a match.
  ///
  /// Throws as decode(); Error(kRefused) with FACE_NOT_FOUND (by either pack), FACE_NOT_RECOGNISED or, where
  /// the former pack is not at hand, NAME_IS_NO_FACE; Error(kInvalidValue, COLLECTION_CHANGED) if the
  /// collection is of another generation now; as Store::open and EngineCache.
  std::vector<PhotographMatch> match(EngineCache& engines, const std::string& file,
                                     std::span<const std::uint8_t> picture) const;

 private:
  std::optional<Uuid> named_face(const std::string& file) const;

  Store& store_;
  CollectionRecord collection_;
  std::string pack_;
  bool recognises_;
};

}  // namespace facesearch::service

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

/// A template by which a photograph may serve a face of a collection.
struct PhotographMatch {
  Uuid face;
  double cosine =
      0;            ///< to the face's stored template; 2, above all others, where the file is named after it
  Template values;  ///< of the other pack
};

/// Finds whose faces photographs show, to give those faces templates of another pack. Keeps nothing open
/// between two photographs. Thread-safe.
class Photographs {
 public:
  /// `former` is the collection's own pack, where that is at hand; `pack` the other one.
  Photographs(Store& store, CollectionRecord collection, std::string pack, bool former_is_at_hand)
      : store_(store),
        collection_(std::move(collection)),
        pack_(std::move(pack)),
        recognises_(former_is_at_hand) {}

  /// What the picture in `file` is to the collection as it is now, each face once; never nothing. A file
  /// whose name is a live face's id and an ending shows that face: the largest in it. Of any other every face
  /// is compared with the stored templates, and those that a cosine of 0.95 is reached with are meant.
  ///
  /// Throws as decode(); Error(kRefused) with FACE_NOT_FOUND (by either pack), FACE_NOT_RECOGNISED or, where
  /// the former pack is not at hand, NAME_IS_NO_FACE; Error(kInvalidValue, COLLECTION_CHANGED) if the
  /// collection is of another generation by now; as Store::open and EngineCache.
  std::vector<PhotographMatch> look(EngineCache& engines, const std::string& file,
                                    std::span<const std::uint8_t> picture) const;

 private:
  std::optional<Uuid> named_face(const std::string& file) const;

  Store& store_;
  CollectionRecord collection_;
  std::string pack_;
  bool recognises_;
};

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#include "facesearch/service/gallery.hpp"

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch::service {

void require_id(const Caller& caller, std::string_view id) {
  require_collection(caller, id);
  if (is_collection_id(id)) return;
  // Not echoed: it may be anything, and as long as a request may be.
  throw Error(
      Cause::kCollectionNotFound, "",
      "no collection can have this id; ids are 1 to 128 of A-Z a-z 0-9 _ . -, the first a letter or a "
      "digit");
}

std::unique_ptr<Collection> open_gallery(Store& store, const Caller& caller, std::string_view id) {
  require_id(caller, id);
  // Held open during the picture's work as well: a request then sees one generation from its first check to
  // its answer, and a deletion waits for the requests under way, a fraction of a second each.
  return store.open(id);
}

std::unique_ptr<Collection> open_again(Store& store, const CollectionRecord& before) {
  auto collection = store.open(before.id);
  if (collection->record().generation == before.generation) return collection;
  throw Error(Cause::kInvalidValue, "COLLECTION_CHANGED",
              fmt::format("the collection '{}' was made again or moved to another pack meanwhile; look at it "
                          "and run the migration again",
                          before.id));
}

FaceEngine& engine_of(EngineCache& engines, const CollectionRecord& collection) {
  const Pack& pack = engines.pack(collection.binding.pack);
  const std::string made_with = collection.binding.fingerprint;
  const std::string here = fingerprint(pack);
  if (made_with != here) {
    throw Error(Cause::kModelMismatch, "MODEL_CHANGED",
                fmt::format("the collection was made with {} {}, the pack of that name is {} now; bring the "
                            "former pack back, or move the collection to one that is here with "
                            "`facesearch collection migrate`",
                            collection.binding.pack, made_with.substr(0, 12), here.substr(0, 12)));
  }
  return engines.engine(collection.binding.pack);
}

void refuse_missing_face(const Snapshot& snapshot, const Uuid& face) {
  if (snapshot.was_erased(face)) {
    throw Error(Cause::kFaceGone, "", fmt::format("the face {} has been deleted", face.text()));
  }
  throw Error(Cause::kFaceUnknown, "",
              fmt::format("there never was a face {} in this collection", face.text()));
}

void warn_of_extrapolation(std::vector<Warning>& warnings, const Calibration& calibration,
                           double false_matches) {
  // A hair of tolerance: the rate at a measured point is a power of ten only to rounding.
  if (false_matches >= calibration.measured_to * (1 - 1e-9)) return;
  warnings.push_back(
      {"THRESHOLD_EXTRAPOLATED",
       fmt::format("the threshold stands for a false match rate of {:.1e}, the model was measured to {:.1e}",
                   false_matches, calibration.measured_to)});
}

void require_liveness_model(const Pack& pack) {
  if (pack.liveness) return;
  throw Error(Cause::kInvalidValue, "NO_LIVENESS_MODEL",
              fmt::format("the pack {} has no liveness network; turn the liveness check off, or make the "
                          "collection with a pack that has one",
                          pack.name));
}

}  // namespace facesearch::service

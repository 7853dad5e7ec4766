// SPDX-License-Identifier: MIT
#include "facesearch/service/collections/preconditions.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/match/similarity.hpp"

namespace facesearch::service {

void require_id(const Caller& caller, std::string_view id) {
  require_collection(caller, id);
  if (is_collection_id(id)) return;
  // Not echoed: it may be anything, and as long as a request may be.
  throw Error(Cause::kCollectionNotFound, "",
              fmt::format("no collection can have this id; ids are {}", kCollectionIdRule));
}

std::unique_ptr<Collection> open_gallery(Store& store, const Caller& caller, std::string_view id) {
  require_id(caller, id);
  // It stays open while the picture is processed: a request sees one generation from its first check to its
  // answer, and a deletion waits for the requests under way, a fraction of a second each.
  return store.open(id);
}

namespace {

// The error is about the first id that is not there, whatever the order in which they are opened.
void require_openable(const Store& store, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    const CollectionState state = store.state(id);
    if (state == CollectionState::kNever) {
      throw Error(Cause::kCollectionNotFound, "", fmt::format("there is no collection '{}'", id));
    }
    if (state == CollectionState::kDeleted) {
      throw Error(Cause::kCollectionDeleted, "", fmt::format("the collection '{}' was deleted", id));
    }
  }
}

// The points of means that were measured with those of faces that the collection has: other faces' points
// would give means another scale. None where the pack is not here, is another one, or has none.
decltype(Calibration::of_means) points_of_means(EngineCache& engines, const PackBinding& binding) {
  try {
    const Pack& pack = engines.pack(binding.pack);
    if (fingerprint(pack) != binding.fingerprint) return {};
    const auto calibration = find_calibration(engines.places(), pack);
    const bool same = calibration && calibration->cosine_at_fmr == binding.calibration.cosine_at_fmr;
    return same && is_usable(*calibration) ? calibration->of_means : std::nullopt;
  } catch (const Error& error) {
    if (error.cause() != Cause::kModelMissing) throw;
    return {};
  }
}

}  // namespace

std::vector<std::unique_ptr<Collection>> open_galleries(Store& store, const Caller& caller,
                                                        const std::vector<std::string>& ids) {
  const auto refuse = [](const char* reason, std::string detail) {
    throw Error(Cause::kInvalidValue, reason, std::move(detail));
  };
  if (ids.empty()) refuse("NO_COLLECTIONS", "no collection is named");
  if (ids.size() > kMaxCollections) {
    refuse("TOO_MANY_COLLECTIONS",
           fmt::format("{} collections are named, the limit is {}; merge some of them "
                       "first",
                       ids.size(), kMaxCollections));
  }
  for (const std::string& id : ids) require_id(caller, id);
  for (auto id = ids.begin(); id != ids.end(); ++id) {
    if (std::find(ids.begin(), id, *id) != id) {
      refuse("COLLECTION_NAMED_TWICE", fmt::format("the collection '{}' is named twice", *id));
    }
  }
  // Always in one order: two callers that hold one each and wait for the other's would deadlock.
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return ids[i]; });
  require_openable(store, ids);
  std::vector<std::unique_ptr<Collection>> galleries(ids.size());
  for (const std::size_t i : order) galleries[i] = store.open(ids[i]);
  return galleries;
}

void require_one_model(const std::vector<std::unique_ptr<Collection>>& galleries) {
  const CollectionRecord& first = galleries.front()->record();
  for (const auto& gallery : galleries) {
    const CollectionRecord& other = gallery->record();
    if (other.binding.fingerprint == first.binding.fingerprint) continue;
    throw Error(Cause::kModelMismatch, reason::kCollectionsDiffer,
                fmt::format("the collection '{}' was made with {} {}, and '{}' with {} {}: their templates "
                            "cannot be compared; move one of them with `facesearch collection migrate`",
                            first.id, first.binding.pack, first.binding.fingerprint.substr(0, 12), other.id,
                            other.binding.pack, other.binding.fingerprint.substr(0, 12)));
  }
}

void require_one_search(const std::vector<std::unique_ptr<Collection>>& galleries) {
  require_one_model(galleries);
  const CollectionRecord& first = galleries.front()->record();
  for (const auto& gallery : galleries) {
    const CollectionRecord& other = gallery->record();
    const auto refuse = [&](std::string_view what, std::string_view advice) {
      throw Error(
          Cause::kInvalidValue, reason::kCollectionsDiffer,
          fmt::format("the collections '{}' and '{}' cannot be searched as one, for they have not the "
                      "same {}; {}",
                      first.id, other.id, what, advice));
    };
    constexpr std::string_view kUpdate = "change one with `facesearch collection update`";
    const Policy& a = first.policy;
    const Policy& b = other.policy;
    if (!same_scores(first, other)) refuse("calibration", "merge them with `facesearch collection merge`");
    if (a.match_by != b.match_by) refuse("rule of matching by person or by face", kUpdate);
    if (a.similarity != b.similarity) refuse("similarity threshold", kUpdate);
    if (!(a.search == b.search)) refuse("rules for liveness and several faces in a search", kUpdate);
    if (a.quality != b.quality || a.min_face_px != b.min_face_px) refuse("quality rules", kUpdate);
    if (!(a.image == b.image)) refuse("limits of a picture", kUpdate);
  }
}

std::unique_ptr<Collection> open_again(Store& store, const CollectionRecord& before) {
  auto collection = store.open(before.id);
  if (collection->record().generation == before.generation) return collection;
  throw Error(Cause::kInvalidValue, reason::kCollectionChanged,
              fmt::format("the collection '{}' was made again or moved to another pack meanwhile; run "
                          "this again",
                          before.id));
}

FaceEngine& engine_of(EngineCache& engines, const CollectionRecord& collection) {
  const Pack& pack = engines.pack(collection.binding.pack);
  const std::string made_with = collection.binding.fingerprint;
  const std::string here = fingerprint(pack);
  if (made_with != here) {
    throw Error(Cause::kModelMismatch, reason::kModelChanged,
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
                           const Threshold& threshold) {
  // A small tolerance: the rate at a measured point is a power of ten only to rounding.
  if (threshold.false_match_rate >= calibration.measured_to * (1 - 1e-9)) return;
  warnings.push_back(
      {"THRESHOLD_EXTRAPOLATED",
       fmt::format("the threshold stands for a false match rate of {:.1e}, the model was measured to {:.1e}",
                   threshold.false_match_rate, calibration.measured_to)});
}

void require_liveness_model(const Pack& pack) {
  if (pack.liveness) return;
  throw Error(Cause::kInvalidValue, reason::kNoLivenessModel,
              fmt::format("the pack {} has no liveness network; turn the liveness check off, or make the "
                          "collection with a pack that has one",
                          pack.name));
}

void add_points_of_means(EngineCache& engines, CollectionRecord& record) {
  auto& points = record.binding.calibration.of_means;
  if (record.policy.match_by == MatchBy::kPerson && !points)
    points = points_of_means(engines, record.binding);
}

bool same_scores(const CollectionRecord& a, const CollectionRecord& b) {
  Calibration one = a.binding.calibration;
  Calibration other = b.binding.calibration;
  if (a.policy.match_by == MatchBy::kFace || b.policy.match_by == MatchBy::kFace) {
    one.of_means.reset();
    other.of_means.reset();
  }
  return one == other;
}

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#include "facesearch/service/collections/collections.hpp"

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/limits.hpp"
#include "facesearch/match/similarity.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/packs/packs.hpp"

namespace facesearch::service {
namespace {

constexpr std::uint64_t kMostFacePixels = 16'384;

void require_score(const char* reason, const char* what, double value) {
  // Written so that what is not a number fails.
  if (value >= 0 && value <= 100) return;
  throw Error(Cause::kInvalidValue, reason, fmt::format("the {} is {}; it goes from 0 to 100", what, value));
}

void require_limit(const char* what, std::uint64_t value, std::uint64_t most) {
  if (value >= 1 && value <= most) return;
  throw Error(Cause::kInvalidValue, "IMAGE_LIMIT_INVALID",
              fmt::format("the {} is {}; it goes from 1 to {}", what, value, most));
}

// A damaged former side is reported and does not make the live one unusable.
CollectionInfo info_of(Collection& collection) {
  CollectionInfo info{collection.record(), collection.snapshot()->face_count()};
  try {
    info.kept = collection.kept_side();
  } catch (const Error& error) {
    if (error.cause() != Cause::kStoreDamaged) throw;
    info.kept_fault = error.detail();
  }
  return info;
}

}  // namespace

bool asks_for_liveness(const Policy& policy) {
  return policy.enroll.liveness || policy.search.liveness;
}

void refuse_collection_id() {
  throw Error(Cause::kInvalidValue, "COLLECTION_ID_INVALID",
              fmt::format("a collection id has {}", kCollectionIdRule));
}

void require_valid(const Policy& policy) {
  constexpr ImageLimits kMost{};
  require_score("SIMILARITY_INVALID", "similarity threshold", policy.similarity);
  require_score("LIVENESS_THRESHOLD_INVALID", "liveness threshold of enrolment",
                policy.enroll.liveness_threshold);
  require_score("LIVENESS_THRESHOLD_INVALID", "liveness threshold of search",
                policy.search.liveness_threshold);
  require_limit("limit of a picture's bytes", policy.image.max_bytes, kMost.max_bytes);
  require_limit("limit of a picture's pixels", policy.image.max_pixels, kMost.max_pixels);
  require_limit("limit of a picture's side", policy.image.max_side, kMost.max_side);
  require_limit("smallest width of a face in pixels", policy.min_face_px, kMostFacePixels);
}

Calibration require_calibration(const PackPlaces& places, const Pack& pack) {
  const auto calibration = find_calibration(places, pack);
  if (calibration && is_usable(*calibration)) return *calibration;
  require_installed(places, pack);  // what is not here cannot be calibrated
  const PackInfo info = show_pack(places, pack.name);
  throw Error(Cause::kInvalidValue, "PACK_NOT_CALIBRATED",
              fmt::format("the pack {} has no calibration, so its scores have no meaning yet; measure one on "
                          "your own pictures, in a folder DIR, with `{}`, estimate one with `{}`, or take a "
                          "pack that has it",
                          pack.name, calibrate_command(places, info), estimate_command(places, info)));
}

PackBinding binding_to(EngineCache& engines, const Pack& pack, const Policy& policy) {
  PackBinding binding{pack.name, fingerprint(pack), pack.embedder.dimension,
                      require_calibration(engines.places(), pack)};
  // Earlier programs can read a collection without them, and it has no use for them.
  if (policy.match_by == MatchBy::kFace) binding.calibration.of_means.reset();
  return binding;
}

CollectionInfo create_collection(Context& context, const Caller& caller, std::string_view id,
                                 const std::string& pack, const Policy& policy, bool sealed) {
  if (!is_collection_id(id)) refuse_collection_id();
  require_valid(policy);
  require_collection(caller, id);
  const Pack& found = context.engines.pack(pack);
  require_installed(context.engines.places(), found);
  CollectionRecord record;
  record.id = id;
  record.generation = Uuid::make();
  record.created = now();
  record.binding = binding_to(context.engines, found, policy);
  record.policy = policy;
  record.sealed = sealed;
  random_bytes(record.contents_key.emplace());
  if (asks_for_liveness(policy)) require_liveness_model(found);
  context.store.create(record);
  return {record, 0};
}

CollectionInfo show_collection(Context& context, const Caller& caller, std::string_view id) {
  return info_of(*open_gallery(context.store, caller, id));
}

std::optional<CollectionInfo> listed_collection(Store& store, const std::string& id) {
  try {
    return info_of(*store.open(id));
  } catch (const Error& error) {
    if (error.cause() == Cause::kCollectionDeleted || error.cause() == Cause::kCollectionNotFound) return {};
    CollectionInfo info;
    info.record.id = id;
    info.fault = error.detail();
    return info;
  }
}

std::vector<CollectionInfo> list_collections(Context& context, const Caller& caller) {
  std::vector<CollectionInfo> infos;
  for (const std::string& id : context.store.ids()) {
    if (!allows_collection(caller, id)) continue;
    if (auto info = listed_collection(context.store, id)) infos.push_back(*std::move(info));
  }
  return infos;
}

CollectionInfo update_collection(Context& context, const Caller& caller, std::string_view id,
                                 const std::function<Policy(const Policy&)>& change) {
  require_id(caller, id);
  context.store.open(id)->update_record([&](CollectionRecord& record) {
    const Policy policy = change(record.policy);
    require_valid(policy);
    if (asks_for_liveness(policy)) require_liveness_model(context.engines.pack(record.binding.pack));
    record.policy = policy;
    add_points_of_means(context.engines, record);
  });
  return show_collection(context, caller, id);
}

CheckReport check_collection(Context& context, const Caller& caller, std::string_view id) {
  require_id(caller, id);
  return context.store.upkeep().check(id);
}

RepairReport repair_collection(Context& context, const Caller& caller, std::string_view id,
                               const std::string& to, bool dry_run) {
  require_id(caller, id);
  require_collection(caller, to);
  return context.store.upkeep().repair(id, to, dry_run);
}

RewriteReport compact_collection(Context& context, const Caller& caller, std::string_view id) {
  require_id(caller, id);
  return context.store.upkeep().rewrite(id, std::nullopt);
}

RewriteReport rekey_collection(Context& context, const Caller& caller, std::string_view id) {
  require_id(caller, id);
  if (!context.store.open(id)->record().sealed) {
    throw Error(Cause::kInvalidValue, "NOT_ENCRYPTED",
                fmt::format("the collection '{}' was made with --no-encryption and has no key", id));
  }
  return context.store.upkeep().rewrite(id, std::nullopt);
}

void delete_collection(Context& context, const Caller& caller, std::string_view id) {
  require_id(caller, id);
  context.store.remove(id);
}

}  // namespace facesearch::service

// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/migrate.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/service/collections/preconditions.hpp"
#include "facesearch/service/probe/photographs.hpp"

namespace facesearch::service {
namespace {

constexpr std::size_t kTemplatesPerWrite = 256;  // each write waits for the disk

void require_another(const PackBinding& now, const PackBinding& next) {
  if (now.fingerprint != next.fingerprint) return;
  throw Error(Cause::kInvalidValue, "PACK_IS_THE_SAME",
              fmt::format("the pack {} makes the templates that the collection has already (fingerprint {}); "
                          "name another one",
                          next.pack, next.fingerprint.substr(0, 12)));
}

// Why the collection's own pack cannot recognise its faces; empty: it can. It is no error, since that pack
// may be gone for good: then only photographs that are named after a face are used.
std::string fault_of_former(EngineCache& engines, const CollectionRecord& collection) {
  try {
    FaceEngine& engine = engine_of(engines, collection);
    for (const NetworkRole& network : networks_of(engine.pack())) {
      if (network.role != "liveness") (void)read_network(engine.pack(), *network.file);
    }
    constexpr int kSide = 32;
    (void)engine.find_faces({kSide, kSide, std::vector<std::uint8_t>(std::size_t{3} * kSide * kSide)});
    return "";
  } catch (const Error& error) {
    if (error.cause() == Cause::kModelMissing) return error.detail();
    if (error.cause() != Cause::kModelMismatch && !error.is(reason::kManifestInvalid)) throw;
    return fmt::format("the pack of the name {} is another one now", collection.binding.pack);
  }
}

// Reads all photographs and writes the new templates of the faces that they show.
class Migration {
 public:
  Migration(const MigrateRequest& request, const PictureWork& work, const Photographs& photographs,
            NewSide& side)
      : request_(request), work_(work), photographs_(photographs), side_(side) {}

  void run() {
    const std::size_t count = request_.photographs.size();
    reasons_.resize(count);
    for_each_picture(work_, count, [this](EngineCache& engines, std::size_t i) { read(engines, i); });
    write();
  }

  bool has(const Uuid& face) const { return best_.contains(face); }

  // Photographs that gave no face its template, by reason.
  std::map<std::string, std::size_t> unused() const {
    std::set<std::size_t> used;
    for (const auto& [face, best] : best_) used.insert(best.photograph);
    std::map<std::string, std::size_t> unused;
    for (std::size_t i = 0; i < reasons_.size(); ++i) {
      if (!reasons_[i].empty()) {
        ++unused[reasons_[i]];
      } else if (!used.contains(i)) {
        ++unused["CLOSER_PHOTOGRAPH"];
      }
    }
    return unused;
  }

 private:
  struct Best {
    double cosine = -2;
    std::size_t photograph = 0;
  };

  void read(EngineCache& engines, std::size_t i) {
    std::vector<PhotographMatch> matches;
    reasons_[i] = fault_of_photograph(engines, request_.photographs[i], matches);
    const std::lock_guard lock(mutex_);
    for (PhotographMatch& match : matches) take(std::move(match), i);
    if (waiting_.size() >= kTemplatesPerWrite) write();
  }

  // A photograph that cannot be read is skipped; the others are used.
  std::string fault_of_photograph(EngineCache& engines, const std::string& file,
                                  std::vector<PhotographMatch>& matches) const {
    std::vector<std::uint8_t> picture;
    try {
      picture = work_.read(file);
    } catch (const Error& error) {
      return error.reason();
    }
    return fault_of_picture([&] { matches = photographs_.match(engines, file, picture); });
  }

  // The same photograph is taken whichever thread is faster.
  void take(PhotographMatch match, std::size_t i) {
    Best& best = best_[match.face];
    if (match.cosine < best.cosine || (match.cosine == best.cosine && i > best.photograph)) return;
    best = {match.cosine, i};
    waiting_[match.face] = std::move(match.values);
  }

  void write() {
    std::vector<NewTemplate> templates;
    for (auto& [face, values] : waiting_) templates.push_back({face, std::move(values)});
    waiting_.clear();
    if (!request_.dry_run && !templates.empty()) side_.put(templates);
  }

  const MigrateRequest& request_;
  const PictureWork& work_;
  const Photographs& photographs_;
  NewSide& side_;
  std::mutex mutex_;
  std::vector<std::string> reasons_;
  std::map<Uuid, Best> best_;
  std::map<Uuid, Template> waiting_;
};

// The last check before a side goes live.
class FinalCheck {
 public:
  FinalCheck(const MigrateRequest& request, std::uint64_t next_slot, std::string fault_of_former)
      : request_(request), next_slot_(next_slot), fault_of_former_(std::move(fault_of_former)) {}

  void require(const Becoming& next, const std::map<std::string, std::size_t>& unused) const {
    const auto added = std::ranges::count_if(
        next.left_out, [this](const FaceSlot& face) { return face.slot >= next_slot_; });
    if (added > 0) {
      throw Error(
          Cause::kInvalidValue, reason::kCollectionChanged,
          fmt::format("{} faces were enrolled while the photographs were read, and none of those shows "
                      "them; add their photographs and run it again while nobody enrols",
                      added));
    }
    if (next.left_out.empty() || request_.allow_missing) return;
    std::string detail = fmt::format(
        "no photograph was found for {} of {} faces; --dry-run lists them, --allow-missing leaves them out",
        next.left_out.size(), next.left_out.size() + next.faces);
    if (!fault_of_former_.empty()) {
      detail += fmt::format(
          "; only files named after a face's id were used, since the collection's own pack, which "
          "recognises the others, cannot be used ({})",
          fault_of_former_);
    }
    const char* before = "; not used: ";
    for (const auto& [reason, count] : unused) {
      detail += fmt::format("{}{} {}", before, count, reason);
      before = ", ";
    }
    throw Error(Cause::kInvalidValue, "PHOTOS_MISSING", detail);
  }

 private:
  const MigrateRequest& request_;
  std::uint64_t next_slot_;
  std::string fault_of_former_;
};

void require_liveness(const CollectionRecord& record, const Pack& pack) {
  if (asks_for_liveness(record.policy)) require_liveness_model(pack);
}

// What go_live() would be told now.
Becoming preview(const Collection& collection, const Migration& migration) {
  Becoming next;
  next.record = collection.record();
  collection.snapshot()->scan(0, [&](const TemplateRow& row) {
    if (migration.has(row.face)) {
      ++next.faces;
    } else {
      next.left_out.push_back({row.slot, row.face});
    }
  });
  return next;
}

}  // namespace

MigrateResult migrate(Context& context, const Caller& caller, const MigrateRequest& request,
                      const PictureWork& work) {
  const CollectionRecord before = open_gallery(context.store, caller, request.collection_id)->record();
  const Pack& pack = context.engines.pack(request.pack);
  const PackBinding binding = binding_to(context.engines, pack, before.policy);
  require_another(before.binding, binding);
  require_liveness(before, pack);
  const auto side = context.store.migrations().begin(request.collection_id, binding);
  // Read after the side was begun: faces in this slot and above were enrolled meanwhile.
  const std::uint64_t next_slot = open_again(context.store, before)->snapshot()->next_slot();
  const std::string fault = fault_of_former(context.engines, before);
  const Photographs photographs(context.store, before, request.pack, fault.empty());
  Migration migration(request, work, photographs, *side);
  migration.run();

  MigrateResult result;
  result.dry_run = request.dry_run;
  result.unused = migration.unused();
  const FinalCheck check(request, next_slot, fault);
  const auto take = [&](const Becoming& next) {
    result.migrated = next.faces;
    result.missing.clear();
    for (const FaceSlot& face : next.left_out) result.missing.push_back(face.face);
  };
  if (request.dry_run) {
    take(preview(*open_again(context.store, before), migration));
  } else {
    side->go_live([&](const Becoming& next) {
      require_liveness(next.record, pack);
      check.require(next, result.unused);
      take(next);
    });
  }
  result.collection = show_collection(context, caller, request.collection_id);
  return result;
}

CollectionInfo confirm_migration(Context& context, const Caller& caller, std::string_view id) {
  require_id(caller, id);
  context.store.migrations().confirm(id);
  return show_collection(context, caller, id);
}

CollectionInfo revert_migration(Context& context, const Caller& caller, std::string_view id) {
  require_id(caller, id);
  context.store.migrations().revert(id, [&](CollectionRecord& record) {
    add_points_of_means(context.engines, record);
    if (!asks_for_liveness(record.policy)) return;
    require_liveness_model(context.engines.pack(record.binding.pack));
  });
  return show_collection(context, caller, id);
}

}  // namespace facesearch::service

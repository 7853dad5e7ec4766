// SPDX-License-Identifier: MIT
#include "facesearch/store/upkeep/migration.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/lmdb/collection.hpp"

namespace facesearch::storage {
namespace {

[[noreturn]] void refuse_without_migration(std::string_view id) {
  throw Error(Cause::kInvalidValue, "NO_MIGRATION",
              fmt::format("the collection '{}' keeps no former side: it was not migrated, or that was "
                          "confirmed or reverted",
                          id));
}

void require_none_added(std::string_view id, std::size_t added) {
  if (added == 0) {
    return;
  }
  throw Error(
      Cause::kInvalidValue, "FACES_ADDED",
      fmt::format("faces were added to the collection '{}' since it was migrated ({}), which the former "
                  "pack has no templates of; delete them first, or keep the new pack",
                  id, added));
}

std::vector<Uuid> live_faces(const LmdbReader& reader) {
  std::vector<Uuid> faces;
  reader.visit_ids(0, [&](std::uint64_t, const IdRow& ids) {
    faces.push_back(ids.face);
    return true;
  });
  std::ranges::sort(faces);
  return faces;
}

// By the pieces: a face that an index lacks is not one that is not there.
std::vector<Uuid> faces_only_in(const LmdbReader& one, const LmdbReader& other) {
  std::vector<Uuid> faces;
  std::ranges::set_difference(live_faces(one), live_faces(other), std::back_inserter(faces));
  return faces;
}

// What faces of `side` are said to be in `live`, where that is something else by now.
std::vector<FaceRecord> changed_records(const LmdbReader& side, const LmdbReader& live) {
  std::vector<FaceRecord> changed;
  side.visit_ids(0, [&](std::uint64_t slot, const IdRow& ids) {
    const FaceRecord before = side.record_at(slot, ids);
    if (auto now = live.find_face(ids.face)) {
      if (!says_the_same(*now, before)) {
        changed.push_back(*std::move(now));
      }
    }
    return true;
  });
  return changed;
}

void update_all(LmdbWriteTransaction& side, const std::vector<FaceRecord>& faces) {
  for (const FaceRecord& face : faces) {
    if (!side.update(face)) {
      contradict("a face that was just there is not");
    }
  }
}

// The decisions of the live side for one of another pack: `own` are those that side has. A template is of one
// pack, so it stays where it was made; the decision without it goes on, and finds it again on the way back.
std::vector<Decision> carried_over(std::vector<Decision> live, const std::vector<Decision>& own) {
  const auto about = [](const Decision& decision) {
    return std::tuple(decision.kind, decision.face, decision.person);
  };
  std::map<std::tuple<Decision::Kind, Uuid, Uuid>, const Decision*> known;
  for (const Decision& decision : own) known[about(decision)] = &decision;
  for (Decision& decision : live) {
    const auto same = known.find(about(decision));
    decision.values = same == known.end() ? std::vector<float>{} : same->second->values;
  }
  return live;
}

// Writes into the kept side what became of the collection since, so that it can be the live one.
Committed bring_up_to_date(CollectionLock& writer, const SideUse& kept, SideView& live,
                           const CollectionRecord& record) {
  std::vector<Uuid> erased;
  for (const ErasedFace& face : erased_faces(live.pieces)) {
    if (!face.left_out) {
      erased.push_back(face.face);
    }
  }
  std::ranges::sort(erased);
  std::vector<Uuid> still_there;
  std::vector<FaceRecord> changed;
  {
    const SideView former(kept);
    std::ranges::set_intersection(live_faces(former.reader), erased, std::back_inserter(still_there));
    if (live.root().changes > 0) changed = changed_records(former.reader, live.reader);
  }
  return commit_change(
      kept.environment(), kept.sealing(), nullptr,
      [&](LmdbWriteTransaction& side) {
        for (const Uuid& face : still_there) {
          side.erase(face);
        }
        for (const Uuid& face : erased) {
          side.bury(face, false);
        }
        update_all(side, changed);
        side.set_decisions(carried_over(decisions_of(live.pieces), side.decisions()));
        Root& root = side.change_root();
        root.next_slot = std::max(live.root().next_slot, root.next_slot);
        root.switches = live.root().switches + 1;
        root.record = record;
      },
      &writer);
}

class LmdbNewSide final : public NewSide {
 public:
  /// `work`: the locks kWork and kWraps, held while the side is built.
  LmdbNewSide(std::shared_ptr<OpenStore> store, LockFile work, std::string_view id, PackBinding binding);

  void put(const std::vector<NewTemplate>& templates) override;
  void go_live(const std::function<void(const Becoming&)>& accept) override;

 private:
  void require_base(const CollectionRecord& live, const SidesRecord& sides) const;
  Becoming becoming(const SideView& live, const SidesRecord& sides) const;
  void follow(SideView& live, const Becoming& next, LmdbWriteTransaction& side) const;

  std::shared_ptr<OpenStore> store_;
  LockFile work_;
  std::string id_;
  PackBinding binding_;
  Uuid base_;  ///< the generation it is made of
  std::uint64_t base_side_ = 0;
  std::uint64_t base_changes_ = 0;  ///< as it was before the first face was copied
  std::uint64_t number_ = 0;        ///< of this side
  Uuid generation_ = Uuid::make();
  WorkFolder made_;
  std::unique_ptr<OpenSide> side_;
};

LmdbNewSide::LmdbNewSide(std::shared_ptr<OpenStore> store, LockFile work, std::string_view id,
                         PackBinding binding)
    : store_(std::move(store)),
      work_(std::move(work)),
      id_(id),
      binding_(std::move(binding)),
      made_(store_->folder.temporary()) {
  Root root;
  {
    const LmdbCollection live(store_, id_);
    require_none_kept(id_, live.sides());
    root.record = live.record();
    base_side_ = live.sides().live;
    base_changes_ = live.snapshot()->changes();
  }
  base_ = root.record.generation;
  root.record.generation = generation_;
  root.record.binding = binding_;
  write_collection(root.record);  // refuses what could not be read back
  number_ = base_side_ + 1;
  side_ = make_side(*store_, made_.path(), number_, root);
}

void LmdbNewSide::require_base(const CollectionRecord& live, const SidesRecord& sides) const {
  if (live.generation == base_ && sides.live == base_side_) {
    return;
  }
  throw Error(Cause::kInvalidValue, "COLLECTION_CHANGED",
              fmt::format("the collection '{}' was made again, compacted or moved to another pack meanwhile; "
                          "look at it and run the migration again",
                          id_));
}

void LmdbNewSide::put(const std::vector<NewTemplate>& templates) {
  const LmdbCollection collection(store_, id_);
  require_base(collection.record(), collection.sides());
  const SideView live(collection.side());
  commit_change(side_->environment, side_->sealing, nullptr, [&](LmdbWriteTransaction& side) {
    for (const NewTemplate& next : templates) {
      if (const auto place = live.reader.find_place(next.face)) {
        side.put_at(place->slot, live.reader.record_at(place->slot, {next.face, place->person}), next.values);
      }
    }
  });
}

void LmdbNewSide::go_live(const std::function<void(const Becoming&)>& accept) {
  CollectionLock gate = store_->collection_lock(id_);
  gate.enter_alone();
  require_live(store_->folder, id_);
  const std::optional<Mark> mark = mark_of(*store_, id_);
  const SidesRecord sides = read_sides(store_->folder, id_);
  Becoming next;
  Committed committed;
  {
    const SideUse use(*store_, id_, sides.live);
    gate.lock_writer();
    SideView live(use);
    require_not_older(*store_, mark, live.pieces);
    next = becoming(live, sides);
    accept(next);
    committed = commit_change(side_->environment, side_->sealing, nullptr,
                              [&](LmdbWriteTransaction& side) { follow(live, next, side); });
  }
  side_.reset();
  place_side(store_->folder, id_, number_, made_.path());
  replace_sides(store_->folder, id_, {number_, sides.live});
  set_mark(*store_, next.record, committed);
}

Becoming LmdbNewSide::becoming(const SideView& live, const SidesRecord& sides) const {
  Becoming next;
  next.record = live.root().record;
  require_base(next.record, sides);
  next.record.generation = generation_;
  next.record.binding = binding_;
  const SideView side(side_->environment, side_->sealing);
  live.reader.visit_ids(0, [&](std::uint64_t slot, const IdRow& ids) {
    if (side.reader.hinted_place(ids.face)) {
      ++next.faces;
    } else {
      next.left_out.push_back({slot, ids.face});
    }
    return true;
  });
  return next;
}

// Makes the new side know what the live one knows now.
void LmdbNewSide::follow(SideView& live, const Becoming& next, LmdbWriteTransaction& side) const {
  {
    const SideView made(side_->environment, side_->sealing);
    for (const Uuid& face : faces_only_in(made.reader, live.reader)) {
      side.erase(face);
    }
    if (live.root().changes != base_changes_) {
      update_all(side, changed_records(made.reader, live.reader));
    }
  }
  for (const ErasedFace& erased : erased_faces(live.pieces)) {
    side.bury(erased.face, false);
  }
  for (const FaceSlot& face : next.left_out) {
    side.bury(face.face, true);
  }
  side.set_decisions(carried_over(decisions_of(live.pieces), {}));
  Root& root = side.change_root();
  root.next_slot = live.root().next_slot;
  root.switches = live.root().switches + 1;
  root.record = next.record;
}

}  // namespace

void require_none_kept(std::string_view id, const SidesRecord& sides) {
  if (sides.kept) {
    throw Error(Cause::kInvalidValue, "MIGRATION_UNCONFIRMED",
                fmt::format("the collection '{}' still keeps the side of its former pack; end that first: "
                            "`collection migrate --confirm` deletes it for good, `--revert` brings it back",
                            id));
  }
}

std::unique_ptr<NewSide> LmdbMigrations::begin(std::string_view id, const PackBinding& binding) {
  require_live(store_->folder, id);
  // Its key is wrapped by the present master key.
  LockFile work = store_->lock(kWraps, LockMode::kShared);
  work.lock(kWork, LockMode::kShared, Patience(store_->options.lock_timeout), "the store");
  return std::make_unique<LmdbNewSide>(store_, std::move(work), id, binding);
}

void LmdbMigrations::confirm(std::string_view id) {
  require_live(store_->folder, id);
  const LockFile work = store_->lock(kWork, LockMode::kShared);
  {
    CollectionLock gate = store_->collection_lock(id);
    gate.enter_alone();
    require_live(store_->folder, id);
    const std::optional<Mark> mark = mark_of(*store_, id);
    const SidesRecord sides = read_sides(store_->folder, id);
    if (!sides.kept) {
      refuse_without_migration(id);
    }
    {
      // The kept side is looked at from outside only, so that a damaged one can be given up; but not in
      // favour of a live one that is damaged itself, or is from before.
      const SideUse use(*store_, id, sides.live);
      require_not_older(*store_, mark, SideView(use).pieces);
    }
    replace_sides(store_->folder, id, {sides.live, std::nullopt});
    remove_side(store_->folder, id, *sides.kept);
  }
  LmdbCollection(store_, id).bury_left_out();
}

void LmdbMigrations::revert(std::string_view id, const std::function<void(CollectionRecord&)>& accept) {
  require_live(store_->folder, id);
  OpenStore& store = *store_;
  const LockFile work = store.lock(kWork, LockMode::kShared);
  CollectionLock gate = store.collection_lock(id);
  gate.enter_alone();
  require_live(store.folder, id);
  const std::optional<Mark> mark = mark_of(store, id);
  const SidesRecord sides = read_sides(store.folder, id);
  if (!sides.kept) {
    refuse_without_migration(id);
  }
  CollectionRecord record;
  Committed committed;
  {
    const SideUse live_use(store, id, sides.live);
    const SideUse kept(store, id, *sides.kept);
    gate.lock_writer();
    SideView live(live_use);
    require_not_older(store, mark, live.pieces);
    {
      const SideView former(kept);
      record = former.root().record;
      require_kin(live.root().record, record);
      require_none_added(id, faces_only_in(live.reader, former.reader).size());
    }
    record.policy = live.root().record.policy;
    CollectionRecord accepted = record;
    accept(accepted);
    take_rules(record, accepted);
    committed = bring_up_to_date(gate, kept, live, record);
  }
  replace_sides(store.folder, id, {*sides.kept, std::nullopt});
  set_mark(store, record, committed);
  remove_side(store.folder, id, sides.live);
}

}  // namespace facesearch::storage

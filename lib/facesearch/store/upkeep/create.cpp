// SPDX-License-Identifier: MIT
#include "facesearch/store/upkeep/create.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/lmdb/collection.hpp"

namespace facesearch::storage {

NewCollection::NewCollection(OpenStore& store, const CollectionRecord& record, std::uint64_t switches,
                             const std::function<void(OpenSide&)>& fill)
    : store_(store), record_(record), made_(store.folder.temporary()) {
  require_not_live(store.folder, record.id);
  const std::optional<Mark> mark = mark_of(store, record.id);
  Root root;
  root.record = record;
  root.switches = std::max(mark ? mark->side : 0, switches) + 1;
  const SidesRecord sides;
  const std::filesystem::path folder = made_.path() / side_name(sides.live);
  make_private_folder(folder);
  {
    const auto side = make_side(store, folder, sides.live, root);
    fill(*side);
    const SideView view(side->environment, side->sealing);
    committed_ = {view.root().switches, view.root().version, view.pieces.root_tag()};
    faces_ = view.root().faces;
  }
  sync_file(folder / kDataFile);
  sync_folder(folder);
  replace_file(made_.path() / kSidesFile, store.folder.temporary(), write_sides(sides));
  sync_folder(made_.path());
}

void NewCollection::go_live() {
  set_deleted_mark(store_, record_.id);  // whatever was there is; the mark may be from before its deletion
  move_to_place();
  set_mark(store_, record_, committed_);
}

void NewCollection::move_to_place() {
  move_entry(made_.path(), store_.folder.collection(record_.id));
}

void NewCollection::write_marks() const {
  set_deleted_mark(store_, record_.id);
  set_mark(store_, record_, committed_);
}

void require_master_of_others(OpenStore& store) {
  for (const std::string& id : live_ids(store.folder)) {
    for (const std::uint64_t number : side_numbers(store.folder.collection(id))) {
      try {
        if (sealed_under_known_key(store, id, number)) {
          return;
        }
      } catch (const Error& error) {
        if (error.cause() == Cause::kMasterKey) {
          throw;
        }
      }
    }
  }
}

void make_collection(OpenStore& store, const CollectionRecord& record,
                     const std::function<void(OpenSide&)>& fill) {
  CollectionLock gate = store.collection_lock(record.id);
  gate.enter_alone();
  require_not_live(store.folder, record.id);
  if (record.sealed) {
    require_master_of_others(store);
  }
  NewCollection(store, record, 0, fill).go_live();
}

}  // namespace facesearch::storage

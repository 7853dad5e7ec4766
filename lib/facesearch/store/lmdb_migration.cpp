// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb_migration.hpp"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/file_system.hpp"
#include "facesearch/store/lmdb_reader.hpp"
#include "facesearch/store/lmdb_write.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

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

// Until it is switched the folder may hold a second name of the live file, which a process left that ended in
// the middle.
bool has_kept_file(const StoreFolder& folder, std::string_view id) {
  const fs::path kept = folder.kept(id) / kDataFile;
  return is_file(kept) && !is_same_file(kept, folder.collection(id) / kDataFile);
}

// Before hours of work rather than after them.
void require_links(const fs::path& folder) {
  const fs::path second = folder / "link";
  if (const int error = link_file(folder / kDataFile, second); error != 0) {
    throw Error(Cause::kFileSystem, "NO_HARD_LINKS",
                fmt::format("the file system of {} makes no hard links, which the switch to another pack "
                            "needs ({}); move the store to one that does",
                            folder.parent_path().string(), std::generic_category().message(error)));
  }
  ::unlink(second.c_str());
}

// Puts a closed data file in the place of a collection's, which nobody has open.
void replace_data_file(const fs::path& from, const fs::path& collection) {
  sync_file(from);
  // What it says of readers and of the last change is of the other file; LMDB makes it anew.
  ::unlink((collection / kLockFile).c_str());
  move_entry(from, collection / kDataFile);
}

std::vector<Uuid> faces_only_in(const LmdbTransaction& one, const LmdbTransaction& other) {
  const LmdbReader reader(other, nullptr, 0);
  std::vector<Uuid> faces;
  LmdbCursor cursor(one, one.tables().faces);
  for (bool more = cursor.first(); more; more = cursor.next()) {
    const Uuid face = read_uuid(cursor.key());
    if (!reader.find_place(face)) {
      faces.push_back(face);
    }
  }
  return faces;
}

// Writes into the kept side what became of the collection since.
void bring_up_to_date(LmdbEnvironment& kept, const LmdbTransaction& live, const CollectionRecord& record) {
  const LmdbReader now(live, nullptr, 0);
  const std::vector<Uuid> erased = erased_faces(live, false);
  commit_change(kept, [&](LmdbTransaction& transaction) {
    LmdbWriteTransaction side(transaction, nullptr, static_cast<std::size_t>(record.binding.dimension));
    for (const Uuid& face : erased) {
      if (!side.erase(face)) {
        side.bury(face, false);
      }
    }
    side.set_next_slot(std::max(now.next_slot(), side.next_slot()));
    side.set_record(record);
    side.require_complete();
  });
}

}  // namespace

LmdbNewSide::LmdbNewSide(std::shared_ptr<OpenStore> store, LockFile work, std::string_view id,
                         PackBinding binding)
    : store_(std::move(store)),
      work_(std::move(work)),
      id_(id),
      binding_(std::move(binding)),
      made_(store_->folder.temporary()) {
  CollectionRecord record;
  {
    const LmdbCollection live(store_, id_);
    if (live.kept_side()) {
      throw Error(Cause::kInvalidValue, "MIGRATION_UNCONFIRMED",
                  fmt::format("the collection '{}' still keeps the side of its former pack; end that first: "
                              "`collection migrate --confirm` deletes it for good, `--revert` brings it back",
                              id_));
    }
    record = live.record();
  }
  base_ = record.generation;
  record.generation = generation_;
  record.binding = binding_;
  environment_ = std::make_unique<LmdbEnvironment>(made_.path(), LmdbEnvironment::Mode::kMake,
                                                   store_->options.map_bytes, store_->options.lock_timeout);
  require_links(made_.path());
  commit_change(*environment_, [&](LmdbTransaction& transaction) { write_meta(transaction, record); });
}

void LmdbNewSide::require_base(const CollectionRecord& live) const {
  if (live.generation == base_) {
    return;
  }
  throw Error(Cause::kInvalidValue, "COLLECTION_CHANGED",
              fmt::format("the collection '{}' was made again or moved to another pack meanwhile; look at it "
                          "and run the migration again",
                          id_));
}

void LmdbNewSide::put(const std::vector<NewTemplate>& templates) {
  const LmdbCollection collection(store_, id_);
  require_base(collection.record());
  const EnvironmentUse environment(*store_, id_, Side::kLive);
  const LmdbTransaction live(*environment, LmdbTransaction::Kind::kRead);
  const LmdbReader reader(live, nullptr, 0);
  commit_change(*environment_, [&](LmdbTransaction& transaction) {
    LmdbWriteTransaction side(transaction, nullptr, dimension());
    for (const NewTemplate& next : templates) {
      if (const auto place = reader.find_place(next.face)) {
        side.put_at(place->slot, reader.find_face(next.face).value(), next.values);
      }
    }
    side.require_complete();
  });
}

void LmdbNewSide::go_live(const std::function<void(const Becoming&)>& accept) {
  CollectionLock gate(store_->folder.lock(id_), id_, store_->options.lock_timeout);
  gate.enter_alone();
  require_live(store_->folder, id_);
  {
    const EnvironmentUse environment(*store_, id_, Side::kLive);
    gate.lock_writer();
    const LmdbTransaction live(*environment, LmdbTransaction::Kind::kRead);
    const Becoming next = becoming(live);
    accept(next);
    commit_change(*environment_, [&](LmdbTransaction& side) { follow(live, next, side); });
  }
  environment_.reset();
  take_place();
}

Becoming LmdbNewSide::becoming(const LmdbTransaction& live) const {
  Becoming next;
  next.record = read_collection_record(live);
  require_base(next.record);
  const auto former_dimension = static_cast<std::size_t>(next.record.binding.dimension);
  next.record.generation = generation_;
  next.record.binding = binding_;
  const LmdbTransaction side(*environment_, LmdbTransaction::Kind::kRead);
  const LmdbReader reader(side, nullptr, dimension());
  LmdbCursor cursor(live, live.tables().rows);
  for (bool more = cursor.first(); more; more = cursor.next()) {
    const Uuid face = read_row_face(cursor.value(), former_dimension);
    if (reader.find_place(face)) {
      ++next.faces;
    } else {
      next.left_out.push_back({read_slot(cursor.key()), face});
    }
  }
  return next;
}

// Makes the new side know what the live one knows now.
void LmdbNewSide::follow(const LmdbTransaction& live, const Becoming& next, LmdbTransaction& side) const {
  LmdbWriteTransaction view(side, nullptr, dimension());
  for (const Uuid& face : faces_only_in(side, live)) {
    view.erase(face);
  }
  for (const bool left_out_before : {false, true}) {
    for (const Uuid& face : erased_faces(live, left_out_before)) {
      view.bury(face, false);
    }
  }
  for (const FaceSlot& face : next.left_out) {
    view.bury(face.face, true);
  }
  view.set_next_slot(LmdbReader(live, nullptr, 0).next_slot());
  view.set_record(next.record);
  view.require_complete();
}

// The live file gets a second name in `kept`; then the new one takes its first. The last step is the switch:
// before it `kept` holds the live file itself, which is no kept side.
void LmdbNewSide::take_place() const {
  const fs::path collection = store_->folder.collection(id_);
  const fs::path kept = store_->folder.kept(id_);
  if (is_folder(kept)) {  // of one who ended in the middle
    const fs::path doomed = store_->folder.doomed();
    move_entry(kept, doomed);
    remove_tree(doomed);
  }
  make_private_folder(kept);
  if (const int error = link_file(collection / kDataFile, kept / kDataFile); error != 0) {
    throw_errno(error, "make a second name of", collection / kDataFile);
  }
  sync_folder(kept);
  sync_folder(collection);
  replace_data_file(made_.path() / kDataFile, collection);
}

std::optional<KeptSide> find_kept_side(OpenStore& store, const CollectionRecord& live) {
  if (!has_kept_file(store.folder, live.id)) {
    return std::nullopt;
  }
  const EnvironmentUse environment(store, live.id, Side::kKept);
  const LmdbTransaction transaction(*environment, LmdbTransaction::Kind::kRead);
  KeptSide side{read_collection_record(transaction), LmdbReader(transaction, nullptr, 0).face_count()};
  // A copy of a store may hold the second name as a file of its own.
  return side.record.generation == live.generation ? std::nullopt : std::optional(std::move(side));
}

void drop_kept_side(const std::shared_ptr<OpenStore>& store, std::string_view id) {
  const fs::path doomed = store->folder.doomed();
  {
    CollectionLock gate(store->folder.lock(id), id, store->options.lock_timeout);
    gate.enter_alone();
    require_live(store->folder, id);
    // Looked at from outside only, so that a damaged one can be given up.
    if (!has_kept_file(store->folder, id)) {
      refuse_without_migration(id);
    }
    move_entry(store->folder.kept(id), doomed);
  }
  remove_tree(doomed);
  LmdbCollection(store, id).bury_left_out();
}

void restore_kept_side(OpenStore& store, std::string_view id,
                       const std::function<void(const CollectionRecord&)>& accept) {
  CollectionLock gate(store.folder.lock(id), id, store.options.lock_timeout);
  gate.enter_alone();
  require_live(store.folder, id);
  {
    const EnvironmentUse environment(store, std::string(id), Side::kLive);
    const LmdbTransaction live(*environment, LmdbTransaction::Kind::kRead);
    const CollectionRecord now = read_collection_record(live);
    const std::optional<KeptSide> side = find_kept_side(store, now);
    if (!side) {
      refuse_without_migration(id);
    }
    const EnvironmentUse kept(store, std::string(id), Side::kKept);
    gate.lock_writer();
    const auto added = faces_only_in(live, LmdbTransaction(*kept, LmdbTransaction::Kind::kRead)).size();
    require_none_added(id, added);
    CollectionRecord record = side->record;
    record.policy = now.policy;
    accept(record);
    bring_up_to_date(*kept, live, record);
  }
  const fs::path place = store.folder.kept(id);
  replace_data_file(place / kDataFile, store.folder.collection(id));
  const fs::path doomed = store.folder.doomed();
  move_entry(place, doomed);
  remove_tree(doomed);
}

}  // namespace facesearch::storage

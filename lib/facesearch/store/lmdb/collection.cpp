// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/collection.hpp"

#include <exception>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/files/reserve.hpp"
#include "facesearch/store/upkeep/migration.hpp"

namespace facesearch::storage {
namespace {

struct HoldsView {
  explicit HoldsView(const SideUse& side)
      : transaction(side.environment(), LmdbTransaction::Kind::kRead), pieces(transaction, side.sealing()) {}

  LmdbTransaction transaction;
  LmdbPieces pieces;
};

class LmdbSnapshot final : private HoldsView, public LmdbView<Snapshot> {
 public:
  LmdbSnapshot(const SideUse& side, const Tombstone* tombstone)
      : HoldsView(side), LmdbView(transaction, side.sealing(), pieces, tombstone, &side.ids()) {}
};

std::filesystem::path mark_file(const OpenStore& store, std::string_view id) {
  return store.keys.marks_folder() / store.folder.digest(id);
}

// None without a place for master keys: encrypted collections cannot be opened there anyway.
std::optional<std::filesystem::path> known_mark_file(const OpenStore& store, std::string_view id) {
  if (!store.options.master_key) {
    return std::nullopt;
  }
  try {
    return mark_file(store, id);
  } catch (const Error& error) {
    if (error.cause() != Cause::kInvalidValue) {
      throw;
    }
    return std::nullopt;
  }
}

void note_place_once(const OpenStore& store) noexcept {
  if (!store.place_is_noted.exchange(true)) store.keys.note_place(store.folder.root);
}

}  // namespace

std::optional<Mark> mark_of(const OpenStore& store, std::string_view id) {
  const auto file = known_mark_file(store, id);
  return file ? read_mark(*file) : std::nullopt;
}

void set_mark(const OpenStore& store, const CollectionRecord& record, const Committed& committed) {
  if (!known_mark_file(store, record.id)) {
    return;
  }
  Mark mark;
  mark.generation = record.generation;
  mark.side = committed.switches;
  if (record.sealed) {
    mark.sealed = true;
    mark.version = committed.version;
    mark.tag = committed.tag;
  } else if (!mark_of(store, record.id)) {
    return;
  }
  if (write_mark(mark_file(store, record.id), mark)) note_place_once(store);
}

void set_deleted_mark(const OpenStore& store, std::string_view id) noexcept {
  try {
    if (std::optional<Mark> mark = mark_of(store, id); mark && !mark->deleted) {
      mark->deleted = true;
      write_mark(mark_file(store, id), *mark);
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): as where it cannot be written
  }
}

void require_not_older(const OpenStore& store, const std::optional<Mark>& mark, const LmdbPieces& side) {
  if (!mark) {
    return;
  }
  const Root& root = side.root();
  if (lost_its_seal(*mark, root) || is_older(*mark, root, side.root_tag())) {
    throw Error(Cause::kStoreDamaged, "ROLLED_BACK",
                fmt::format("the collection '{}' is an older one than was last used here: the store was put "
                            "back to a former state. If that was your wish, delete its high-water mark {}",
                            root.record.id, mark_file(store, root.record.id).string()));
  }
}

LmdbCollection::LmdbCollection(std::shared_ptr<OpenStore> store, std::string_view id)
    : store_(std::move(store)), id_(id), lock_(store_->folder.lock(id), id, store_->options.lock_timeout) {
  lock_.enter();
  if (store_->read_only) lock_.keep_writers_out();
  require_live(store_->folder, id_);
  // Before the view is taken: a writer that comes in between leaves a store that is ahead of the mark.
  const std::optional<Mark> mark = mark_of(*store_, id_);
  sides_ = read_sides(store_->folder, id_);
  side_.emplace(*store_, id_, sides_.live);
  tombstone_ = Tombstone::open(store_->folder.tombstone(id_));
  const LmdbTransaction transaction(side_->environment(), LmdbTransaction::Kind::kRead);
  const LmdbPieces pieces(transaction, side_->sealing());
  record_ = pieces.root().record;
  if (record_.id != id_) {
    throw Error(Cause::kStoreDamaged, "RECORD_INVALID",
                fmt::format("the folder of collection '{}' holds another collection", id_));
  }
  require_not_older(*store_, mark, pieces);
}

std::optional<KeptSide> LmdbCollection::kept_side() const {
  if (!sides_.kept) {
    return std::nullopt;
  }
  const SideUse kept(*store_, id_, *sides_.kept);
  const SideView view(kept);
  require_kin(record_, view.root().record);
  return KeptSide{view.root().record, view.root().faces};
}

std::unique_ptr<Snapshot> LmdbCollection::snapshot() const {
  return std::make_unique<LmdbSnapshot>(*side_, tombstone());
}

void LmdbCollection::write(const std::function<void(WriteTransaction&)>& change) {
  run_alone(change);
}

void LmdbCollection::update_record(const std::function<void(CollectionRecord&)>& change) {
  run_alone([&](LmdbWriteTransaction& view) {
    CollectionRecord record = view.change_root().record;
    CollectionRecord changed = record;
    change(changed);
    take_rules(record, changed);
    write_collection(record);  // refuses what could not be read back
    view.change_root().record = std::move(record);
  });
}

void LmdbCollection::bury_left_out() {
  std::vector<Uuid> left_out;
  {
    SideView view(*side_);
    for (const ErasedFace& erased : erased_faces(view.pieces)) {
      if (erased.left_out) {
        left_out.push_back(erased.face);
      }
    }
  }
  if (left_out.empty()) {
    return;
  }
  run_alone([&](LmdbWriteTransaction& view) {
    for (const Uuid& face : left_out) {
      view.bury(face, false);
    }
  });
}

void LmdbCollection::run_alone(const std::function<void(LmdbWriteTransaction&)>& change) {
  // A file of its own, so that the threads that share this object exclude each other too.
  CollectionLock writer = store_->collection_lock(id_);
  writer.lock_writer();
  bool frees = false;
  const Committed committed = with_reserve(store_->folder, frees, [&] {
    return commit_change(
        side_->environment(), side_->sealing(), tombstone(),
        [&](LmdbWriteTransaction& view) {
          change(view);
          frees = view.only_erases();
        },
        &writer);
  });
  set_mark(*store_, record_, committed);
  keep_reserve(store_->folder);
}

}  // namespace facesearch::storage

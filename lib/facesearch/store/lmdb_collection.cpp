// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb_collection.hpp"

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/data_file.hpp"
#include "facesearch/store/json_records.hpp"
#include "facesearch/store/lmdb_call.hpp"
#include "facesearch/store/lmdb_reader.hpp"

namespace facesearch::storage {
namespace {

// What a snapshot and a write transaction have in common.
template <class Base>
class LmdbView : public Base {
 public:
  LmdbView(const LmdbTransaction& transaction, const Tombstone* tombstone, std::size_t dimension)
      : reader_(transaction, tombstone, dimension) {}

  std::uint64_t face_count() const override { return reader_.face_count(); }
  std::uint64_t next_slot() const override { return reader_.next_slot(); }
  void scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const override {
    reader_.scan(first_slot, visit);
  }
  std::optional<FaceRecord> find_face(const Uuid& face) const override { return reader_.find_face(face); }
  std::optional<std::vector<float>> find_template(const Uuid& face) const override {
    return reader_.find_template(face);
  }
  bool was_erased(const Uuid& face) const override { return reader_.was_erased(face); }
  bool has_person(const Uuid& person) const override { return reader_.has_person(person); }
  FacePage page(std::string_view term, std::uint64_t offset, std::size_t limit) const override {
    return reader_.page(term, offset, limit);
  }

 protected:
  LmdbReader reader_;
};

struct HoldsTransaction {
  LmdbTransaction transaction;
};

class LmdbSnapshot final : private HoldsTransaction, public LmdbView<Snapshot> {
 public:
  LmdbSnapshot(LmdbEnvironment& environment, const Tombstone* tombstone, std::size_t dimension)
      : HoldsTransaction{{environment, LmdbTransaction::Kind::kRead}},
        LmdbView(transaction, tombstone, dimension) {}
};

class LmdbWriteTransaction final : public LmdbView<WriteTransaction> {
 public:
  LmdbWriteTransaction(LmdbTransaction& transaction, const Tombstone* tombstone, std::size_t dimension)
      : LmdbView(transaction, tombstone, dimension), transaction_(transaction), dimension_(dimension) {}

  void add(const FaceRecord& face, std::span<const float> values) override;
  bool erase(const Uuid& face) override;

  /// Throws if a change was left half done, though whoever made it may have caught the reason.
  void require_complete() const {
    if (map_full_) {
      throw MapFull{};
    }
    if (half_done_) {
      throw Error(Cause::kInternal, "INTERNAL", "a change of the collection failed and was not given up");
    }
  }

 private:
  template <class Change>
  void whole(Change&& change);
  void set_counter(std::string_view key, std::uint64_t count) {
    transaction_.put(transaction_.tables().meta, bytes_of(key), write_count(count));
  }

  LmdbTransaction& transaction_;
  std::size_t dimension_;
  bool half_done_ = false;
  bool map_full_ = false;
};

template <class Change>
void LmdbWriteTransaction::whole(Change&& change) {
  half_done_ = true;
  try {
    change();
  } catch (const MapFull&) {
    map_full_ = true;
    throw;
  }
  half_done_ = false;
}

void LmdbWriteTransaction::add(const FaceRecord& face, std::span<const float> values) {
  require_storable(values, dimension_);
  if (reader_.find_place(face.face) || reader_.was_erased(face.face)) {
    throw Error(Cause::kInvalidValue, "FACE_ID_USED", "the collection has or had a face of this id");
  }
  whole([&] {
    const Tables& tables = transaction_.tables();
    const std::uint64_t slot = reader_.next_slot();
    transaction_.put(tables.rows, write_slot(slot), write_row(face.face, face.person, values));
    transaction_.put(tables.faces, face.face.bytes, write_face(slot, face));
    transaction_.put(tables.persons, face.person.bytes, write_count(reader_.faces_of(face.person) + 1));
    set_counter(kFaceCountKey, reader_.face_count() + 1);
    set_counter(kNextSlotKey, slot + 1);
  });
}

bool LmdbWriteTransaction::erase(const Uuid& face) {
  const std::optional<FacePlace> place = reader_.find_place(face);
  if (!place) {
    return false;
  }
  const std::uint64_t person_faces = reader_.faces_of(place->person);
  const std::uint64_t faces = reader_.face_count();
  whole([&] {
    const Tables& tables = transaction_.tables();
    if (person_faces == 0 || faces == 0 || !transaction_.erase(tables.rows, write_slot(place->slot))) {
      throw Error(Cause::kStoreDamaged, "RECORD_INVALID", "the collection's tables contradict each other");
    }
    transaction_.erase(tables.faces, face.bytes);
    transaction_.put(tables.erased, face.bytes, {});
    if (person_faces == 1) {
      transaction_.erase(tables.persons, place->person.bytes);
    } else {
      transaction_.put(tables.persons, place->person.bytes, write_count(person_faces - 1));
    }
    set_counter(kFaceCountKey, faces - 1);
  });
  return true;
}

}  // namespace

CollectionState state_of(const StoreFolder& folder, std::string_view id) {
  if (!is_collection_id(id)) {
    return CollectionState::kNever;
  }
  if (is_folder(folder.collection(id))) {
    return CollectionState::kLive;
  }
  return is_file(folder.tombstone(id)) ? CollectionState::kDeleted : CollectionState::kNever;
}

void require_live(const StoreFolder& folder, std::string_view id) {
  switch (state_of(folder, id)) {
    case CollectionState::kLive:
      return;
    case CollectionState::kDeleted:
      throw Error(Cause::kCollectionDeleted, "", fmt::format("the collection '{}' was deleted", id));
    case CollectionState::kNever:
      if (is_collection_id(id) && is_file(folder.collection(id))) {
        throw Error(
            Cause::kStoreDamaged, "FILE_MISSING",
            fmt::format("{} is a file where a collection's folder has to be; restore it from a backup",
                        folder.collection(id).string()));
      }
      throw Error(Cause::kCollectionNotFound, "", fmt::format("there is no collection '{}'", id));
  }
}

LmdbEnvironment& OpenEnvironments::use(const std::string& id, const StoreFolder& folder) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[id];
  if (entry.environment == nullptr) {
    try {
      const std::filesystem::path data = folder.collection(id) / "data.mdb";
      if (!has_all_pages(data)) {
        CollectionLock writer(folder.lock(id), id, options_.lock_timeout);
        writer.lock_writer();
        extend_over_free_pages(data);
      }
      entry.environment = std::make_unique<LmdbEnvironment>(
          folder.collection(id), LmdbEnvironment::Mode::kOpen, options_.map_bytes, options_.lock_timeout);
    } catch (...) {
      entries_.erase(id);
      throw;
    }
  }
  ++entry.users;
  return *entry.environment;
}

void OpenEnvironments::drop(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  // A broken one stays, so that it is not opened a second time beside what is left of it.
  if (--found->second.users == 0 && !found->second.environment->broken()) {
    entries_.erase(found);
  }
}

LmdbCollection::LmdbCollection(std::shared_ptr<OpenStore> store, std::string_view id)
    : store_(std::move(store)), id_(id), lock_(store_->folder.lock(id), id, store_->options.lock_timeout) {
  lock_.enter();
  require_live(store_->folder, id_);
  environment_ = &store_->environments.use(id_, store_->folder);
  try {
    tombstone_ = Tombstone::open(store_->folder.tombstone(id_));
    record_ = read_collection_record(LmdbTransaction(*environment_, LmdbTransaction::Kind::kRead));
    if (record_.id != id_) {
      throw Error(Cause::kStoreDamaged, "RECORD_INVALID",
                  fmt::format("the folder of collection '{}' holds another collection", id_));
    }
  } catch (...) {
    store_->environments.drop(id_);
    throw;
  }
}

LmdbCollection::~LmdbCollection() {
  store_->environments.drop(id_);
}

std::unique_ptr<Snapshot> LmdbCollection::snapshot() const {
  return std::make_unique<LmdbSnapshot>(*environment_, tombstone_ ? &*tombstone_ : nullptr,
                                        static_cast<std::size_t>(record_.binding.dimension));
}

void LmdbCollection::write(const std::function<void(WriteTransaction&)>& change) {
  run_alone([&](LmdbTransaction& transaction) {
    LmdbWriteTransaction view(transaction, tombstone_ ? &*tombstone_ : nullptr,
                              static_cast<std::size_t>(record_.binding.dimension));
    change(view);
    view.require_complete();
  });
}

void LmdbCollection::update_policy(const std::function<Policy(const CollectionRecord&)>& change) {
  run_alone([&](LmdbTransaction& transaction) {
    CollectionRecord record = read_collection_record(transaction);
    record.policy = change(record);
    transaction.put(transaction.tables().meta, bytes_of(kRecordKey), bytes_of(write_collection(record)));
  });
}

void LmdbCollection::run_alone(const std::function<void(LmdbTransaction&)>& change) {
  // A file of its own, so that the threads that share this object exclude each other too.
  CollectionLock writer(store_->folder.lock(id_), id_, store_->options.lock_timeout);
  writer.lock_writer();
  for (;;) {
    try {
      LmdbTransaction transaction(*environment_, LmdbTransaction::Kind::kWrite);
      change(transaction);
      transaction.commit();
      environment_->fill_last_pages();
      return;
    } catch (const MapFull&) {
      environment_->grow();
    } catch (...) {
      // LMDB's own lock was not given back, and those who wait for that one wait for ever.
      if (environment_->broken()) {
        writer.keep();
      }
      throw;
    }
  }
}

}  // namespace facesearch::storage

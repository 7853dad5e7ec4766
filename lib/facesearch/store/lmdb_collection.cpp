// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb_collection.hpp"

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/data_file.hpp"
#include "facesearch/store/json_records.hpp"
#include "facesearch/store/lmdb_migration.hpp"
#include "facesearch/store/lmdb_reader.hpp"
#include "facesearch/store/lmdb_write.hpp"

namespace facesearch::storage {
namespace {

struct HoldsTransaction {
  LmdbTransaction transaction;
};

class LmdbSnapshot final : private HoldsTransaction, public LmdbView<Snapshot> {
 public:
  LmdbSnapshot(LmdbEnvironment& environment, const Tombstone* tombstone, std::size_t dimension)
      : HoldsTransaction{{environment, LmdbTransaction::Kind::kRead}},
        LmdbView(transaction, tombstone, dimension) {}
};

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

LmdbEnvironment& OpenEnvironments::use(const std::string& id, Side side, const StoreFolder& folder) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[{id, side}];
  if (entry.environment == nullptr) {
    try {
      const std::filesystem::path place = side == Side::kLive ? folder.collection(id) : folder.kept(id);
      const std::filesystem::path data = place / kDataFile;
      if (!has_all_pages(data)) {
        CollectionLock writer(folder.lock(id), id, options_.lock_timeout);
        writer.lock_writer();
        extend_over_free_pages(data);
      }
      entry.environment = std::make_unique<LmdbEnvironment>(place, LmdbEnvironment::Mode::kOpen,
                                                            options_.map_bytes, options_.lock_timeout);
    } catch (...) {
      entries_.erase({id, side});
      throw;
    }
  }
  ++entry.users;
  return *entry.environment;
}

void OpenEnvironments::drop(const std::string& id, Side side) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({id, side});
  // A broken one stays, so that it is not opened a second time beside what is left of it.
  if (--found->second.users == 0 && !found->second.environment->broken()) {
    entries_.erase(found);
  }
}

EnvironmentUse::EnvironmentUse(OpenStore& store, std::string id, Side side)
    : store_(store),
      id_(std::move(id)),
      side_(side),
      environment_(&store.environments.use(id_, side, store.folder)) {}

EnvironmentUse::~EnvironmentUse() {
  store_.environments.drop(id_, side_);
}

LmdbCollection::LmdbCollection(std::shared_ptr<OpenStore> store, std::string_view id)
    : store_(std::move(store)), id_(id), lock_(store_->folder.lock(id), id, store_->options.lock_timeout) {
  lock_.enter();
  require_live(store_->folder, id_);
  environment_.emplace(*store_, id_, Side::kLive);
  tombstone_ = Tombstone::open(store_->folder.tombstone(id_));
  record_ = read_collection_record(LmdbTransaction(**environment_, LmdbTransaction::Kind::kRead));
  if (record_.id != id_) {
    throw Error(Cause::kStoreDamaged, "RECORD_INVALID",
                fmt::format("the folder of collection '{}' holds another collection", id_));
  }
}

std::optional<KeptSide> LmdbCollection::kept_side() const {
  return find_kept_side(*store_, record_);
}

std::unique_ptr<Snapshot> LmdbCollection::snapshot() const {
  return std::make_unique<LmdbSnapshot>(**environment_, tombstone_ ? &*tombstone_ : nullptr,
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

void LmdbCollection::bury_left_out() {
  if (erased_faces(LmdbTransaction(**environment_, LmdbTransaction::Kind::kRead), true).empty()) {
    return;
  }
  run_alone([&](LmdbTransaction& transaction) {
    LmdbWriteTransaction view(transaction, nullptr, static_cast<std::size_t>(record_.binding.dimension));
    for (const Uuid& face : erased_faces(transaction, true)) {
      view.bury(face, false);
    }
    view.require_complete();
  });
}

void LmdbCollection::run_alone(const std::function<void(LmdbTransaction&)>& change) {
  // A file of its own, so that the threads that share this object exclude each other too.
  CollectionLock writer(store_->folder.lock(id_), id_, store_->options.lock_timeout);
  writer.lock_writer();
  try {
    commit_change(**environment_, change);
  } catch (...) {
    // LMDB's own lock was not given back, and those who wait for that one wait for ever.
    if ((*environment_)->broken()) {
      writer.keep();
    }
    throw;
  }
}

}  // namespace facesearch::storage

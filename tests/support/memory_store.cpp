// SPDX-License-Identifier: MIT
#include "support/memory_store.hpp"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/format/json_records.hpp"
#include "support/memory_collection.hpp"

namespace facesearch {
namespace {

using namespace memory;

[[noreturn]] void refuse_backup() {
  throw Error(Cause::kInvalidValue, "NO_BACKUP", "a store in memory is not backed up");
}

void require_kept(const Slot& slot) {
  if (!slot.kept_faces) {
    throw Error(Cause::kInvalidValue, "NO_MIGRATION",
                fmt::format("the collection '{}' keeps no former side", slot.record.id));
  }
}

class MemoryStore final : public Store, private ApiKeys, private Upkeep, private Migrations, private Backups {
 public:
  const Uuid& id() const override { return id_; }

  std::vector<ApiKeyRecord> list() const override {
    const std::lock_guard lock(shared_->mutex);
    return keys_;
  }

  void add(const ApiKeyRecord& key) override {
    storage::write_keys({key});  // refuses what could not be stored
    const std::lock_guard lock(shared_->mutex);
    if (find_key(key.id) != keys_.end()) {
      throw Error(Cause::kInvalidValue, "KEY_EXISTS",
                  fmt::format("there is a key {} already", key.id.text()));
    }
    keys_.push_back(key);
  }

  bool revoke(const Uuid& key, Timestamp when) override {
    const std::lock_guard lock(shared_->mutex);
    const auto found = find_key(key);
    if (found != keys_.end() && !found->revoked) {
      found->revoked = when;
    }
    return found != keys_.end();
  }

  CollectionState state(std::string_view id) const override {
    const std::lock_guard lock(shared_->mutex);
    const auto found = shared_->slots.find(id);
    return found == shared_->slots.end() ? CollectionState::kNever : found->second.state;
  }

  void create_with(const CollectionRecord& collection, const Beginning& with) override;

  std::vector<std::string> ids() const override {
    const std::lock_guard lock(shared_->mutex);
    std::vector<std::string> ids;
    for (const auto& [id, slot] : shared_->slots) {
      if (slot.state == CollectionState::kLive) {
        ids.push_back(id);
      }
    }
    return ids;
  }

  std::unique_ptr<Collection> open(std::string_view id) override {
    const std::lock_guard lock(shared_->mutex);
    return std::make_unique<MemoryCollection>(shared_, shared_->live_slot(id));
  }

  void remove(std::string_view id) override;
  CheckReport check(std::string_view id) override {
    const std::lock_guard lock(shared_->mutex);
    return {shared_->live_slot(id).faces->rows.size(), 0, 0};
  }
  RepairReport repair(std::string_view id, const std::string& new_id, bool dry_run) override;
  RewriteReport rewrite(std::string_view id, std::span<const Uuid> without,
                        std::span<const Decision> more) override;
  void rotate_master(const std::optional<std::string>& /*new_passphrase*/) override {}
  BackupReport write(const BackupRequest& /*request*/) override { refuse_backup(); }
  BackupReport restore(const RestoreRequest& /*request*/) override { refuse_backup(); }
  std::unique_ptr<NewSide> begin(std::string_view id, const PackBinding& binding) override;
  void confirm(std::string_view id) override;
  void revert(std::string_view id, const std::function<void(CollectionRecord&)>& accept) override;

  ApiKeys& api_keys() override { return *this; }
  Upkeep& upkeep() override { return *this; }
  Migrations& migrations() override { return *this; }
  Backups& backups() override { return *this; }

 private:
  std::vector<ApiKeyRecord>::iterator find_key(const Uuid& id) {
    return std::find_if(keys_.begin(), keys_.end(), [&](const ApiKeyRecord& key) { return key.id == id; });
  }

  // Called with the mutex held.
  void require_unused(std::string_view id) const;
  void make_slot(const CollectionRecord& collection, Faces faces);

  Uuid id_ = Uuid::make();
  std::vector<ApiKeyRecord> keys_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

void MemoryStore::require_unused(std::string_view id) const {
  const auto found = shared_->slots.find(id);
  if (found != shared_->slots.end() && found->second.state == CollectionState::kLive) {
    throw Error(Cause::kCollectionExists, "", fmt::format("there is a collection '{}' already", id));
  }
}

void MemoryStore::make_slot(const CollectionRecord& collection, Faces faces) {
  require_unused(collection.id);
  Slot& slot = shared_->slots[collection.id];
  if (slot.faces) {
    faces.generations = slot.faces->generations;
    faces.switches = slot.faces->switches + 1;
  }
  slot.faces = std::make_shared<const Faces>(std::move(faces));
  slot.record = collection;
  slot.state = CollectionState::kLive;
}

void MemoryStore::create_with(const CollectionRecord& collection, const Beginning& with) {
  storage::require_collection_id(collection.id);
  storage::write_collection(collection);
  Faces faces;
  MemoryWriteTransaction transaction(faces, static_cast<std::size_t>(collection.binding.dimension));
  const auto take = [&](std::uint64_t /*slot*/, const FaceRecord& face, std::span<const float> values) {
    transaction.add(face, values);
    return true;
  };
  if (with.faces) with.faces(0, take);
  for (const Uuid& face : with.erased) transaction.bury(face, false);
  transaction.set_decisions(with.decisions);
  const std::lock_guard lock(shared_->mutex);
  make_slot(collection, std::move(faces));
}

// Nothing is ever damaged here: a copy.
RepairReport MemoryStore::repair(std::string_view id, const std::string& new_id, bool dry_run) {
  std::unique_lock lock(shared_->mutex);
  const Slot& slot = shared_->lone_slot(id, lock);
  storage::require_collection_id(new_id);
  require_unused(new_id);
  Faces faces = in_new_slots(*slot.faces, static_cast<std::size_t>(slot.record.binding.dimension));
  faces.left_out.clear();
  RepairReport report;
  report.faces = faces.rows.size();
  report.erased = faces.erased.size();
  if (!dry_run) {
    CollectionRecord record = slot.record;
    record.id = new_id;
    record.generation = Uuid::make();
    record.created = now();
    make_slot(record, std::move(faces));
  }
  return report;
}

void MemoryStore::remove(std::string_view id) {
  std::unique_lock lock(shared_->mutex);
  Slot& slot = shared_->lone_slot(id, lock);
  std::vector<Uuid> ids = *slot.faces->generations;
  ids.insert(ids.end(), slot.faces->erased.begin(), slot.faces->erased.end());
  for (const auto& row : slot.faces->rows) {
    ids.push_back(row->record.face);
  }
  std::sort(ids.begin(), ids.end());
  auto nothing = std::make_shared<Faces>();
  nothing->switches = slot.faces->switches;
  nothing->generations = std::make_shared<const std::vector<Uuid>>(std::move(ids));
  slot.faces = std::move(nothing);
  slot.record = {};
  slot.kept_faces = nullptr;
  slot.state = CollectionState::kDeleted;
}

RewriteReport MemoryStore::rewrite(std::string_view id, std::span<const Uuid> without,
                                   std::span<const Decision> more) {
  std::unique_lock lock(shared_->mutex);
  Slot& slot = shared_->lone_slot(id, lock);
  if (slot.kept_faces) {
    throw Error(Cause::kInvalidValue, "MIGRATION_UNCONFIRMED",
                fmt::format("the collection '{}' still keeps its former side", id));
  }
  Faces faces = *slot.faces;
  const auto dimension = static_cast<std::size_t>(slot.record.binding.dimension);
  for (const Uuid& face : without) {
    if (MemoryWriteTransaction(faces, dimension).erase(face)) continue;
    const bool gone = MemoryWriteTransaction(faces, dimension).was_erased(face);
    throw Error(gone ? Cause::kFaceGone : Cause::kFaceUnknown, "",
                fmt::format("there is no face {} in the collection", face.text()));
  }
  Faces anew = in_new_slots(faces, dimension);
  anew.generations = std::move(faces.generations);
  anew.switches = faces.switches + 1;
  if (!more.empty()) {
    std::vector<Decision> decisions = anew.decisions;
    decisions.insert(decisions.end(), more.begin(), more.end());
    MemoryWriteTransaction(anew, dimension).set_decisions(decisions);
  }
  slot.faces = std::make_shared<const Faces>(std::move(anew));
  return {slot.faces->rows.size(), 0, 0};
}

std::unique_ptr<NewSide> MemoryStore::begin(std::string_view id, const PackBinding& binding) {
  const std::lock_guard lock(shared_->mutex);
  const Slot& slot = shared_->live_slot(id);
  if (slot.kept_faces) {
    throw Error(Cause::kInvalidValue, "MIGRATION_UNCONFIRMED",
                fmt::format("the collection '{}' still keeps its former side", id));
  }
  CollectionRecord record = slot.record;
  record.binding = binding;
  storage::write_collection(record);
  return std::make_unique<MemoryNewSide>(shared_, slot.record, binding);
}

void MemoryStore::confirm(std::string_view id) {
  std::unique_lock lock(shared_->mutex);
  Slot& slot = shared_->lone_slot(id, lock);
  require_kept(slot);
  slot.kept_faces = nullptr;
  auto faces = std::make_shared<Faces>(*slot.faces);
  faces->left_out.clear();
  slot.faces = std::move(faces);
}

void MemoryStore::revert(std::string_view id, const std::function<void(CollectionRecord&)>& accept) {
  std::unique_lock lock(shared_->mutex);
  Slot& slot = shared_->lone_slot(id, lock);
  require_kept(slot);
  const auto added = std::ranges::count_if(slot.faces->slots, [&](const auto& entry) {
    return !find_pair(slot.kept_faces->slots, entry.first).second;
  });
  if (added > 0) {
    throw Error(Cause::kInvalidValue, "FACES_ADDED", fmt::format("faces were added since ({})", added));
  }
  CollectionRecord record = slot.kept_record;
  record.policy = slot.record.policy;
  CollectionRecord accepted = record;
  accept(accepted);
  take_rules(record, accepted);
  auto faces = std::make_shared<Faces>(*slot.kept_faces);
  MemoryWriteTransaction side(*faces, static_cast<std::size_t>(record.binding.dimension));
  for (const Uuid& face : slot.faces->erased) {
    const auto& back = slot.faces->left_out;
    if (std::ranges::find(back, face) == back.end() && !side.erase(face)) {
      side.bury(face, false);
    }
  }
  for (const auto& row : slot.faces->rows) {
    side.update(row->record);
  }
  side.set_decisions(carried_over(slot.faces->decisions, faces->decisions));
  faces->next_slot = std::max(faces->next_slot, slot.faces->next_slot);
  faces->switches = slot.faces->switches + 1;
  slot.faces = std::move(faces);
  slot.record = std::move(record);
  slot.kept_faces = nullptr;
}

}  // namespace

std::unique_ptr<Store> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace facesearch

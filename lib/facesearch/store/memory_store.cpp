// SPDX-License-Identifier: MIT
#include "facesearch/store/memory_store.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/json_records.hpp"
#include "facesearch/store/memory_faces.hpp"

namespace facesearch {
namespace {

using namespace memory;

constexpr std::chrono::seconds kPatience{10};

// What is kept of an id. The store's mutex guards all but `writer`.
struct Slot {
  CollectionState state = CollectionState::kNever;
  CollectionRecord record;
  std::shared_ptr<const Faces> faces;
  CollectionRecord kept_record;
  std::shared_ptr<const Faces> kept_faces;  // null: no side is kept
  int users = 0;
  std::timed_mutex writer;
};

[[noreturn]] void throw_busy(std::string_view id) {
  throw Error(Cause::kStoreBusy, "LOCK_TIMEOUT",
              fmt::format("collection '{}' is in use; waited {} s for it; try again", id, kPatience.count()));
}

struct Shared {
  std::mutex mutex;
  std::condition_variable closed;
  std::map<std::string, Slot, std::less<>> slots;

  // Called with the mutex held.
  Slot& live_slot(std::string_view id) {
    const auto found = slots.find(id);
    if (found == slots.end() || found->second.state == CollectionState::kNever) {
      throw Error(Cause::kCollectionNotFound, "", fmt::format("there is no collection '{}'", id));
    }
    if (found->second.state == CollectionState::kDeleted) {
      throw Error(Cause::kCollectionDeleted, "", fmt::format("the collection '{}' was deleted", id));
    }
    return found->second;
  }

  // The live slot when nobody has it open.
  Slot& lone_slot(std::string_view id, std::unique_lock<std::mutex>& lock) {
    Slot& slot = live_slot(id);
    if (!closed.wait_for(lock, kPatience, [&slot] { return slot.users == 0; })) {
      throw_busy(id);
    }
    return live_slot(id);
  }
};

void require_kept(const Slot& slot) {
  if (!slot.kept_faces) {
    throw Error(Cause::kInvalidValue, "NO_MIGRATION",
                fmt::format("the collection '{}' keeps no former side", slot.record.id));
  }
}

class MemoryCollection final : public Collection {
 public:
  // Called with the mutex held.
  MemoryCollection(std::shared_ptr<Shared> shared, Slot& slot)
      : shared_(std::move(shared)), slot_(slot), record_(slot.record) {
    ++slot_.users;
  }
  MemoryCollection(const MemoryCollection&) = delete;
  MemoryCollection& operator=(const MemoryCollection&) = delete;
  ~MemoryCollection() override {
    {
      const std::lock_guard lock(shared_->mutex);
      --slot_.users;
    }
    shared_->closed.notify_all();
  }

  const CollectionRecord& record() const override { return record_; }
  std::unique_ptr<Snapshot> snapshot() const override { return std::make_unique<MemorySnapshot>(now()); }

  void write(const std::function<void(WriteTransaction&)>& change) override {
    const std::unique_lock alone(slot_.writer, kPatience);
    if (!alone) {
      throw_busy(record_.id);
    }
    auto changed = std::make_shared<Faces>(*now());
    MemoryWriteTransaction transaction(*changed, static_cast<std::size_t>(record_.binding.dimension));
    change(transaction);
    const std::lock_guard lock(shared_->mutex);
    slot_.faces = std::move(changed);
  }

  std::optional<KeptSide> kept_side() const override {
    const std::lock_guard lock(shared_->mutex);
    if (!slot_.kept_faces) {
      return std::nullopt;
    }
    return KeptSide{slot_.kept_record, slot_.kept_faces->rows.size()};
  }

 private:
  std::shared_ptr<const Faces> now() const {
    const std::lock_guard lock(shared_->mutex);
    return slot_.faces;
  }

  std::shared_ptr<Shared> shared_;
  Slot& slot_;
  CollectionRecord record_;
};

class MemoryNewSide final : public NewSide {
 public:
  // Called with the mutex held.
  MemoryNewSide(std::shared_ptr<Shared> shared, const CollectionRecord& base, const PackBinding& binding)
      : shared_(std::move(shared)), id_(base.id), base_(base.generation), binding_(binding) {}

  void put(const std::vector<NewTemplate>& templates) override {
    const std::lock_guard lock(shared_->mutex);
    const Faces& live = *require_base(shared_->live_slot(id_)).faces;
    MemoryWriteTransaction side(faces_, static_cast<std::size_t>(binding_.dimension));
    for (const NewTemplate& next : templates) {
      const auto [place, there] = find_pair(live.slots, next.face);
      if (there) {
        side.put_at(place->second, (*slot_at(live.rows, place->second))->record, next.values);
      }
    }
  }

  void go_live(const std::function<void(const Becoming&)>& accept) override;

 private:
  Slot& require_base(Slot& slot) const {
    if (slot.record.generation != base_) {
      throw Error(Cause::kInvalidValue, "COLLECTION_CHANGED",
                  fmt::format("the collection '{}' was made again or moved meanwhile", id_));
    }
    return slot;
  }

  std::shared_ptr<Shared> shared_;
  std::string id_;
  Uuid base_;
  Uuid generation_ = Uuid::make();
  PackBinding binding_;
  Faces faces_;
};

void MemoryNewSide::go_live(const std::function<void(const Becoming&)>& accept) {
  std::unique_lock lock(shared_->mutex);
  Slot& slot = require_base(shared_->lone_slot(id_, lock));
  Becoming next;
  next.record = slot.record;
  next.record.generation = generation_;
  next.record.binding = binding_;
  for (const auto& row : slot.faces->rows) {
    if (find_pair(faces_.slots, row->record.face).second) {
      ++next.faces;
    } else {
      next.left_out.push_back({row->slot, row->record.face});
    }
  }
  accept(next);
  MemoryWriteTransaction side(faces_, static_cast<std::size_t>(binding_.dimension));
  for (const auto& [face, place] : std::vector(faces_.slots)) {
    if (!find_pair(slot.faces->slots, face).second) {
      side.erase(face);
    }
  }
  for (const Uuid& face : slot.faces->erased) {
    side.bury(face, false);
  }
  for (const FaceSlot& face : next.left_out) {
    side.bury(face.face, true);
  }
  faces_.next_slot = slot.faces->next_slot;
  faces_.generations = slot.faces->generations;
  slot.kept_record = std::exchange(slot.record, next.record);
  slot.kept_faces = std::exchange(slot.faces, std::make_shared<const Faces>(std::move(faces_)));
}

class MemoryStore final : public Store {
 public:
  const Uuid& id() const override { return id_; }

  std::vector<ApiKeyRecord> keys() const override {
    const std::lock_guard lock(shared_->mutex);
    return keys_;
  }

  void add_key(const ApiKeyRecord& key) override {
    storage::write_keys({key});  // refuses what could not be stored
    const std::lock_guard lock(shared_->mutex);
    if (find_key(key.id) != keys_.end()) {
      throw Error(Cause::kInvalidValue, "KEY_EXISTS",
                  fmt::format("there is a key {} already", key.id.text()));
    }
    keys_.push_back(key);
  }

  bool revoke_key(const Uuid& key, Timestamp when) override {
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

  void create(const CollectionRecord& collection) override {
    storage::require_collection_id(collection.id);
    storage::write_collection(collection);
    const std::lock_guard lock(shared_->mutex);
    Slot& slot = shared_->slots[collection.id];
    if (slot.state == CollectionState::kLive) {
      throw Error(Cause::kCollectionExists, "",
                  fmt::format("there is a collection '{}' already", collection.id));
    }
    auto faces = std::make_shared<Faces>();
    faces->generations = slot.faces ? slot.faces->generations : std::make_shared<const std::vector<Uuid>>();
    slot.faces = std::move(faces);
    slot.record = collection;
    slot.state = CollectionState::kLive;
  }

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

  void update_policy(std::string_view id,
                     const std::function<Policy(const CollectionRecord&)>& change) override {
    const std::lock_guard lock(shared_->mutex);
    Slot& slot = shared_->live_slot(id);
    CollectionRecord changed = slot.record;
    changed.policy = change(changed);
    storage::write_collection(changed);
    slot.record = std::move(changed);
  }

  void remove(std::string_view id) override;
  CheckReport check(std::string_view id) override {
    const std::lock_guard lock(shared_->mutex);
    return {shared_->live_slot(id).faces->rows.size(), 0, 0};
  }
  RewriteReport rewrite(std::string_view id, const std::optional<Uuid>& without) override;
  void rotate_master(const std::optional<std::string>& /*new_passphrase*/) override {}
  std::unique_ptr<NewSide> build_side(std::string_view id, const PackBinding& binding) override;
  void confirm_side(std::string_view id) override;
  void revert_side(std::string_view id, const std::function<void(const CollectionRecord&)>& accept) override;

 private:
  std::vector<ApiKeyRecord>::iterator find_key(const Uuid& id) {
    return std::find_if(keys_.begin(), keys_.end(), [&](const ApiKeyRecord& key) { return key.id == id; });
  }

  Uuid id_ = Uuid::make();
  std::vector<ApiKeyRecord> keys_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

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
  nothing->generations = std::make_shared<const std::vector<Uuid>>(std::move(ids));
  slot.faces = std::move(nothing);
  slot.record = {};
  slot.kept_faces = nullptr;
  slot.state = CollectionState::kDeleted;
}

RewriteReport MemoryStore::rewrite(std::string_view id, const std::optional<Uuid>& without) {
  std::unique_lock lock(shared_->mutex);
  Slot& slot = shared_->lone_slot(id, lock);
  if (slot.kept_faces) {
    throw Error(Cause::kInvalidValue, "MIGRATION_UNCONFIRMED",
                fmt::format("the collection '{}' still keeps its former side", id));
  }
  Faces faces = *slot.faces;
  const auto dimension = static_cast<std::size_t>(slot.record.binding.dimension);
  if (without && !MemoryWriteTransaction(faces, dimension).erase(*without)) {
    const bool gone = MemoryWriteTransaction(faces, dimension).was_erased(*without);
    throw Error(gone ? Cause::kFaceGone : Cause::kFaceUnknown, "",
                fmt::format("there is no face {} in the collection", without->text()));
  }
  Faces anew;
  MemoryWriteTransaction target(anew, dimension);
  for (const auto& row : faces.rows) {
    target.put_at(anew.next_slot++, row->record, row->values);
  }
  anew.erased = std::move(faces.erased);
  anew.left_out = std::move(faces.left_out);
  anew.generations = std::move(faces.generations);
  slot.faces = std::make_shared<const Faces>(std::move(anew));
  return {slot.faces->rows.size(), 0, 0};
}

std::unique_ptr<NewSide> MemoryStore::build_side(std::string_view id, const PackBinding& binding) {
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

void MemoryStore::confirm_side(std::string_view id) {
  std::unique_lock lock(shared_->mutex);
  Slot& slot = shared_->lone_slot(id, lock);
  require_kept(slot);
  slot.kept_faces = nullptr;
  auto faces = std::make_shared<Faces>(*slot.faces);
  faces->left_out.clear();
  slot.faces = std::move(faces);
}

void MemoryStore::revert_side(std::string_view id,
                              const std::function<void(const CollectionRecord&)>& accept) {
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
  accept(record);
  auto faces = std::make_shared<Faces>(*slot.kept_faces);
  MemoryWriteTransaction side(*faces, static_cast<std::size_t>(record.binding.dimension));
  for (const Uuid& face : slot.faces->erased) {
    const auto& back = slot.faces->left_out;
    if (std::ranges::find(back, face) == back.end() && !side.erase(face)) {
      side.bury(face, false);
    }
  }
  faces->next_slot = std::max(faces->next_slot, slot.faces->next_slot);
  slot.faces = std::move(faces);
  slot.record = std::move(record);
  slot.kept_faces = nullptr;
}

}  // namespace

std::unique_ptr<Store> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/format/json_records.hpp"
#include "support/memory_faces.hpp"

/// The collections of the memory store, and a new side of one.
namespace facesearch::memory {

inline constexpr std::chrono::seconds kPatience{10};

/// What is kept of an id. The store's mutex guards all but `writer`.
struct Slot {
  CollectionState state = CollectionState::kNever;
  CollectionRecord record;
  std::shared_ptr<const Faces> faces;
  CollectionRecord kept_record;
  std::shared_ptr<const Faces> kept_faces;  ///< null: no side is kept
  int users = 0;
  std::timed_mutex writer;
};

/// Throws Error(kStoreBusy).
[[noreturn]] void throw_busy(std::string_view id);

/// What a store and its open collections share.
struct Shared {
  std::mutex mutex;
  std::condition_variable closed;
  std::map<std::string, Slot, std::less<>> slots;

  /// Called with the mutex held.
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

  /// The live slot when nobody has it open.
  Slot& lone_slot(std::string_view id, std::unique_lock<std::mutex>& lock) {
    Slot& slot = live_slot(id);
    if (!closed.wait_for(lock, kPatience, [&slot] { return slot.users == 0; })) {
      throw_busy(id);
    }
    return live_slot(id);
  }
};

class MemoryCollection final : public Collection {
 public:
  /// Called with the mutex held.
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
  std::unique_ptr<Snapshot> snapshot() const override {
    const std::lock_guard lock(shared_->mutex);
    return std::make_unique<MemorySnapshot>(slot_.faces, slot_.record);
  }

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

  void update_record(const std::function<void(CollectionRecord&)>& change) override {
    const std::lock_guard lock(shared_->mutex);
    CollectionRecord wanted = slot_.record;
    change(wanted);
    CollectionRecord changed = slot_.record;
    take_rules(changed, wanted);
    storage::write_collection(changed);  // refuses what could not be stored
    slot_.record = std::move(changed);
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
  /// Called with the mutex held.
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

}  // namespace facesearch::memory

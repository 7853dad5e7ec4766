// SPDX-License-Identifier: MIT
#include "facesearch/store/memory_store.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/face_value.hpp"
#include "facesearch/store/json_records.hpp"

namespace facesearch {
namespace {

constexpr std::chrono::seconds kPatience{10};

struct Row {
  std::uint64_t slot = 0;
  FaceRecord record;
  std::vector<float> values;
};

// The faces of a collection at one moment. A write works on a copy (of pointers and ids, not of faces) and
// puts it in the place of the last one.
struct Faces {
  std::vector<std::shared_ptr<const Row>> rows;          // by slot
  std::vector<std::pair<Uuid, std::uint64_t>> slots;     // by face
  std::vector<std::pair<Uuid, std::uint64_t>> persons;   // by person: how many faces
  std::vector<Uuid> erased;                              // by face
  std::shared_ptr<const std::vector<Uuid>> generations;  // sorted: faces of deleted collections of this id
  std::uint64_t next_slot = 0;
};

template <class Pairs>
auto find_pair(Pairs& pairs, const Uuid& id) {
  const auto at = std::lower_bound(pairs.begin(), pairs.end(), id, [](const auto& entry, const Uuid& wanted) {
    return entry.first < wanted;
  });
  return std::pair(at, at != pairs.end() && at->first == id);
}

auto slot_at(const std::vector<std::shared_ptr<const Row>>& rows, std::uint64_t slot) {
  return std::lower_bound(rows.begin(), rows.end(), slot,
                          [](const auto& row, std::uint64_t wanted) { return row->slot < wanted; });
}

template <class Base>
class MemoryView : public Base {
 public:
  std::uint64_t face_count() const override { return faces().rows.size(); }
  std::uint64_t next_slot() const override { return faces().next_slot; }

  void scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const override {
    const auto rows = faces().rows;
    for (auto at = slot_at(rows, first_slot); at != rows.end(); ++at) {
      visit({(*at)->slot, (*at)->record.face, (*at)->record.person, (*at)->values});
    }
  }

  std::optional<FaceRecord> find_face(const Uuid& face) const override {
    const auto row = find_row(face);
    return row ? std::optional(row->record) : std::nullopt;
  }
  std::optional<std::vector<float>> find_template(const Uuid& face) const override {
    const auto row = find_row(face);
    return row ? std::optional(row->values) : std::nullopt;
  }
  bool was_erased(const Uuid& face) const override {
    const auto& erased = faces().erased;
    const auto& before = *faces().generations;
    return std::binary_search(erased.begin(), erased.end(), face) ||
           std::binary_search(before.begin(), before.end(), face);
  }
  bool has_person(const Uuid& person) const override { return find_pair(faces().persons, person).second; }

  FacePage page(std::string_view term, std::uint64_t offset, std::size_t limit) const override {
    FacePage page;
    for (const auto& row : faces().rows) {
      if (term.empty() || row->record.face.text().find(term) != std::string::npos) {
        if (page.total >= offset && page.faces.size() < limit) {
          page.faces.push_back(row->record);
        }
        ++page.total;
      }
    }
    return page;
  }

 protected:
  virtual const Faces& faces() const = 0;

  std::shared_ptr<const Row> find_row(const Uuid& face) const {
    const auto [at, there] = find_pair(faces().slots, face);
    return there ? *slot_at(faces().rows, at->second) : nullptr;
  }
};

class MemorySnapshot final : public MemoryView<Snapshot> {
 public:
  explicit MemorySnapshot(std::shared_ptr<const Faces> faces) : faces_(std::move(faces)) {}

 private:
  const Faces& faces() const override { return *faces_; }
  std::shared_ptr<const Faces> faces_;
};

class MemoryWriteTransaction final : public MemoryView<WriteTransaction> {
 public:
  MemoryWriteTransaction(Faces& changed, std::size_t dimension) : faces_(changed), dimension_(dimension) {}

  void add(const FaceRecord& face, std::span<const float> values) override {
    storage::require_storable(values, dimension_);
    const auto [place, used] = find_pair(faces_.slots, face.face);
    if (used || was_erased(face.face)) {
      throw Error(Cause::kInvalidValue, "FACE_ID_USED", "the collection has or had a face of this id");
    }
    faces_.rows.push_back(std::make_shared<const Row>(
        Row{faces_.next_slot, face, std::vector<float>(values.begin(), values.end())}));
    faces_.slots.insert(place, {face.face, faces_.next_slot++});
    const auto [person, known] = find_pair(faces_.persons, face.person);
    if (known) {
      ++person->second;
    } else {
      faces_.persons.insert(person, {face.person, 1});
    }
  }

  bool erase(const Uuid& face) override {
    const auto row = find_row(face);
    if (!row) {
      return false;
    }
    const auto person = find_pair(faces_.persons, row->record.person).first;
    if (--person->second == 0) {
      faces_.persons.erase(person);
    }
    faces_.rows.erase(slot_at(faces_.rows, row->slot));
    faces_.slots.erase(find_pair(faces_.slots, face).first);
    faces_.erased.insert(std::lower_bound(faces_.erased.begin(), faces_.erased.end(), face), face);
    return true;
  }

 private:
  const Faces& faces() const override { return faces_; }
  Faces& faces_;
  std::size_t dimension_;
};

// What is kept of an id. The store's mutex guards all but `writer`.
struct Slot {
  CollectionState state = CollectionState::kNever;
  CollectionRecord record;
  std::shared_ptr<const Faces> faces;
  int users = 0;
  std::timed_mutex writer;
};

struct Shared {
  std::mutex mutex;
  std::condition_variable closed;
  std::map<std::string, Slot, std::less<>> slots;
};

[[noreturn]] void throw_busy(std::string_view id) {
  throw Error(Cause::kStoreBusy, "LOCK_TIMEOUT",
              fmt::format("collection '{}' is in use; waited {} s for it; try again", id, kPatience.count()));
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

 private:
  std::shared_ptr<const Faces> now() const {
    const std::lock_guard lock(shared_->mutex);
    return slot_.faces;
  }

  std::shared_ptr<Shared> shared_;
  Slot& slot_;
  CollectionRecord record_;
};

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
    return std::make_unique<MemoryCollection>(shared_, live_slot(id));
  }

  void update_policy(std::string_view id,
                     const std::function<Policy(const CollectionRecord&)>& change) override {
    const std::lock_guard lock(shared_->mutex);
    Slot& slot = live_slot(id);
    CollectionRecord changed = slot.record;
    changed.policy = change(changed);
    storage::write_collection(changed);
    slot.record = std::move(changed);
  }

  void remove(std::string_view id) override;

 private:
  std::vector<ApiKeyRecord>::iterator find_key(const Uuid& id) {
    return std::find_if(keys_.begin(), keys_.end(), [&](const ApiKeyRecord& key) { return key.id == id; });
  }

  // Called with the mutex held.
  Slot& live_slot(std::string_view id) {
    const auto found = shared_->slots.find(id);
    if (found == shared_->slots.end() || found->second.state == CollectionState::kNever) {
      throw Error(Cause::kCollectionNotFound, "", fmt::format("there is no collection '{}'", id));
    }
    if (found->second.state == CollectionState::kDeleted) {
      throw Error(Cause::kCollectionDeleted, "", fmt::format("the collection '{}' was deleted", id));
    }
    return found->second;
  }

  Uuid id_ = Uuid::make();
  std::vector<ApiKeyRecord> keys_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

void MemoryStore::remove(std::string_view id) {
  std::unique_lock lock(shared_->mutex);
  Slot& slot = live_slot(id);
  if (!shared_->closed.wait_for(lock, kPatience, [&slot] { return slot.users == 0; })) {
    throw_busy(id);
  }
  live_slot(id);
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
  slot.state = CollectionState::kDeleted;
}

}  // namespace

std::unique_ptr<Store> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace facesearch

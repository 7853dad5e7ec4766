// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "facesearch/store/lmdb_environment.hpp"
#include "facesearch/store/lmdb_reader.hpp"

namespace facesearch::storage {

/// What a snapshot and a write transaction have in common.
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

/// Changes a collection within a write transaction; commit() is left to who began that.
class LmdbWriteTransaction final : public LmdbView<WriteTransaction> {
 public:
  LmdbWriteTransaction(LmdbTransaction& transaction, const Tombstone* tombstone, std::size_t dimension)
      : LmdbView(transaction, tombstone, dimension), transaction_(transaction), dimension_(dimension) {}

  void add(const FaceRecord& face, std::span<const float> values) override;
  bool erase(const Uuid& face) override;

  /// Adds a face in a slot that is free, or gives the one that is in it other values. The counter of slots
  /// stays.
  void put_at(std::uint64_t slot, const FaceRecord& face, std::span<const float> values);

  /// Makes an id known as erased that is no live face's. `left_out`: on this side only, by a migration.
  void bury(const Uuid& face, bool left_out);

  void set_next_slot(std::uint64_t slot) { set_counter(kNextSlotKey, slot); }
  void set_record(const CollectionRecord& record);

  /// Throws if a change was left half done, though whoever made it may have caught the reason.
  void require_complete() const;

 private:
  template <class Change>
  void whole(Change&& change);
  bool bury_left_out(const Uuid& face);
  void set_counter(std::string_view key, std::uint64_t count) {
    transaction_.put(transaction_.tables().meta, bytes_of(key), write_count(count));
  }

  LmdbTransaction& transaction_;
  std::size_t dimension_;
  bool half_done_ = false;
  bool map_full_ = false;
};

/// The ids in the table `erased`: those that a migration left out, or the others.
std::vector<Uuid> erased_faces(const LmdbTransaction& transaction, bool left_out);

/// What a new collection's table `meta` holds.
void write_meta(LmdbTransaction& transaction, const CollectionRecord& record);

/// Runs `change` and commits it, again with a larger map as often as it takes. The caller is the only writer.
void commit_change(LmdbEnvironment& environment, const std::function<void(LmdbTransaction&)>& change);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "facesearch/store/format/high_water_mark.hpp"
#include "facesearch/store/format/tombstone.hpp"
#include "facesearch/store/lmdb/side.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::storage {

/// The high-water mark of a collection; none where there is no place for master keys, or no mark.
std::optional<Mark> mark_of(const OpenStore& store, std::string_view id);

/// Writes down how far a collection has come. What is not encrypted leaves a mark only where one was before.
void set_mark(const OpenStore& store, const CollectionRecord& record, const Committed& committed);

/// Writes down that a collection is deleted, as far as that can be written.
void set_deleted_mark(const OpenStore& store, std::string_view id) noexcept;

/// Throws Error(kStoreDamaged, ROLLED_BACK) if the side is from before the mark.
void require_not_older(const OpenStore& store, const std::optional<Mark>& mark, const LmdbPieces& side);

class LmdbCollection final : public Collection {
 public:
  /// `id` is valid. Waits for the gate, then throws as require_live().
  LmdbCollection(std::shared_ptr<OpenStore> store, std::string_view id);
  LmdbCollection(const LmdbCollection&) = delete;
  LmdbCollection& operator=(const LmdbCollection&) = delete;

  const CollectionRecord& record() const override { return record_; }
  std::unique_ptr<Snapshot> snapshot() const override;
  void write(const std::function<void(WriteTransaction&)>& change) override;
  void update_record(const std::function<void(CollectionRecord&)>& change) override;
  std::optional<KeptSide> kept_side() const override;

  /// What a migration left out is erased for good, once no kept side can bring it back.
  void bury_left_out();

  const SidesRecord& sides() const { return sides_; }
  const SideUse& side() const { return *side_; }

 private:
  void run_alone(const std::function<void(LmdbWriteTransaction&)>& change);
  const Tombstone* tombstone() const { return tombstone_ ? &*tombstone_ : nullptr; }

  std::shared_ptr<OpenStore> store_;
  std::string id_;
  CollectionLock lock_;
  SidesRecord sides_;
  std::optional<SideUse> side_;
  std::optional<Tombstone> tombstone_;
  CollectionRecord record_;
};

}  // namespace facesearch::storage

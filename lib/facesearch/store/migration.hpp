// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "facesearch/store/records.hpp"

/// Another model pack for a collection: a new side is built beside the live one, switched in one step, and
/// the former side is kept until it is confirmed or reverted. docs/storage-format.md says what lies where
/// when.
namespace facesearch {

/// A face's template of another pack.
struct NewTemplate {
  Uuid face;
  std::vector<float> values;
};

/// A live face and its slot.
struct FaceSlot {
  std::uint64_t slot = 0;
  Uuid face;
};

/// What a collection is about to become.
struct Becoming {
  CollectionRecord record;         ///< as it will be, with the present policy
  std::uint64_t faces = 0;         ///< that will be live
  std::vector<FaceSlot> left_out;  ///< live faces without a new template, in order of slots
};

/// A new side of a live collection while it is built: its faces with templates of another pack. Nobody sees
/// it before go_live(); without that, nothing of it stays. It locks nothing between calls: the collection can
/// be searched, changed and even deleted meanwhile. For one thread.
class NewSide {
 public:
  virtual ~NewSide() = default;

  /// Gives faces their new templates, or replaces those they were given before. Ids of no live face are
  /// skipped. Throws as Store::open(), and Error(kInvalidValue, COLLECTION_CHANGED) if the collection is of
  /// another generation by now.
  virtual void put(const std::vector<NewTemplate>& templates) = 0;

  /// Makes this side the live one, alone with the collection, durably and in one step: whatever ends the
  /// process, one of the two is live and whole. The other one is kept. Ids, slots, persons, names and erased
  /// ids are those of the collection at that moment. A face without a new template is left out: it counts as
  /// erased while this side is live. `accept` sees the result first; if it throws, nothing changes. Waits for
  /// all who have the collection open, and throws as put(). Call it once.
  virtual void go_live(const std::function<void(const Becoming&)>& accept) = 0;
};

/// All throw as Store::open().
class Migrations {
 public:
  virtual ~Migrations() = default;

  /// Begins a side with templates of `binding`. Throws Error(kInvalidValue, MIGRATION_UNCONFIRMED) while a
  /// former side is kept.
  virtual std::unique_ptr<NewSide> begin(std::string_view id, const PackBinding& binding) = 0;

  /// Deletes the former side. Waits for all who have the collection open. Throws Error(kInvalidValue,
  /// NO_MIGRATION) if there is none.
  virtual void confirm(std::string_view id) = 0;

  /// Makes the former side the live one again and deletes the other, in one step as NewSide::go_live(). Faces
  /// that were erased since are erased there too; those that were left out are back; the present policy
  /// stays. `accept` sees the record as it will be and may change what Collection::update_record() may; if it
  /// throws, nothing changes. Throws as confirm(), and
  /// Error(kInvalidValue, FACES_ADDED) if there are faces that the former side lacks.
  virtual void revert(std::string_view id, const std::function<void(CollectionRecord&)>& accept) = 0;
};

}  // namespace facesearch

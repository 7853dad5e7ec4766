// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string_view>

#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/lmdb/side.hpp"

/// A collection is made beside its place and moved there at once: docs/storage-format.md.
namespace facesearch::storage {

/// A collection that nobody sees yet; gone with the object unless it was moved to its place. Whoever makes
/// one holds kWork and kWraps of the store and is alone with the collection.
class NewCollection {
 public:
  /// Makes its first side and lets `fill` put into it what it begins with. Its switches are more than
  /// `switches` and than the high-water mark's. Throws Error(kCollectionExists) if the id is live.
  NewCollection(OpenStore& store, const CollectionRecord& record, std::uint64_t switches,
                const std::function<void(OpenSide&)>& fill);

  /// Puts it in its place, durably, and writes its mark.
  void go_live();

  // The two steps of that, for a store that is made beside its place itself.
  void move_to_place();
  void write_marks() const;

  std::uint64_t faces() const { return faces_; }

 private:
  OpenStore& store_;
  CollectionRecord record_;
  WorkFolder made_;
  Committed committed_;
  std::uint64_t faces_ = 0;
};

/// Makes a collection and puts it in its place, alone with its id. The caller holds kWork and kWraps.
void make_collection(OpenStore& store, const CollectionRecord& record,
                     const std::function<void(OpenSide&)>& fill);

/// Throws Error(kMasterKey) if the store's collections are under another master key: a new one would leave
/// the store under two.
void require_master_of_others(OpenStore& store);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/store/api_keys.hpp"
#include "facesearch/store/backup.hpp"
#include "facesearch/store/collection.hpp"
#include "facesearch/store/migration.hpp"
#include "facesearch/store/records.hpp"
#include "facesearch/store/upkeep.hpp"

/// The door between the service and what keeps faces. The program's engine is LMDB on disk; the tests have
/// another one in memory (tests/support), and tests/unit/store/conformance*.cpp runs on both.
///
/// Every function of every interface here may throw Error(kStoreBusy), (kStoreDamaged), (kFileSystem),
/// (kPermissionDenied).
namespace facesearch {

/// What is known of a collection id.
enum class CollectionState : std::uint8_t { kNever, kLive, kDeleted };

/// What a new collection begins with. The ids of all faces are different.
struct Beginning {
  ShowFaces faces;           ///< get new slots, in this order; may be called again from the same slot
  std::uint64_t count = 0;   ///< upper limit of the number of faces; used to check for free space
  std::vector<Uuid> erased;  ///< known as erased; none is one of the faces
  std::vector<Decision> decisions{};
};

class Store {
 public:
  virtual ~Store() = default;

  virtual const Uuid& id() const = 0;

  virtual CollectionState state(std::string_view id) const = 0;

  /// The ids of the live collections, sorted. Opens none, so a busy or damaged one does not matter.
  virtual std::vector<std::string> ids() const = 0;

  /// Makes a collection durably, whole or not at all, with faces in it. Throws Error(kCollectionExists), and
  /// what `with` throws; then there is no collection.
  virtual void create_with(const CollectionRecord& collection, const Beginning& with) = 0;

  /// The same, empty.
  void create(const CollectionRecord& collection) { create_with(collection, {}); }

  /// Opens a live collection. Throws Error(kCollectionNotFound), Error(kCollectionDeleted).
  virtual std::unique_ptr<Collection> open(std::string_view id) = 0;

  /// Deletes a collection and its faces; leaves a tombstone (no name, nothing biometric) that knows its face
  /// ids: of a damaged collection, those that can still be read. Waits for all who have it open. Throws
  /// Error(kCollectionNotFound), Error(kCollectionDeleted).
  virtual void remove(std::string_view id) = 0;

  /// What else a store does. Each lives as long as the store.
  virtual ApiKeys& api_keys() = 0;
  virtual Upkeep& upkeep() = 0;
  virtual Migrations& migrations() = 0;
  virtual Backups& backups() = 0;
};

/// The contract's rule: `[A-Za-z0-9][A-Za-z0-9_.-]{0,127}`.
bool is_collection_id(std::string_view id);

}  // namespace facesearch

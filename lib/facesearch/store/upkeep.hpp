// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/store/records.hpp"

namespace facesearch {

/// What Upkeep::rewrite() made of a collection.
struct RewriteReport {
  std::uint64_t faces = 0;
  std::uint64_t bytes_before = 0;  ///< of its data file; 0 in memory
  std::uint64_t bytes_after = 0;
};

/// What Upkeep::check() read and found whole.
struct CheckReport {
  std::uint64_t faces = 0;
  std::uint64_t pieces = 0;
  std::uint64_t bytes = 0;  ///< of the pieces' contents
};

/// A face that Upkeep::repair() could not save: its id is known, and that part of it is lost.
struct LostFace {
  enum class Part : std::uint8_t { kTemplate, kRecord };

  Uuid face;
  Part part = Part::kTemplate;
};

/// What Upkeep::repair() saved, and what it could not.
struct RepairReport {
  std::uint64_t faces = 0;              ///< saved
  std::vector<LostFace> lost;           ///< in the order they were added
  std::uint64_t rows_unknown = 0;       ///< rows whose ids are lost and that may have held a face
  std::uint64_t erased = 0;             ///< ids of erased faces that the new collection knows as erased
  std::uint64_t erased_unknown = 0;     ///< ids of erased faces that are lost
  std::uint64_t decisions_unknown = 0;  ///< blocks of decisions on faces that are lost
  bool former = false;                  ///< a later state of the collection existed, or may have existed
  std::optional<std::uint64_t> commits_behind;  ///< by how many commits it was later, where that is known
  std::optional<std::uint64_t> side;            ///< the side that was used, where CURRENT did not name one

  /// True if nothing is lost as far as anyone can tell.
  bool whole() const {
    return lost.empty() && rows_unknown == 0 && erased_unknown == 0 && decisions_unknown == 0 && !former;
  }
};

/// Checks, repairs and rewrites collections, and replaces the master key. All functions on a collection throw
/// as Store::open().
class Upkeep {
 public:
  virtual ~Upkeep() = default;

  /// Reads and compares everything of a collection, its former side too. Throws Error(kStoreDamaged) for the
  /// first thing that is not as it was written.
  virtual CheckReport check(std::string_view id) = 0;

  /// Makes the collection `new_id` of everything in `id` that authenticates, however damaged `id` is: with
  /// the pack, the policy, the faces and the erased ids of its live side. `id` stays as it is. `dry_run`:
  /// only reports what would be saved. Waits for all who have `id` open. Throws as Store::create();
  /// Error(kStoreDamaged) if nothing at all can be saved.
  virtual RepairReport repair(std::string_view id, const std::string& new_id, bool dry_run) = 0;

  /// Writes a collection into a new side, under a new data key if it is sealed, and makes that the live one
  /// in one step: erased faces and the space they took are gone, and slots are assigned anew. `without`:
  /// live faces that are erased in the same step. `more`: decisions that are added in it. Waits for all who
  /// have the collection open. Throws Error(kInvalidValue, MIGRATION_UNCONFIRMED) while a former side is
  /// kept, Error(kFaceGone), Error(kFaceUnknown).
  virtual RewriteReport rewrite(std::string_view id, std::span<const Uuid> without,
                                std::span<const Decision> more) = 0;

  /// The same without one face, or with all.
  RewriteReport rewrite(std::string_view id, const std::optional<Uuid>& without) {
    return rewrite(id, without ? std::span(&*without, 1) : std::span<const Uuid>{}, {});
  }

  /// Makes a new master key and wraps every data key with it; the former one opens nothing any more. A
  /// passphrase replaces the former one; an empty one removes it; none leaves it as it was. Throws
  /// Error(kMasterKey), Error(kStoreBusy) while a migration is under way.
  virtual void rotate_master(const std::optional<std::string>& new_passphrase) = 0;
};

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/store/format/json_records.hpp"
#include "facesearch/store/lmdb/open_store.hpp"
#include "facesearch/store/lmdb/writer.hpp"

namespace facesearch::storage {

/// A side as a read transaction sees it.
struct SideView {
  explicit SideView(const SideUse& side) : SideView(side.environment(), side.sealing(), &side.ids()) {}
  SideView(LmdbEnvironment& environment, const Sealing& sealing, IdCache* ids = nullptr)
      : transaction(environment, LmdbTransaction::Kind::kRead),
        pieces(transaction, sealing),
        reader(transaction, pieces, nullptr, ids) {}

  const Root& root() const { return pieces.root(); }

  LmdbTransaction transaction;
  LmdbPieces pieces;
  LmdbReader reader;
};

/// Opens a side: checks its data file first, and that its key is the right one.
std::unique_ptr<OpenSide> open_side(OpenStore& store, const std::string& id, std::uint64_t number);

/// A collection's CURRENT. The caller holds the gate. Throws Error(kStoreDamaged) RECORD_INVALID,
/// FILE_MISSING.
SidesRecord read_sides(const StoreFolder& folder, std::string_view id);
void replace_sides(const StoreFolder& folder, std::string_view id, const SidesRecord& sides);

/// Throws Error(kStoreDamaged, RECORD_INVALID) unless the one can be the former side of the other.
void require_kin(const CollectionRecord& live, const CollectionRecord& kept);

/// Makes side `number` of a collection, with a data key of its own if the record says that it is sealed, in a
/// folder that is not in its place yet. `root` needs its record, switches and next_slot.
std::unique_ptr<OpenSide> make_side(OpenStore& store, const std::filesystem::path& folder,
                                    std::uint64_t number, Root root);

/// How the pieces of a side are sealed, not bound yet. Throws as read_wrap().
Sealing sealing_of(OpenStore& store, const std::string& id, std::uint64_t number);

/// A key that is missing is another fault than a piece that is damaged: one small file mends it. Throws
/// Error(kStoreDamaged, FILE_MISSING).
[[noreturn]] void refuse_without_key(const std::filesystem::path& side);

/// True if the side has a key and the master keys open that; false if it has none. Throws as read_wrap().
bool sealed_under_known_key(OpenStore& store, const std::string& id, std::uint64_t number);

/// Wraps the data key of a side by the present master key. The caller holds the gate.
void wrap_anew(OpenStore& store, const std::string& id, std::uint64_t number);

/// What was committed last to a side.
Committed last_commit_of(OpenSide& side);

/// The numbers of the sides in a collection's folder.
std::vector<std::uint64_t> side_numbers(const std::filesystem::path& collection);

/// Puts a closed side that was made in `folder` where the collection has its sides. The caller is alone with
/// the collection.
void place_side(const StoreFolder& folder, std::string_view id, std::uint64_t number,
                const std::filesystem::path& made);

/// Removes what was moved out of its place, as far as that goes: overwrites the wrapped data keys first.
void destroy(const std::filesystem::path& doomed) noexcept;

/// Deletes a side that counts no more. What ends the process leaves it whole, or out of its place.
void remove_side(const StoreFolder& folder, std::string_view id, std::uint64_t number);

/// Deletes sides that CURRENT does not name: a process that was killed left them. The caller is alone with
/// the collection.
void sweep_sides(const StoreFolder& folder, std::string_view id, const SidesRecord& sides);

/// True if there is a side that does not count.
bool has_stray_sides(const StoreFolder& folder, std::string_view id, const SidesRecord& sides);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/store/repair/salvage_pieces.hpp"
#include "facesearch/store/upkeep/rewrite.hpp"

/// What is still to be had of a collection that may be damaged. None of it opens the data file through LMDB,
/// which could end the process over a page that makes no sense. The caller is alone with the collection.
namespace facesearch::storage {

/// A side of such a collection: what of it is what was written, found by its root.
class SalvagedSide {
 public:
  /// Throws Error(kStoreDamaged), (kMasterKey) if nothing of it can be had.
  SalvagedSide(OpenStore& store, const std::string& id, std::uint64_t number);
  SalvagedSide(const SalvagedSide&) = delete;
  SalvagedSide& operator=(const SalvagedSide&) = delete;

  const Root& root() const { return found_.root; }
  bool former() const { return found_.former; }
  /// Something else says that a later state was there.
  void assume_former() { found_.former = true; }

  std::uint64_t data_bytes() const { return file_.size(); }

  /// Reads all of it, and says what could be saved.
  RepairReport survey();

  /// Writes what survey() counted as saved into a side that is new.
  void copy_to(OpenSide& to);

  /// The ids of all faces, live and erased, as far as their pieces are there; `whole`: all of them are.
  struct Ids {
    std::vector<Uuid> faces;
    bool whole = true;
  };
  Ids ids();

 private:
  struct Loss {
    std::function<void(const LostFace&)> face;
    std::function<void(std::uint64_t rows)> rows;
  };

  void visit(std::uint64_t first_slot, const TakeFace& put, const Loss& loss);
  bool visit_row(std::uint64_t slot, const TakeFace& put, const Loss& loss);
  bool has(PieceKind kind, std::uint64_t block);
  std::uint64_t rows_that_lived(std::uint64_t ids_block);
  std::uint64_t read_erased();
  RepairReport survey_once();
  Ids ids_once();
  template <class Read>
  auto as_much_as_there_is(Read&& read);

  SalvageFile file_;
  Sealing sealing_;
  SalvagedRoot found_;
  std::unique_ptr<SalvagedPieces> source_;
  std::unique_ptr<LmdbPieces> pieces_;
  std::vector<Uuid> erased_;  // sorted
};

/// The side to repair: the live one, or, where CURRENT does not say or that one is lost, the best of those
/// that are there; then `chosen` is its number. Throws as SalvagedSide.
struct SideToRepair {
  std::unique_ptr<SalvagedSide> side;
  std::optional<std::uint64_t> chosen;
};
SideToRepair find_side_to_repair(OpenStore& store, const std::string& id);

/// The ids of all faces, live and erased, that a collection's pieces tell, or, where those cannot be read,
/// its indexes.
std::vector<Uuid> salvaged_ids(OpenStore& store, const std::string& id);

}  // namespace facesearch::storage

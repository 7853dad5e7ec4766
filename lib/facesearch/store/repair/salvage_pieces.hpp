// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "facesearch/store/crypto/sealing.hpp"
#include "facesearch/store/format/high_water_mark.hpp"
#include "facesearch/store/format/piece.hpp"
#include "facesearch/store/format/root.hpp"
#include "facesearch/store/repair/salvage_file.hpp"

namespace facesearch::storage {

/// The root that all else is salvaged by.
struct SalvagedRoot {
  Root root;
  Tag tag{};
  FoundPiece piece;
  bool former = false;  ///< a later state was there, or may have been
  std::optional<std::uint64_t> commits_behind{};
};

/// The newest root of a collection's data file that is authentic: by the first pages, if those agree with
/// each other and with the mark, else the one of the highest version in any page. None: nothing can be saved.
std::optional<SalvagedRoot> find_root(SalvageFile& file, const Sealing& sealing, std::string_view collection,
                                      const std::optional<Mark>& mark);

/// Pieces of a data file that may be damaged: those that are what their tag says, wherever they lie. Borrows
/// file and sealing.
class SalvagedPieces final : public PieceSource {
 public:
  SalvagedPieces(SalvageFile& file, const Sealing& sealing, const FoundPiece& root)
      : file_(file), opener_(sealing), root_(root) {}

  std::optional<Bytes> find(const PieceName& name, const Tag* wanted) override;

  /// Looks closer for what was not found so far; true if any of that is there, so that it is worth to ask
  /// again.
  bool seek_missing();

  /// Shows the payloads of the pieces of a kind, of any version, that are authentic.
  template <class Visit>
  void visit_versions(PieceKind kind, Visit&& visit) {
    for (const FoundPiece& piece : file_.of_kind(kind)) {
      if (piece.named && opens(piece, piece.name, nullptr)) {
        visit(Bytes(std::as_const(payload_).span()));
      }
    }
  }

 private:
  bool opens(const FoundPiece& piece, const PieceName& name, const Tag* wanted);
  bool find_among(const PieceName& name, const Tag& wanted);

  SalvageFile& file_;
  PieceOpener opener_;
  FoundPiece root_;
  // Nobody may use a payload where it lies in here: the next piece comes to the same place. None does, since
  // it begins behind a header and is not aligned.
  AlignedBytes piece_;
  static_assert(kPieceHeader % AlignedBytes::kAlignment != 0);
  AlignedBytes payload_;
  std::set<std::pair<std::uint8_t, Tag>> missing_;
};

}  // namespace facesearch::storage

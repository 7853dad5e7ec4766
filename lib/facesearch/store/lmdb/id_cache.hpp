// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>
#include <vector>

#include "facesearch/store/lmdb/pieces.hpp"

namespace facesearch::storage {

/// Proves that an id is not in a side. One object for each open side. Thread-safe.
///
/// The indexes are not authenticated: an entry that is missing proves nothing, only the pieces do. So the
/// first id that is not there costs one pass over the pieces of ids. Their ids are kept with the state
/// of each block; later only blocks whose state has changed are read again. Takes 32 bytes of memory a face,
/// from the first id that is not there on.
class IdCache {
 public:
  /// True if a live face has this id; `pieces` as committed. Throws Error(kStoreDamaged).
  bool has_face(LmdbPieces& pieces, const Uuid& face);
  bool has_person(LmdbPieces& pieces, const Uuid& person);

  /// True if it is among the erased faces.
  bool has_erased(LmdbPieces& pieces, const Uuid& face);

 private:
  struct Block {
    Tag state{};              // LmdbPieces::state_of()
    std::vector<Uuid> faces;  // sorted, as are the others
    std::vector<Uuid> persons;
  };
  using Blocks = std::vector<Block>;

  void refresh(LmdbPieces& pieces, PieceKind kind, Blocks& blocks);

  std::mutex mutex_;
  Blocks live_;
  Blocks erased_;
};

}  // namespace facesearch::storage

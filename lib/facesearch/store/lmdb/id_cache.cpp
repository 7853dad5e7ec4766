// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/id_cache.hpp"

#include <algorithm>

#include "facesearch/store/format/block_layout.hpp"
#include "facesearch/store/lmdb/reader.hpp"

namespace facesearch::storage {
namespace {

bool holds(const std::vector<Uuid>& sorted, const Uuid& id) {
  return std::ranges::binary_search(sorted, id);
}

}  // namespace

bool IdCache::has_face(LmdbPieces& pieces, const Uuid& face) {
  const std::lock_guard lock(mutex_);
  refresh(pieces, PieceKind::kIds, live_);
  return std::ranges::any_of(live_, [&](const Block& block) { return holds(block.faces, face); });
}

bool IdCache::has_person(LmdbPieces& pieces, const Uuid& person) {
  const std::lock_guard lock(mutex_);
  refresh(pieces, PieceKind::kIds, live_);
  return std::ranges::any_of(live_, [&](const Block& block) { return holds(block.persons, person); });
}

bool IdCache::has_erased(LmdbPieces& pieces, const Uuid& face) {
  const std::lock_guard lock(mutex_);
  refresh(pieces, PieceKind::kErased, erased_);
  return std::ranges::any_of(erased_, [&](const Block& block) { return holds(block.faces, face); });
}

// A piece that throws leaves its block as it was, with its former tag, so it is read again next time.
void IdCache::refresh(LmdbPieces& pieces, PieceKind kind, Blocks& blocks) {
  const Root& root = pieces.root();
  blocks.resize(root.table(kind).blocks);
  for (std::uint64_t number = 0; number < blocks.size(); ++number) {
    Block& block = blocks[number];
    const Tag state = pieces.state_of(kind, number);
    if (block.state == state) {
      continue;
    }
    Block next{state, {}, {}};
    if (kind == PieceKind::kErased) {
      const std::uint64_t end = std::min(root.erased, (number + 1) * kErasedRows);
      for (std::uint64_t entry = number * kErasedRows; entry < end; ++entry) {
        next.faces.push_back(erased_at(pieces, entry).face);
      }
    } else {
      const Bytes payload = pieces.read(kind, number);
      for (std::size_t row = 0; row < root.geometry.id_rows; ++row) {
        const IdRow ids = id_at(payload, row);
        if (ids.face == Uuid{}) continue;
        next.faces.push_back(ids.face);
        next.persons.push_back(ids.person);
      }
    }
    std::ranges::sort(next.faces);
    std::ranges::sort(next.persons);
    block = std::move(next);
  }
}

}  // namespace facesearch::storage

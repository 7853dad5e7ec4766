// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "facesearch/store/format/block_layout.hpp"
#include "facesearch/store/means.hpp"
#include "facesearch/store/records.hpp"

/// The root of a side: the collection's record, counts, and the tags of the manifest's leaves, which pin
/// every other piece.
namespace facesearch::storage {

/// The blocks of one kind: their number, and the tags of the leaves, which hold the tags of the blocks.
struct BlockTable {
  std::uint64_t blocks = 0;
  std::vector<Tag> leaves;  ///< one for each kLeafEntries blocks

  bool operator==(const BlockTable&) const = default;
};

/// Faces that were added and are in no block yet: pieces of kTail, each larger than the next one. Their slots
/// follow each other.
struct Tail {
  struct Part {
    std::uint64_t rows = 0;
    Tag tag{};

    bool operator==(const Part&) const = default;
  };

  std::uint64_t first_slot = 0;
  std::vector<Part> parts;

  std::uint64_t rows() const;
  bool operator==(const Tail&) const = default;
};

struct Root {
  std::uint64_t version = 0;   ///< rises with each commit of the side
  std::uint64_t switches = 0;  ///< rises with each side that replaces another, over all generations
  std::uint64_t next_slot = 0;
  std::uint64_t faces = 0;                         ///< live ones
  std::uint64_t erased = 0;                        ///< entries of the erased
  std::uint64_t changes = 0;                       ///< of persons, names and metadata of faces
  std::array<std::uint64_t, kMeanGroups> means{};  ///< how many means each group has
  std::uint64_t in_means = 0;                      ///< faces that are in one
  bool newest_layout = false;                      ///< such a side is written in layout 5 for good
  Geometry geometry;
  std::array<BlockTable, kCountedKinds.size()> tables;
  Tail tail;
  CollectionRecord record;

  BlockTable& table(PieceKind kind) { return tables[index_of(kind)]; }
  const BlockTable& table(PieceKind kind) const { return tables[index_of(kind)]; }

 private:
  static std::size_t index_of(PieceKind kind) {
    const auto number = static_cast<std::size_t>(kind);
    return kind < PieceKind::kLarge ? number - 1 : number - 2;  // kLarge is not counted
  }
};

std::vector<std::uint8_t> write_root(const Root& root);

/// Throws Error(kStoreDamaged): RECORD_INVALID, or STORE_VERSION_UNKNOWN.
Root read_root(Bytes payload);

constexpr std::uint64_t leaves_of(std::uint64_t blocks) {
  return (blocks + kLeafEntries - 1) / kLeafEntries;
}

}  // namespace facesearch::storage

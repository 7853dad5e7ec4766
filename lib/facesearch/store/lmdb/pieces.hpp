// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "facesearch/store/crypto/sealing.hpp"
#include "facesearch/store/format/piece.hpp"
#include "facesearch/store/format/record_block.hpp"
#include "facesearch/store/format/root.hpp"
#include "facesearch/store/lmdb/environment.hpp"

namespace facesearch::storage {

/// The pieces of a side as one transaction sees them, or as another source has them, each verified against
/// the manifest before it is used. One thread. Borrows transaction or source, and sealing.
class LmdbPieces {
 public:
  /// Reads the root. Throws Error(kStoreDamaged), as does everything here.
  LmdbPieces(const LmdbTransaction& transaction, const Sealing& sealing);
  LmdbPieces(PieceSource& source, const Sealing& sealing);
  LmdbPieces(const LmdbPieces&) = delete;
  LmdbPieces& operator=(const LmdbPieces&) = delete;
  virtual ~LmdbPieces() = default;

  const Root& root() const { return root_; }
  const Tag& root_tag() const { return root_tag_; }

  /// The payload of a block; its size is checked where that is fixed. Valid until the next block of its kind
  /// is read.
  virtual Bytes read(PieceKind kind, std::uint64_t block);

  /// The payload of a large record, whose tag is in its block. Valid until the next one.
  Bytes read_large(std::uint64_t slot, const Tag& tag);

  /// The tag that the manifest says.
  Tag tag_of(PieceKind kind, std::uint64_t block);

  /// All tags of a kind.
  std::vector<Tag> tags(PieceKind kind);

  /// A piece as it lies, not verified. `wanted`: as PieceSource::find().
  Bytes stored(const PieceName& name, const Tag* wanted);

 protected:
  using Leaf = std::vector<Tag>;

  LmdbPieces(std::unique_ptr<PieceSource> source, const Sealing& sealing);
  Leaf& leaf(PieceKind kind, std::uint64_t number);

  struct Opened {
    std::optional<std::uint64_t> block;
    Bytes payload;
    AlignedBytes buffer;
  };

  std::unique_ptr<PieceSource> own_source_;
  PieceSource& source_;
  PieceOpener opener_;
  Root root_;
  Tag root_tag_{};
  std::map<PieceName, Leaf> leaves_;
  std::array<Opened, kCountedKinds.size() + 1> opened_;  // by kind; that of kLarge has a buffer only
};

/// Pieces that can be changed. What was changed is sealed and put by write_all().
class LmdbPieceWriter final : public LmdbPieces {
 public:
  LmdbPieceWriter(LmdbTransaction& transaction, const Sealing& sealing);

  /// Valid until the next change of any block.
  Bytes read(PieceKind kind, std::uint64_t block) override;

  Root& change_root() { return root_; }

  /// The payload of a block to be changed where it lies; blocks up to it are made, all zero, where there are
  /// none. Valid as read(). For kinds of a fixed size.
  std::span<std::uint8_t> change(PieceKind kind, std::uint64_t block);

  /// Gives a block another payload; of no kind that has a fixed size.
  void replace(PieceKind kind, std::uint64_t block, Bytes payload);

  /// Takes all blocks of a kind away, with their leaves.
  void drop(PieceKind kind);

  /// The block of records that a slot is in, to be changed. Valid as read().
  RecordBlock& records(std::uint64_t slot);

  Tag put_large(std::uint64_t slot, Bytes payload);
  void erase_large(std::uint64_t slot);

  /// Seals and puts what has changed, the manifest and the root, in one more version. Once, at the end.
  void write_all();

  /// The root's version that write_all() writes.
  std::uint64_t version() const { return root_.version + 1; }

 private:
  AlignedBytes& changed(PieceKind kind, std::uint64_t block);
  void make_blocks(PieceKind kind, std::uint64_t count);
  Tag put(const PieceName& name, Bytes payload);
  void flush();
  void settle_records();

  LmdbTransaction& target_;
  PieceSealer sealer_;
  std::map<PieceName, AlignedBytes> changed_;
  std::map<std::uint64_t, RecordBlock> records_;  // by block; newer than changed_
  std::size_t changed_bytes_ = 0;
  std::map<PieceName, bool> changed_leaves_;
};

/// Writes the first root of a side that holds nothing.
void write_first_root(LmdbTransaction& transaction, const Sealing& sealing, Root root);

}  // namespace facesearch::storage

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
#include "facesearch/store/format/tail_rows.hpp"
#include "facesearch/store/lmdb/environment.hpp"

namespace facesearch::storage {

/// The pieces of a side as one transaction sees them, or as another source has them, each verified against
/// the manifest before it is used. One thread. Borrows transaction or source, and sealing.
///
/// What was enrolled last may lie in the tail, a few small pieces, and not in its blocks yet. Blocks
/// are read as if it did: who reads them need not know of the tail.
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

  /// The payload of a block, with its rows of the tail; its size is checked where that is fixed. Valid until
  /// the next block of its kind is read.
  virtual Bytes read(PieceKind kind, std::uint64_t block);

  /// The face of a slot that is in the tail, by one piece; null: its blocks have it. Valid until something
  /// changes.
  const TailRow* tail_row(std::uint64_t slot);

  /// All faces of the tail, by rising slots, if a block of this kind has a row for a face; else none.
  std::vector<TailRow> tail_rows(PieceKind kind);

  /// For what is left of a damaged side: from here on the rows of pieces that are lost are not there. Returns
  /// how many these are. Looks for them again when it is called again.
  std::uint64_t leave_out_lost_tail();

  /// The payload of a large record, whose tag is in its block. Valid until the next one.
  Bytes read_large(std::uint64_t slot, const Tag& tag);

  /// The tag that the manifest says.
  Tag tag_of(PieceKind kind, std::uint64_t block);

  /// Differs whenever what read() gives differs.
  Tag state_of(PieceKind kind, std::uint64_t block);

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

  // A piece of the tail, or, the last one, what a writer adds to it.
  struct TailPiece {
    std::uint64_t first_slot = 0;
    std::uint64_t count = 0;
    bool opened = false;
    bool lost = false;
    std::vector<TailRow> rows;        // once opened
    std::vector<AlignedBytes> bytes;  // that they borrow
  };

  std::uint64_t tail_end() const { return tail_.back().first_slot + tail_.back().count; }
  bool tail_is_in(PieceKind kind, std::uint64_t block) const;
  void open_tail(std::size_t part);
  void keep_in_buffer(Opened& opened);

  std::unique_ptr<PieceSource> own_source_;
  PieceSource& source_;
  PieceOpener opener_;
  Root root_;
  Tag root_tag_{};
  std::map<PieceName, Leaf> leaves_;
  std::vector<TailPiece> tail_;
  std::array<Opened, kCountedKinds.size() + 1> opened_;  // by kind; that of kLarge has a buffer only
};

/// Pieces that can be changed. What was changed is sealed and put by write_all().
class LmdbPieceWriter final : public LmdbPieces {
 public:
  LmdbPieceWriter(LmdbTransaction& transaction, const Sealing& sealing);

  /// Valid until the next change of any block.
  Bytes read(PieceKind kind, std::uint64_t block) override;

  Root& change_root() { return root_; }

  /// Adds a face behind all others to the tail; its blocks are not touched. False if it cannot be there: then
  /// all of the tail has moved to its blocks, and the face must be put into them.
  bool append(std::uint64_t slot, const IdRow& ids, std::span<const float> values, Bytes record);

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
  bool may_append(std::uint64_t slot, Bytes record) const;
  void show_appended(const TailRow& row);
  void fold_tail();
  void put_tail();
  void erase_tail_piece(std::size_t part);

  LmdbTransaction& target_;
  PieceSealer sealer_;
  std::map<PieceName, AlignedBytes> changed_;
  std::map<std::uint64_t, RecordBlock> records_;  // by block; newer than changed_
  std::size_t changed_bytes_ = 0;
  std::map<PieceName, bool> changed_leaves_;
  bool appends_ = true;  ///< false: faces go to their blocks from here on
};

/// Writes the first root of a side that holds nothing.
void write_first_root(LmdbTransaction& transaction, const Sealing& sealing, Root root);

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/pieces.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/format/byte_codec.hpp"

namespace facesearch::storage {
namespace {

// What is changed is kept open up to so much; then it is sealed and put, and opened again where it must be.
constexpr std::size_t kMostChanged = 64U << 20;

PieceName root_name() {
  return name_of(PieceKind::kRoot, 0);
}

std::vector<std::uint8_t> bytes_of(const std::vector<Tag>& tags) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(tags.size() * kTagSize);
  for (const Tag& tag : tags) {
    bytes.insert(bytes.end(), tag.begin(), tag.end());
  }
  return bytes;
}

// The map of LMDB.
class MappedPieces final : public PieceSource {
 public:
  explicit MappedPieces(const LmdbTransaction& transaction) : transaction_(transaction) {}
  std::optional<Bytes> find(const PieceName& name, const Tag* /*wanted*/) override {
    return transaction_.get(transaction_.tables().pieces, piece_key(name));
  }

 private:
  const LmdbTransaction& transaction_;
};

}  // namespace

LmdbPieces::LmdbPieces(const LmdbTransaction& transaction, const Sealing& sealing)
    : LmdbPieces(std::make_unique<MappedPieces>(transaction), sealing) {}

LmdbPieces::LmdbPieces(std::unique_ptr<PieceSource> source, const Sealing& sealing)
    : LmdbPieces(*source, sealing) {
  own_source_ = std::move(source);
}

LmdbPieces::LmdbPieces(PieceSource& source, const Sealing& sealing) : source_(source), opener_(sealing) {
  const Bytes piece = stored(root_name(), nullptr);
  AlignedBytes buffer;
  root_ = read_root(opener_.open(root_name(), piece, nullptr, buffer));
  root_tag_ = PieceOpener::tag_of(piece);
  std::uint64_t slot = root_.tail.first_slot;
  for (const Tail::Part& part : root_.tail.parts) {
    TailPiece& next = tail_.emplace_back();
    next.first_slot = slot;
    next.count = part.rows;
    slot += part.rows;
  }
}

Bytes LmdbPieces::stored(const PieceName& name, const Tag* wanted) {
  const std::optional<Bytes> piece = source_.find(name, wanted);
  if (!piece) {
    refuse_piece(name);
  }
  return *piece;
}

LmdbPieces::Leaf& LmdbPieces::leaf(PieceKind kind, std::uint64_t number) {
  const PieceName name = leaf_name(kind, number);
  const auto found = leaves_.find(name);
  if (found != leaves_.end()) {
    return found->second;
  }
  const BlockTable& table = root_.table(kind);
  const Tag wanted = table.leaves.at(number);
  AlignedBytes buffer;
  ByteReader reader(opener_.open(name, stored(name, &wanted), &wanted, buffer));
  Leaf leaf(std::min<std::uint64_t>(kLeafEntries, table.blocks - number * kLeafEntries));
  for (Tag& tag : leaf) {
    const Bytes bytes = reader.take(kTagSize);
    std::copy(bytes.begin(), bytes.end(), tag.begin());
  }
  reader.end();
  return leaves_.emplace(name, std::move(leaf)).first->second;
}

Tag LmdbPieces::tag_of(PieceKind kind, std::uint64_t block) {
  if (block >= root_.table(kind).blocks) {
    throw Error(Cause::kStoreDamaged, "RECORD_INVALID",
                fmt::format("the collection names a block {} of kind {} that it does not have", block,
                            static_cast<int>(kind)));
  }
  return leaf(kind, block / kLeafEntries)[block % kLeafEntries];
}

std::vector<Tag> LmdbPieces::tags(PieceKind kind) {
  std::vector<Tag> tags;
  for (std::uint64_t i = 0; i < root_.table(kind).leaves.size(); ++i) {
    const Leaf& part = leaf(kind, i);
    tags.insert(tags.end(), part.begin(), part.end());
  }
  return tags;
}

Bytes LmdbPieces::read(PieceKind kind, std::uint64_t block) {
  Opened& opened = opened_[static_cast<std::size_t>(kind) - 1];
  if (opened.block != block) {
    opened.block.reset();
    const PieceName name = name_of(kind, block);
    const Tag wanted = tag_of(kind, block);
    opened.payload = opener_.open(name, stored(name, &wanted), &wanted, opened.buffer);
    const std::size_t size = root_.geometry.size(kind);
    if (size != 0 && opened.payload.size() != size) {
      refuse_piece(name);
    }
    if (tail_is_in(kind, block)) {
      keep_in_buffer(opened);
      put_tail_rows(root_.geometry, kind, block, tail_rows(kind), opened.buffer);
      opened.payload = std::as_const(opened.buffer).span();
    }
    opened.block = block;
  }
  return opened.payload;
}

// It may lie in the map or in the source.
void LmdbPieces::keep_in_buffer(Opened& opened) {
  if (opened.payload.data() == opened.buffer.span().data()) return;
  opened.buffer = AlignedBytes(opened.payload);
  opened.payload = std::as_const(opened.buffer).span();
}

bool LmdbPieces::tail_is_in(PieceKind kind, std::uint64_t block) const {
  if (tail_.empty() || !is_tailed(kind)) return false;
  const std::uint64_t rows = root_.geometry.rows(kind);
  return tail_.front().first_slot / rows <= block && block <= (tail_end() - 1) / rows;
}

void LmdbPieces::open_tail(std::size_t part) {
  TailPiece& piece = tail_[part];
  if (piece.opened) return;
  const PieceName name = name_of(PieceKind::kTail, piece.first_slot);
  const Tag& wanted = root_.tail.parts.at(part).tag;
  AlignedBytes buffer;
  const Bytes payload = opener_.open(name, stored(name, &wanted), &wanted, buffer);
  if (payload.data() != std::as_const(buffer).span().data()) buffer = AlignedBytes(payload);
  piece.bytes.push_back(std::move(buffer));
  piece.rows =
      read_tail(root_.geometry, piece.first_slot, piece.count, std::as_const(piece.bytes.back()).span());
  piece.opened = true;
}

const TailRow* LmdbPieces::tail_row(std::uint64_t slot) {
  if (tail_.empty() || slot < tail_.front().first_slot || slot >= tail_end()) return nullptr;
  const auto next = std::ranges::upper_bound(tail_, slot, {}, &TailPiece::first_slot);
  const auto part = static_cast<std::size_t>(next - tail_.begin()) - 1;
  if (tail_[part].lost) return nullptr;
  open_tail(part);
  return &tail_[part].rows[slot - tail_[part].first_slot];
}

std::vector<TailRow> LmdbPieces::tail_rows(PieceKind kind) {
  std::vector<TailRow> rows;
  if (!is_tailed(kind)) return rows;
  for (std::size_t part = 0; part < tail_.size(); ++part) {
    if (tail_[part].lost) continue;
    open_tail(part);
    rows.insert(rows.end(), tail_[part].rows.begin(), tail_[part].rows.end());
  }
  return rows;
}

std::uint64_t LmdbPieces::leave_out_lost_tail() {
  std::uint64_t lost = 0;
  for (std::size_t part = 0; part < tail_.size(); ++part) {
    tail_[part].lost = false;
    try {
      open_tail(part);
    } catch (const Error& error) {
      if (error.cause() != Cause::kStoreDamaged) throw;
      tail_[part].lost = true;
      lost += tail_[part].count;
    }
  }
  for (Opened& opened : opened_) opened.block.reset();
  return lost;
}

Tag LmdbPieces::state_of(PieceKind kind, std::uint64_t block) {
  return tail_is_in(kind, block) ? root_.tail.parts.back().tag : tag_of(kind, block);
}

Bytes LmdbPieces::read_large(std::uint64_t slot, const Tag& tag) {
  const PieceName name = name_of(PieceKind::kLarge, slot);
  AlignedBytes& buffer = opened_[static_cast<std::size_t>(PieceKind::kLarge) - 1].buffer;
  return opener_.open(name, stored(name, &tag), &tag, buffer);
}

LmdbPieceWriter::LmdbPieceWriter(LmdbTransaction& transaction, const Sealing& sealing)
    : LmdbPieces(transaction, sealing), target_(transaction), sealer_(sealing) {}

Bytes LmdbPieceWriter::read(PieceKind kind, std::uint64_t block) {
  if (kind == PieceKind::kRecords && records_.count(block) != 0) {
    settle_records();
  }
  const auto found = changed_.find(name_of(kind, block));
  if (found != changed_.end()) {
    return std::as_const(found->second).span();
  }
  Opened& opened = opened_[static_cast<std::size_t>(kind) - 1];
  const bool fresh = opened.block != block;
  LmdbPieces::read(kind, block);
  if (fresh) keep_in_buffer(opened);  // the page it lies in may be changed
  return opened.payload;
}

bool LmdbPieceWriter::may_append(std::uint64_t slot, Bytes record) const {
  if (!appends_ || record.size() > kMostInBlock) return false;
  if (!tail_.empty() && slot != tail_end()) return false;
  // A block of records that is full has no next one yet: so the tail holds no more than a block.
  return std::ranges::all_of(kTailedKinds, [&](PieceKind kind) {
    const std::uint64_t block = slot / root_.geometry.rows(kind);
    return block < root_.table(kind).blocks && changed_.count(name_of(kind, block)) == 0;
  });
}

bool LmdbPieceWriter::append(std::uint64_t slot, const IdRow& ids, std::span<const float> values,
                             Bytes record) {
  if (!may_append(slot, record)) {
    fold_tail();
    appends_ = false;
    return false;
  }
  if (tail_.size() == root_.tail.parts.size()) {
    TailPiece& added = tail_.emplace_back();
    added.first_slot = slot;
    added.opened = true;
  }
  TailPiece& piece = tail_.back();
  const TailRow given{slot, ids, values, record};
  piece.bytes.push_back(write_tail(root_.geometry, {&given, 1}));
  piece.rows.push_back(read_tail(root_.geometry, slot, 1, std::as_const(piece.bytes.back()).span()).front());
  ++piece.count;
  show_appended(piece.rows.back());
  return true;
}

// In blocks that are open.
void LmdbPieceWriter::show_appended(const TailRow& row) {
  for (const PieceKind kind : kTailedKinds) {
    Opened& opened = opened_[static_cast<std::size_t>(kind) - 1];
    const std::uint64_t block = row.slot / root_.geometry.rows(kind);
    if (opened.block != block) continue;
    put_tail_rows(root_.geometry, kind, block, {&row, 1}, opened.buffer);
    opened.payload = std::as_const(opened.buffer).span();
  }
}

// None of its blocks has changed so far.
void LmdbPieceWriter::fold_tail() {
  if (tail_.empty()) return;
  for (const PieceKind kind : kTailedKinds) {
    const std::uint64_t rows = root_.geometry.rows(kind);
    const std::uint64_t last = (tail_end() - 1) / rows;
    for (std::uint64_t block = tail_.front().first_slot / rows; block <= last; ++block) {
      AlignedBytes payload(read(kind, block));
      changed_bytes_ += payload.span().size();
      changed_.insert_or_assign(name_of(kind, block), std::move(payload));
    }
  }
  for (std::size_t part = 0; part < root_.tail.parts.size(); ++part) erase_tail_piece(part);
  tail_.clear();
  root_.tail = {};
}

// What was appended, as one piece, with the pieces before it that hold no more faces than that. So each is
// larger than the next one, and who reads the tail opens few.
void LmdbPieceWriter::put_tail() {
  std::vector<Tail::Part>& parts = root_.tail.parts;
  if (tail_.size() == parts.size()) return;
  std::size_t first = parts.size();
  std::uint64_t count = tail_.back().count;
  for (; first > 0 && tail_[first - 1].count <= count; --first) count += tail_[first - 1].count;
  std::vector<TailRow> rows;
  for (std::size_t part = first; part < tail_.size(); ++part) {
    open_tail(part);
    rows.insert(rows.end(), tail_[part].rows.begin(), tail_[part].rows.end());
    if (part > first && part < parts.size()) erase_tail_piece(part);
  }
  const AlignedBytes payload = write_tail(root_.geometry, rows);
  const Tag tag = put(name_of(PieceKind::kTail, tail_[first].first_slot), payload.span());
  parts.resize(first);
  parts.push_back({count, tag});
  root_.tail.first_slot = tail_.front().first_slot;
}

void LmdbPieceWriter::erase_tail_piece(std::size_t part) {
  target_.erase(target_.tables().pieces, piece_key(name_of(PieceKind::kTail, tail_[part].first_slot)));
}

AlignedBytes& LmdbPieceWriter::changed(PieceKind kind, std::uint64_t block) {
  const PieceName name = name_of(kind, block);
  const auto found = changed_.find(name);
  if (found != changed_.end()) {
    return found->second;
  }
  if (changed_bytes_ > kMostChanged) {
    flush();
  }
  if (block >= root_.table(kind).blocks) {
    make_blocks(kind, block + 1);
    return changed_.at(name);
  }
  if (tail_is_in(kind, block)) {
    fold_tail();
    return changed_.at(name);
  }
  AlignedBytes payload(read(kind, block));
  changed_bytes_ += payload.span().size();
  return changed_.insert_or_assign(name, std::move(payload)).first->second;
}

// Up to a block that may lie far behind the last one: a side can be filled in any order.
void LmdbPieceWriter::make_blocks(PieceKind kind, std::uint64_t count) {
  BlockTable& table = root_.table(kind);
  for (std::uint64_t block = table.blocks; block < count; ++block) {
    if (changed_bytes_ > kMostChanged) {
      flush();
    }
    if (block % kLeafEntries == 0) {
      table.leaves.emplace_back();
      leaves_[leaf_name(kind, block / kLeafEntries)] = {};
    }
    Leaf& part = leaf(kind, block / kLeafEntries);
    table.blocks = block + 1;
    part.emplace_back();
    changed_leaves_[leaf_name(kind, block / kLeafEntries)] = true;
    changed_.insert_or_assign(name_of(kind, block), AlignedBytes(root_.geometry.size(kind)));
    changed_bytes_ += root_.geometry.size(kind);
  }
}

std::span<std::uint8_t> LmdbPieceWriter::change(PieceKind kind, std::uint64_t block) {
  return changed(kind, block).span();
}

void LmdbPieceWriter::replace(PieceKind kind, std::uint64_t block, Bytes payload) {
  AlignedBytes bytes(payload);
  AlignedBytes& place = changed(kind, block);
  changed_bytes_ += payload.size() - place.span().size();
  place = std::move(bytes);
}

void LmdbPieceWriter::drop(PieceKind kind) {
  BlockTable& table = root_.table(kind);
  const auto drop_piece = [&](const PieceName& name) {
    target_.erase(target_.tables().pieces, piece_key(name));
  };
  for (std::uint64_t block = 0; block < table.blocks; ++block) {
    changed_.erase(name_of(kind, block));
    drop_piece(name_of(kind, block));
  }
  for (std::uint64_t i = 0; i < table.leaves.size(); ++i) {
    leaves_.erase(leaf_name(kind, i));
    changed_leaves_.erase(leaf_name(kind, i));
    drop_piece(leaf_name(kind, i));
  }
  opened_[static_cast<std::size_t>(kind) - 1].block.reset();
  table = {};
}

RecordBlock& LmdbPieceWriter::records(std::uint64_t slot) {
  const std::uint64_t rows = root_.geometry.record_rows;
  const std::uint64_t block = slot / rows;
  const auto found = records_.find(block);
  if (found != records_.end()) {
    return found->second;
  }
  const Bytes payload = changed(PieceKind::kRecords, block).span();
  changed_bytes_ += 2 * rows * kMostInBlock / 8;  // a guess at what they grow by
  return records_.emplace(block, RecordBlock(payload, rows)).first->second;
}

void LmdbPieceWriter::settle_records() {
  for (const auto& [block, records] : records_) {
    changed_.insert_or_assign(name_of(PieceKind::kRecords, block), AlignedBytes(Bytes(records.payload())));
  }
  records_.clear();
}

Tag LmdbPieceWriter::put(const PieceName& name, Bytes payload) {
  const std::span<std::uint8_t> room =
      target_.reserve(target_.tables().pieces, piece_key(name), payload.size() + kPieceExtra);
  return sealer_.seal(name, version(), payload, room);
}

Tag LmdbPieceWriter::put_large(std::uint64_t slot, Bytes payload) {
  return put(name_of(PieceKind::kLarge, slot), payload);
}

void LmdbPieceWriter::erase_large(std::uint64_t slot) {
  target_.erase(target_.tables().pieces, piece_key(name_of(PieceKind::kLarge, slot)));
}

void LmdbPieceWriter::flush() {
  settle_records();
  for (const auto& [name, payload] : changed_) {
    const auto kind = static_cast<PieceKind>(name.kind);
    const Tag tag = put(name, payload.span());
    const std::uint64_t number = name.number / kLeafEntries;
    leaf(kind, number)[name.number % kLeafEntries] = tag;
    changed_leaves_[leaf_name(kind, number)] = true;
  }
  changed_.clear();
  changed_bytes_ = 0;
  for (Opened& opened : opened_) {
    opened.block.reset();
  }
}

void LmdbPieceWriter::write_all() {
  flush();
  put_tail();
  for (const PieceKind kind : kCountedKinds) {
    BlockTable& table = root_.table(kind);
    for (std::uint64_t i = 0; i < table.leaves.size(); ++i) {
      const PieceName name = leaf_name(kind, i);
      if (changed_leaves_.count(name) != 0) {
        table.leaves[i] = put(name, bytes_of(leaf(kind, i)));
      }
    }
  }
  changed_leaves_.clear();
  Root next = root_;
  next.version = version();
  root_tag_ = put(root_name(), write_root(next));
  root_ = std::move(next);
}

void write_first_root(LmdbTransaction& transaction, const Sealing& sealing, Root root) {
  root.version = 1;
  const std::vector<std::uint8_t> payload = write_root(root);
  const std::span<std::uint8_t> room =
      transaction.reserve(transaction.tables().pieces, piece_key(root_name()), payload.size() + kPieceExtra);
  PieceSealer(sealing).seal(root_name(), root.version, payload, room);
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/reader.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/core/template.hpp"
#include "facesearch/store/damage_advice.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/decisions.hpp"
#include "facesearch/store/format/mean_rows.hpp"
#include "facesearch/store/lmdb/id_cache.hpp"

namespace facesearch::storage {
namespace {

const Uuid kNobody{};

// Blocks of one kind, for one of several threads.
class BlockReader {
 public:
  BlockReader(PieceKind kind, const LmdbTransaction& transaction, const Sealing& sealing, LmdbPieces& pieces,
              std::mutex& mutex)
      : kind_(kind),
        transaction_(transaction),
        mutex_(mutex),
        opener_(sealing),
        geometry_(pieces.root().geometry),
        tags_(pieces.tags(kind)),
        tail_(pieces.tail_rows(kind)) {}

  const Geometry& geometry() const { return geometry_; }

  // Valid until the next one.
  Bytes read(std::uint64_t block, PieceOpener::Sum sum) {
    const PieceName name = name_of(kind_, block);
    std::optional<Bytes> piece;
    {
      const std::lock_guard lock(mutex_);
      piece = transaction_.get(transaction_.tables().pieces, piece_key(name));
    }
    if (!piece) {
      refuse_piece(name);
    }
    return with_tail(block, opener_.open(name, *piece, &tags_.at(block), buffer_, sum));
  }

 private:
  Bytes with_tail(std::uint64_t block, Bytes payload) {
    const std::uint64_t rows = geometry_.rows(kind_);
    if (tail_.empty() || block < tail_.front().slot / rows || block > tail_.back().slot / rows)
      return payload;
    if (payload.size() != geometry_.size(kind_)) refuse_piece(name_of(kind_, block));
    if (payload.data() != buffer_.span().data()) buffer_ = AlignedBytes(payload);
    put_tail_rows(geometry_, kind_, block, tail_, buffer_);
    return std::as_const(buffer_).span();
  }

  PieceKind kind_;
  const LmdbTransaction& transaction_;
  std::mutex& mutex_;
  PieceOpener opener_;
  Geometry geometry_;
  std::vector<Tag> tags_;
  std::vector<TailRow> tail_;
  AlignedBytes buffer_;
};

class LmdbCodeReader final : public CodeReader {
 public:
  explicit LmdbCodeReader(BlockReader blocks) : blocks_(std::move(blocks)) {}

  // Without encryption a checksum over all that is scanned would cost more than the scan; what is found is
  // scored from templates whose checksum is verified, and `collection check` verifies the codes'.
  CodeBlock read(std::uint64_t block) override {
    return read_mean_codes(blocks_.geometry(), block, blocks_.read(block, PieceOpener::Sum::kSkip));
  }

 private:
  BlockReader blocks_;
};

class LmdbIdReader final : public IdReader {
 public:
  explicit LmdbIdReader(BlockReader blocks) : blocks_(std::move(blocks)) {}

  std::span<const FaceIds> read(std::uint64_t block) override {
    const Bytes payload = blocks_.read(block, PieceOpener::Sum::kVerify);
    if (payload.size() != blocks_.geometry().size(PieceKind::kIds)) {
      refuse_piece(name_of(PieceKind::kIds, block));
    }
    read_ids(blocks_.geometry(), block, payload, found_);
    return found_;
  }

 private:
  BlockReader blocks_;
  std::vector<FaceIds> found_;
};

}  // namespace

void contradict(std::string_view what) {
  throw Error(Cause::kStoreDamaged, "RECORD_INVALID",
              fmt::format("the collection contradicts itself: {}; {}", what, kDamageAdvice));
}

std::unique_ptr<CodeReader> make_code_reader(const LmdbTransaction& transaction, const Sealing& sealing,
                                             LmdbPieces& pieces, std::mutex& mutex, PieceKind kind) {
  const std::lock_guard lock(mutex);
  return std::make_unique<LmdbCodeReader>(BlockReader(kind, transaction, sealing, pieces, mutex));
}

std::unique_ptr<IdReader> make_id_reader(const LmdbTransaction& transaction, const Sealing& sealing,
                                         LmdbPieces& pieces, std::mutex& mutex) {
  const std::lock_guard lock(mutex);
  return std::make_unique<LmdbIdReader>(BlockReader(PieceKind::kIds, transaction, sealing, pieces, mutex));
}

void read_ids(const Geometry& geometry, std::uint64_t block, Bytes payload, std::vector<FaceIds>& found) {
  found.resize(geometry.id_rows);  // in one step: a page of persons reads millions of rows
  FaceIds* next = found.data();
  for (std::size_t row = 0; row < geometry.id_rows; ++row) {
    const IdRow ids = id_at(payload, row);
    if (ids.face == kNobody) continue;
    *next++ = {block * geometry.id_rows + row, ids.face, ids.person};
  }
  found.resize(static_cast<std::size_t>(next - found.data()));
}

IdRow FaceRows::ids_of(std::uint64_t slot) const {
  if (const TailRow* row = pieces_.tail_row(slot)) return row->ids;
  const std::uint64_t rows = pieces_.root().geometry.id_rows;
  return id_at(pieces_.read(PieceKind::kIds, slot / rows), slot % rows);
}

std::span<const float> FaceRows::template_of(std::uint64_t slot) const {
  const Geometry& geometry = pieces_.root().geometry;
  const TailRow* row = pieces_.tail_row(slot);
  const std::span<const float> values =
      row != nullptr
          ? row->values
          : template_at(geometry, pieces_.read(PieceKind::kTemplates, slot / geometry.template_rows),
                        slot % geometry.template_rows);
  if (!is_unit(values)) {
    contradict("a template is none");
  }
  return values;
}

void FaceRows::visit_id_blocks(std::uint64_t first_slot,
                               const std::function<bool(std::span<const FaceIds>)>& visit) const {
  const std::uint64_t rows = pieces_.root().geometry.id_rows;
  const std::uint64_t blocks = pieces_.root().table(PieceKind::kIds).blocks;
  // Whoever visits may read or change another block, and then this one is not where it was.
  std::vector<FaceIds> found;
  for (std::uint64_t block = first_slot / rows; block < blocks; ++block) {
    read_ids(pieces_.root().geometry, block, pieces_.read(PieceKind::kIds, block), found);
    std::erase_if(found, [&](const FaceIds& ids) { return ids.slot < first_slot; });
    if (!visit(found)) {
      return;
    }
  }
}

void FaceRows::visit_ids(std::uint64_t first_slot,
                         const std::function<bool(std::uint64_t, const IdRow&)>& visit) const {
  visit_id_blocks(first_slot, [&](std::span<const FaceIds> block) {
    return std::ranges::all_of(block, [&](const FaceIds& row) {
      return visit(row.slot, {row.face, row.person});
    });
  });
}

void FaceRows::show(std::uint64_t first_slot, const TakeFace& take) const {
  visit_ids(first_slot, [&](std::uint64_t slot, const IdRow& ids) {
    return take(slot, record_at(slot, ids), template_of(slot));
  });
}

void LmdbReader::scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const {
  visit_ids(first_slot, [&](std::uint64_t slot, const IdRow& ids) {
    visit({slot, ids.face, ids.person, template_of(slot)});
    return true;
  });
}

void LmdbReader::visit_templates(std::span<const std::uint64_t> slots,
                                 const std::function<void(const TemplateRow&)>& visit) const {
  for (const std::uint64_t slot : slots) {
    const IdRow ids = ids_of(slot);
    if (ids.face == kNobody) {
      contradict("a template that is scanned belongs to nobody");
    }
    visit({slot, ids.face, ids.person, template_of(slot)});
  }
}

std::optional<FacePlace> LmdbReader::hinted_place(const Uuid& face) const {
  const std::optional<Bytes> hint = transaction_.get(transaction_.tables().faces, face.bytes);
  if (!hint) {
    return std::nullopt;
  }
  const std::uint64_t slot = read_slot(*hint);
  const IdRow ids = ids_of(slot);
  if (ids.face != face || face == kNobody) {
    contradict("the index of faces points to another face");
  }
  return FacePlace{slot, ids.person};
}

// By the pieces alone.
bool LmdbReader::is_live(const Uuid& face) const {
  if (cache_ != nullptr) {
    return cache_->has_face(pieces_, face);
  }
  bool found = false;
  visit_ids(0, [&](std::uint64_t, const IdRow& ids) {
    found = ids.face == face;
    return !found;
  });
  return found;
}

std::optional<FacePlace> LmdbReader::find_place(const Uuid& face) const {
  const std::optional<FacePlace> place = hinted_place(face);
  if (!place && face != kNobody && is_live(face)) {
    contradict("the index of faces lacks a face");
  }
  return place;
}

FaceRecord FaceRows::record_at(std::uint64_t slot, const IdRow& ids) const {
  if (const TailRow* row = pieces_.tail_row(slot)) {
    FaceRecord record;
    record.face = ids.face;
    record.person = ids.person;
    read_record(row->record, record);
    return record;
  }
  const std::uint64_t rows = pieces_.root().geometry.record_rows;
  const auto found = find_record(pieces_.read(PieceKind::kRecords, slot / rows), rows, slot % rows);
  if (!found) {
    contradict("a face has no record");
  }
  FaceRecord record;
  record.face = ids.face;
  record.person = ids.person;
  if (const auto* large = std::get_if<LargeRecord>(&*found)) {
    read_record(pieces_.read_large(slot, large->tag), record);
  } else {
    read_record(std::get<Bytes>(*found), record);
  }
  return record;
}

void LmdbReader::visit_records(std::uint64_t first_slot,
                               const std::function<void(const FaceRecord&)>& visit) const {
  visit_ids(first_slot, [&](std::uint64_t slot, const IdRow& ids) {
    visit(record_at(slot, ids));
    return true;
  });
}

void LmdbReader::visit_faces(std::span<const std::uint64_t> slots,
                             const std::function<void(const FaceRecord&)>& visit) const {
  for (const std::uint64_t slot : slots) {
    const IdRow ids = ids_of(slot);
    if (ids.face == kNobody) {
      contradict("a record that is asked for belongs to nobody");
    }
    visit(record_at(slot, ids));
  }
}

std::optional<FaceRecord> LmdbReader::find_face(const Uuid& face) const {
  const std::optional<FacePlace> place = find_place(face);
  return place ? std::optional(record_at(place->slot, {face, place->person})) : std::nullopt;
}

std::optional<std::vector<float>> LmdbReader::find_template(const Uuid& face) const {
  const std::optional<FacePlace> place = find_place(face);
  if (!place) {
    return std::nullopt;
  }
  const auto values = template_of(place->slot);
  return std::vector(values.begin(), values.end());
}

bool LmdbReader::hinted_erased(const Uuid& face) const {
  return transaction_.get(transaction_.tables().erased, face.bytes).has_value() ||
         (tombstone_ != nullptr && tombstone_->contains(face));
}

std::optional<std::uint64_t> LmdbReader::erased_entry(const Uuid& face) const {
  const auto hint = transaction_.get(transaction_.tables().erased, face.bytes);
  if (!hint) {
    return std::nullopt;
  }
  const std::uint64_t entry = read_slot(*hint);
  if (entry >= pieces_.root().erased || erased_at(pieces_, entry).face != face) {
    contradict("the index of erased faces points to another face");
  }
  return entry;
}

std::optional<std::uint64_t> LmdbReader::find_erased(const Uuid& face) const {
  const std::optional<std::uint64_t> entry = erased_entry(face);
  if (!entry && (cache_ != nullptr ? cache_->has_erased(pieces_, face)
                                   : std::ranges::count(erased_ids(pieces_), face) > 0)) {
    contradict("the index of erased faces lacks a face");
  }
  return entry;
}

bool LmdbReader::was_erased(const Uuid& face) const {
  if (find_erased(face)) {
    return true;
  }
  return tombstone_ != nullptr && tombstone_->contains(face) && !hinted_place(face);
}

bool LmdbReader::has_person(const Uuid& person) const {
  LmdbCursor cursor(transaction_, transaction_.tables().persons);
  if (cursor.seek(person.bytes) && cursor.key().size() == 24 &&
      std::ranges::equal(cursor.key().first(16), person.bytes) &&
      read_slot(cursor.key().subspan(16)) != kMeanSlot) {
    if (ids_of(read_slot(cursor.key().subspan(16))).person != person) {
      contradict("the index of persons points to another person");
    }
    return true;
  }
  if (cache_ != nullptr ? cache_->has_person(pieces_, person) : !slots_of({&person, 1}).front().empty()) {
    contradict("the index of persons lacks a person");
  }
  return false;
}

// From the pieces alone: an entry that the index lacks would leave out a face and nobody would see it.
std::vector<std::vector<std::uint64_t>> LmdbReader::slots_of(std::span<const Uuid> persons) const {
  std::vector<std::vector<std::uint64_t>> slots(persons.size());
  if (persons.empty()) {
    return slots;
  }
  std::map<Uuid, std::vector<std::uint64_t>> by_person;
  for (const Uuid& person : persons) {
    by_person[person];
  }
  visit_ids(0, [&](std::uint64_t slot, const IdRow& ids) {
    if (const auto found = by_person.find(ids.person); found != by_person.end()) {
      found->second.push_back(slot);
    }
    return true;
  });
  std::ranges::transform(persons, slots.begin(), [&](const Uuid& person) { return by_person.at(person); });
  return slots;
}

FacePage LmdbReader::page(std::string_view term, std::uint64_t offset, std::size_t limit) const {
  FacePage page;
  // Without a term, and if no face was ever erased, the position on the list is the slot.
  const bool direct = term.empty() && face_count() == next_slot();
  const std::uint64_t start = direct ? std::min(offset, next_slot()) : 0;
  std::uint64_t place = start;
  visit_ids(start, [&](std::uint64_t slot, const IdRow& ids) {
    if (!term.empty() && ids.face.text().find(term) == std::string::npos) {
      return true;
    }
    if (place >= offset && page.faces.size() < limit) {
      page.faces.push_back(record_at(slot, ids));
    }
    ++place;
    return !(term.empty() && page.faces.size() == limit);
  });
  page.total = term.empty() ? face_count() : place;
  return page;
}

std::vector<Decision> decisions_of(LmdbPieces& pieces) {
  std::vector<Decision> decisions;
  for (std::uint64_t block = 0; block < pieces.root().table(PieceKind::kDecisions).blocks; ++block) {
    std::vector<Decision> part =
        read_decisions(pieces.read(PieceKind::kDecisions, block), pieces.root().geometry.dimension);
    std::ranges::move(part, std::back_inserter(decisions));
  }
  return decisions;
}

std::vector<Decision> decisions_on_faces(LmdbPieces& pieces) {
  std::vector<Decision> decisions;
  for (std::uint64_t block = 0; block < pieces.root().table(PieceKind::kDecisions).blocks; ++block) {
    for (Decision& decision :
         read_decisions(pieces.read(PieceKind::kDecisions, block), pieces.root().geometry.dimension)) {
      if (decision.kind == Decision::Kind::kNotAgain) return decisions;
      decisions.push_back(std::move(decision));
    }
  }
  return decisions;
}

std::vector<Decision> rejections_of(LmdbPieces& pieces) {
  std::vector<Decision> rejections = decisions_on_faces(pieces);
  std::erase_if(rejections, [](const Decision& d) { return d.kind != Decision::Kind::kNotThisPerson; });
  return rejections;
}

ErasedFace erased_at(LmdbPieces& pieces, std::uint64_t entry) {
  const Bytes payload = pieces.read(PieceKind::kErased, entry / kErasedRows);
  const std::size_t offset = entry % kErasedRows * kErasedSize;
  if (payload.size() < offset + kErasedSize) {
    contradict("an erased face is not where it should be");
  }
  ByteReader reader(payload.subspan(offset, kErasedSize));
  ErasedFace erased;
  erased.face = reader.uuid();
  erased.left_out = reader.number(1) != 0;
  return erased;
}

std::vector<ErasedFace> erased_faces(LmdbPieces& pieces) {
  std::vector<ErasedFace> faces;
  for (std::uint64_t i = 0; i < pieces.root().erased; ++i) {
    faces.push_back(erased_at(pieces, i));
  }
  return faces;
}

std::vector<Uuid> erased_ids(LmdbPieces& pieces) {
  std::vector<Uuid> ids;
  for (const ErasedFace& erased : erased_faces(pieces)) {
    ids.push_back(erased.face);
  }
  return ids;
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb/writer.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "facesearch/core/error.hpp"
#include "facesearch/store/format/block_layout.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/decisions.hpp"
#include "facesearch/store/lmdb/call.hpp"

namespace facesearch::storage {
namespace {

// Blocks of codes as the transaction has changed them. One reader is as good as many here.
class ChangedCodes final : public CodeReader {
 public:
  explicit ChangedCodes(LmdbPieceWriter& pieces) : pieces_(pieces) {}
  CodeBlock read(std::uint64_t block) override {
    return read_codes(pieces_.root().geometry, block, pieces_.read(PieceKind::kCodes, block));
  }

 private:
  LmdbPieceWriter& pieces_;
};

class ChangedIds final : public IdReader {
 public:
  explicit ChangedIds(LmdbPieceWriter& pieces) : pieces_(pieces) {}
  std::span<const FaceIds> read(std::uint64_t block) override {
    read_ids(pieces_.root().geometry, block, pieces_.read(PieceKind::kIds, block), found_);
    return found_;
  }

 private:
  LmdbPieceWriter& pieces_;
  std::vector<FaceIds> found_;
};

}  // namespace

template <class Change>
void LmdbWriteTransaction::whole(Change&& change) {
  const bool before = half_done_;
  half_done_ = true;
  try {
    change();
  } catch (const MapFull&) {
    map_full_ = true;
    throw;
  }
  half_done_ = before;
}

std::unique_ptr<CodeReader> LmdbWriteTransaction::code_reader() const {
  return std::make_unique<ChangedCodes>(pieces_);
}

std::unique_ptr<IdReader> LmdbWriteTransaction::id_reader() const {
  return std::make_unique<ChangedIds>(pieces_);
}

void LmdbWriteTransaction::add(const FaceRecord& face, std::span<const float> values) {
  require_storable(values, pieces_.root().geometry.dimension);
  if (face.face == Uuid{} || reader_.hinted_place(face.face) || reader_.hinted_erased(face.face)) {
    throw Error(Cause::kInvalidValue, "FACE_ID_USED", "the collection has or had a face of this id");
  }
  const std::uint64_t slot = pieces_.root().next_slot;
  place(slot, face, values, How::kAppended);
  adds_ = true;
  pieces_.change_root().next_slot = slot + 1;
}

void LmdbWriteTransaction::put_at(std::uint64_t slot, const FaceRecord& face, std::span<const float> values) {
  require_storable(values, pieces_.root().geometry.dimension);
  place(slot, face, values, reader_.hinted_place(face.face) ? How::kKnown : How::kNew);
}

void LmdbWriteTransaction::place(std::uint64_t slot, const FaceRecord& face, std::span<const float> values,
                                 How how) {
  const std::vector<std::uint8_t> record = write_record(face);  // refuses what is too large
  whole([&] {
    if (how != How::kAppended || !pieces_.append(slot, {face.face, face.person}, values, record)) {
      put_rows(slot, face, values, record, how == How::kKnown);
    }
    if (how == How::kKnown) {
      means_.touch(reader_.ids_of(slot).person);
      return;
    }
    means_.touch(face.person);
    const Tables& tables = transaction_.tables();
    transaction_.put(tables.faces, face.face.bytes, write_slot(slot));
    transaction_.put(tables.persons, person_key(face.person, slot), {});
    ++pieces_.change_root().faces;
  });
}

// `known`: the face is in the slot, so its ids and its record are.
void LmdbWriteTransaction::put_rows(std::uint64_t slot, const FaceRecord& face, std::span<const float> values,
                                    const std::vector<std::uint8_t>& record, bool known) {
  const Geometry geometry = pieces_.root().geometry;
  CodesView(geometry, pieces_.change(PieceKind::kCodes, slot / geometry.code_rows))
      .put(slot % geometry.code_rows, values);
  const auto row = template_at(geometry, pieces_.change(PieceKind::kTemplates, slot / geometry.template_rows),
                               slot % geometry.template_rows);
  std::copy(values.begin(), values.end(), row.begin());
  if (known) return;
  put_id(pieces_.change(PieceKind::kIds, slot / geometry.id_rows), slot % geometry.id_rows,
         {face.face, face.person});
  put_record(slot, record);
}

void LmdbWriteTransaction::put_record(std::uint64_t slot, std::vector<std::uint8_t> record) {
  RecordBlock::Entry entry = std::move(record);
  const auto& bytes = std::get<std::vector<std::uint8_t>>(entry);
  if (bytes.size() > kMostInBlock) {
    entry = LargeRecord{pieces_.put_large(slot, bytes)};
  }
  pieces_.records(slot).put(slot % pieces_.root().geometry.record_rows, std::move(entry));
}

// If the record has a piece of its own.
void LmdbWriteTransaction::erase_large_record(std::uint64_t slot) {
  const RecordBlock::Entry* entry = pieces_.records(slot).find(slot % pieces_.root().geometry.record_rows);
  if (entry == nullptr) {
    contradict("a face has no record");
  }
  if (std::holds_alternative<LargeRecord>(*entry)) {
    pieces_.erase_large(slot);
  }
}

void LmdbWriteTransaction::erase_record(std::uint64_t slot) {
  erase_large_record(slot);
  pieces_.records(slot).erase(slot % pieces_.root().geometry.record_rows);
}

void LmdbWriteTransaction::erase_rows(std::uint64_t slot) {
  const Geometry geometry = pieces_.root().geometry;
  CodesView(geometry, pieces_.change(PieceKind::kCodes, slot / geometry.code_rows))
      .erase(slot % geometry.code_rows);
  const auto row = template_at(geometry, pieces_.change(PieceKind::kTemplates, slot / geometry.template_rows),
                               slot % geometry.template_rows);
  std::fill(row.begin(), row.end(), 0.0F);
  put_id(pieces_.change(PieceKind::kIds, slot / geometry.id_rows), slot % geometry.id_rows, {});
}

bool LmdbWriteTransaction::update(const FaceRecord& face) {
  const std::optional<FacePlace> place = reader_.find_place(face.face);
  if (!place) {
    return false;
  }
  FaceRecord changed = reader_.record_at(place->slot, {face.face, place->person});
  if (says_the_same(changed, face)) {
    return true;
  }
  changed.person = face.person;
  changed.name = face.name;
  changed.metadata = face.metadata;
  const std::vector<std::uint8_t> record = write_record(changed);  // refuses what is too large
  whole([&] {
    if (changed.person != place->person) {
      const std::uint32_t rows = pieces_.root().geometry.id_rows;
      put_id(pieces_.change(PieceKind::kIds, place->slot / rows), place->slot % rows,
             {face.face, changed.person});
      const MDB_dbi persons = transaction_.tables().persons;
      transaction_.erase(persons, person_key(place->person, place->slot));
      transaction_.put(persons, person_key(changed.person, place->slot), {});
      means_.leave(place->slot, place->person);
      means_.touch(changed.person);
    }
    erase_large_record(place->slot);
    put_record(place->slot, record);
    ++pieces_.change_root().changes;
  });
  return true;
}

void LmdbWriteTransaction::set_decisions(std::span<const Decision> decisions) {
  require_decisions(decisions.size());
  std::vector<Decision> sorted(decisions.begin(), decisions.end());
  // Those about faces of the collection first: who needs these alone need not read on.
  std::ranges::stable_sort(sorted, {}, [](const Decision& decision) {
    return std::pair(decision.kind == Decision::Kind::kNotAgain, decision.kind);
  });
  const std::uint64_t there = pieces_.root().table(PieceKind::kDecisions).blocks;
  std::vector<std::vector<std::uint8_t>> payloads;
  for (std::size_t first = 0; first < sorted.size(); first += kDecisionRows) {
    payloads.push_back(
        write_decisions(std::span(sorted).subspan(first, std::min(kDecisionRows, sorted.size() - first)),
                        pieces_.root().geometry.dimension));
  }
  payloads.resize(std::max<std::size_t>(payloads.size(), there));  // blocks stay, empty
  const std::vector<Uuid> left_out_before = left_out_of_means(pieces_);
  whole([&] {
    for (std::uint64_t block = 0; block < payloads.size(); ++block) {
      const auto& payload = payloads[block];
      if (block < there && std::ranges::equal(pieces_.read(PieceKind::kDecisions, block), payload)) continue;
      pieces_.replace(PieceKind::kDecisions, block, payload);
    }
    const std::vector<Uuid> left_out = left_out_of_means(sorted);
    if (!left_out.empty())
      pieces_.change_root().newest_layout = true;  // earlier programs do not know this kind
    std::vector<Uuid> changed;
    std::ranges::set_symmetric_difference(left_out_before, left_out, std::back_inserter(changed));
    for (const Uuid& face : changed) {
      if (const auto place = reader_.find_place(face)) means_.touch(place->person);
    }
  });
}

bool LmdbWriteTransaction::erase(const Uuid& face) {
  const std::optional<FacePlace> place = reader_.find_place(face);
  if (!place) {
    return bury_left_out(face);
  }
  if (pieces_.root().faces == 0) {
    contradict("it counts too few faces");
  }
  erases_ = true;
  whole([&] {
    erase_rows(place->slot);
    erase_record(place->slot);
    const Tables& tables = transaction_.tables();
    transaction_.erase(tables.faces, face.bytes);
    transaction_.erase(tables.persons, person_key(place->person, place->slot));
    means_.leave(place->slot, place->person);
    --pieces_.change_root().faces;
  });
  bury(face, false);
  return true;
}

// A face that a migration left out is now erased on the former side too. That is a change, so true, once.
bool LmdbWriteTransaction::bury_left_out(const Uuid& face) {
  const std::optional<std::uint64_t> entry = reader_.find_erased(face);
  if (!entry || !erased_at(pieces_, *entry).left_out) {
    return false;
  }
  bury(face, false);
  return true;
}

void LmdbWriteTransaction::bury(const Uuid& face, bool left_out) {
  whole([&] {
    const MDB_dbi table = transaction_.tables().erased;
    std::uint64_t entry = pieces_.root().erased;
    if (const std::optional<std::uint64_t> known = reader_.erased_entry(face)) {
      entry = *known;
    } else {
      transaction_.put(table, face.bytes, write_slot(entry));
      pieces_.change_root().erased = entry + 1;
    }
    const std::uint64_t block = entry / kErasedRows;
    const std::size_t offset = entry % kErasedRows * kErasedSize;
    std::vector<std::uint8_t> payload;
    if (block < pieces_.root().table(PieceKind::kErased).blocks) {
      const Bytes before = pieces_.read(PieceKind::kErased, block);
      payload.assign(before.begin(), before.end());
    }
    payload.resize(std::max(payload.size(), offset + kErasedSize));
    std::copy(face.bytes.begin(), face.bytes.end(), payload.begin() + static_cast<std::ptrdiff_t>(offset));
    payload[offset + kErasedSize - 1] = left_out ? 1 : 0;
    pieces_.replace(PieceKind::kErased, block, payload);
  });
}

void LmdbWriteTransaction::finish() {
  if (map_full_) {
    throw MapFull{};
  }
  if (half_done_) {
    throw Error(Cause::kInternal, "INTERNAL", "a change of the collection failed and was not given up");
  }
  means_.finish();
  pieces_.write_all();
}

Committed commit_change(LmdbEnvironment& environment, const Sealing& sealing, const Tombstone* tombstone,
                        const std::function<void(LmdbWriteTransaction&)>& change, CollectionLock* writer) {
  for (;;) {
    try {
      LmdbTransaction transaction(environment, LmdbTransaction::Kind::kWrite);
      LmdbPieceWriter pieces(transaction, sealing);
      LmdbWriteTransaction view(transaction, sealing, pieces, tombstone);
      change(view);
      view.finish();
      transaction.commit();
      environment.fill_last_pages();
      return {pieces.root().switches, pieces.root().version, pieces.root_tag()};
    } catch (const MapFull&) {
      environment.grow();
    } catch (const Interrupted&) {  // NOLINT(bugprone-empty-catch): once more
    } catch (...) {
      if (writer != nullptr && environment.broken()) {
        writer->keep();
      }
      throw;
    }
  }
}

void commit_first_root(LmdbEnvironment& environment, const Sealing& sealing, const Root& root) {
  until_committed([&] {
    LmdbTransaction transaction(environment, LmdbTransaction::Kind::kWrite);
    write_first_root(transaction, sealing, root);
    transaction.commit();
  });
  environment.fill_last_pages();
}

}  // namespace facesearch::storage

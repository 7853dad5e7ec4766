// SPDX-License-Identifier: MIT
#include "facesearch/store/upkeep/check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/lmdb/means.hpp"
#include "facesearch/store/person_mean.hpp"

namespace facesearch::storage {
namespace {

class SideCheck {
 public:
  SideCheck(LmdbEnvironment& environment, const Sealing& sealing)
      : view_(environment, sealing), pieces_(view_.pieces), root_(view_.root()) {}

  CheckReport run() {
    check_rows();
    check_erased();
    decisions_of(pieces_);
    check_means();
    check_indexes();
    check_keys();
    return report_;
  }

 private:
  void check_rows();
  void check_block(std::uint64_t number);
  void check_row(std::uint64_t slot, const CodeBlock& block, std::size_t row);
  void check_erased();
  void check_means();
  std::uint64_t check_mean(const Uuid& person, const std::vector<std::uint64_t>& slots,
                           const std::vector<Uuid>& left_out) const;
  void check_indexes();
  void check_keys();
  std::uint64_t entries(MDB_dbi table) const;

  SideView view_;
  LmdbPieces& pieces_;
  const Root& root_;
  CheckReport report_;
  std::uint64_t large_ = 0;
  AlignedBytes wanted_;
};

void SideCheck::check_rows() {
  for (const PieceKind kind : {PieceKind::kIds, PieceKind::kTemplates, PieceKind::kRecords}) {
    const std::uint64_t rows = root_.table(PieceKind::kCodes).blocks * root_.geometry.code_rows;
    if (root_.table(kind).blocks * root_.geometry.rows(kind) + root_.geometry.rows(kind) <
        std::min(rows, root_.next_slot)) {
      contradict("blocks are missing");
    }
  }
  for (std::uint64_t block = 0; block < root_.table(PieceKind::kCodes).blocks; ++block) {
    check_block(block);
  }
  if (report_.faces != root_.faces) {
    contradict("it counts other faces than it has");
  }
  // Blocks that hold nobody are read too.
  for (const PieceKind kind : kCountedKinds) {
    for (std::uint64_t block = 0; block < root_.table(kind).blocks; ++block) {
      report_.bytes += pieces_.read(kind, block).size();
    }
  }
  report_.bytes += write_tail(root_.geometry, pieces_.tail_rows(PieceKind::kCodes)).span().size();
}

void SideCheck::check_block(std::uint64_t number) {
  const CodeBlock block = read_codes(root_.geometry, number, pieces_.read(PieceKind::kCodes, number));
  wanted_.make_room(block.stride);
  for (std::size_t row = 0; row < block.rows; ++row) {
    const std::uint64_t slot = block.first_slot + row;
    if (slot >= root_.table(PieceKind::kIds).blocks * root_.geometry.id_rows) {
      break;
    }
    check_row(slot, block, row);
  }
}

void SideCheck::check_row(std::uint64_t slot, const CodeBlock& block, std::size_t row) {
  const IdRow ids = view_.reader.ids_of(slot);
  const bool lives = ids.face != Uuid{};
  if (lives != is_live(block, row)) {
    contradict("a face and its codes are not there alike");
  }
  if (!lives) {
    return;
  }
  if (slot >= root_.next_slot) {
    contradict("a face is in a slot that was not given yet");
  }
  const CodeScale scale = encode_template(view_.reader.template_of(slot), wanted_.span());
  if (scale.scale != block.scales[row] || scale.error != block.errors[row] ||
      !std::equal(wanted_.span().begin(), wanted_.span().end(), block.codes + row * block.stride)) {
    contradict("the codes of a template are not its own");
  }
  view_.reader.record_at(slot, ids);
  const std::size_t rows = root_.geometry.record_rows;
  const auto record = find_record(pieces_.read(PieceKind::kRecords, slot / rows), rows, slot % rows);
  if (record && std::holds_alternative<LargeRecord>(*record)) {
    ++large_;
  }
  const auto place = view_.reader.hinted_place(ids.face);
  if (!place || place->slot != slot || place->person != ids.person) {
    contradict("the index of faces lacks a face");
  }
  ++report_.faces;
}

void SideCheck::check_erased() {
  for (const ErasedFace& erased : erased_faces(pieces_)) {
    if (!view_.reader.was_erased(erased.face) || view_.reader.hinted_place(erased.face)) {
      contradict("an erased face is not known as one");
    }
  }
}

[[noreturn]] void contradict_mean(const Uuid& person) {
  contradict(fmt::format("the mean of the person {} is not that of its faces", person.text()));
}

// Works every mean out from its faces once more.
void SideCheck::check_means() {
  if (root_.record.policy.match_by != MatchBy::kPerson) {
    if (root_.means != decltype(root_.means){} || root_.in_means != 0)
      contradict("it has means and needs none");
    return;
  }
  std::map<Uuid, std::vector<std::uint64_t>> persons;
  view_.reader.visit_ids(0, [&](std::uint64_t slot, const IdRow& ids) {
    persons[ids.person].push_back(slot);
    return true;
  });
  const std::vector<Uuid> left_out = left_out_of_means(pieces_);
  std::uint64_t in_means = 0;
  std::array<std::uint64_t, kMeanGroups> counts{};
  for (const auto& [person, slots] : persons) {
    const std::uint64_t faces = check_mean(person, slots, left_out);
    if (faces > 0) ++counts.at(mean_group(faces));
    in_means += faces;
  }
  std::uint64_t bits = 0;
  for (std::uint64_t block = 0; block < root_.table(PieceKind::kInMean).blocks; ++block) {
    for (const std::uint8_t byte : pieces_.read(PieceKind::kInMean, block)) {
      bits += static_cast<std::uint64_t>(std::popcount(byte));
    }
  }
  if (in_means != root_.in_means || in_means != bits || counts != root_.means) {
    contradict("it counts other means than it has");
  }
}

// How many faces are in the mean of the person that has these faces.
std::uint64_t SideCheck::check_mean(const Uuid& person, const std::vector<std::uint64_t>& slots,
                                    const std::vector<Uuid>& left_out) const {
  const MeanRows rows(view_.transaction, pieces_);
  std::vector<std::uint64_t> counted = slots;
  std::erase_if(counted, [&](std::uint64_t slot) {
    return std::ranges::binary_search(left_out, view_.reader.ids_of(slot).face);
  });
  const PersonMean mean = person_mean(templates_in(view_.reader, counted), root_.record.binding.calibration);
  std::vector<std::uint64_t> held;
  for (std::size_t i = 0; i < counted.size(); ++i) {
    if (mean.holds[i]) held.push_back(counted[i]);
  }
  for (const std::uint64_t slot : slots) {
    if (rows.in_mean(slot) != std::ranges::binary_search(held, slot)) contradict_mean(person);
  }
  const auto place = rows.find(person);
  if (place.has_value() != mean.values.has_value()) contradict_mean(person);
  if (!place) return 0;
  const bool same = place->group == mean_group(mean.faces) &&
                    is_same(rows.row_at(*place), mean_row(person, mean.faces, *mean.values));
  if (!same) contradict_mean(person);
  return mean.faces;
}

std::uint64_t SideCheck::entries(MDB_dbi table) const {
  std::uint64_t count = 0;
  LmdbCursor cursor(view_.transaction, table);
  for (bool more = cursor.first(); more; more = cursor.next()) {
    ++count;
  }
  return count;
}

void SideCheck::check_indexes() {
  const Tables& tables = view_.transaction.tables();
  const std::uint64_t means = std::accumulate(root_.means.begin(), root_.means.end(), std::uint64_t{0});
  if (entries(tables.faces) != root_.faces || entries(tables.persons) != root_.faces + means ||
      entries(tables.erased) != root_.erased) {
    contradict("an index has other entries than there are faces");
  }
  LmdbCursor cursor(view_.transaction, tables.persons);
  for (bool more = cursor.first(); more; more = cursor.next()) {
    ByteReader key(cursor.key());
    const Uuid person = key.uuid();
    const std::uint64_t slot = read_slot(key.take(8));
    key.end();
    if (slot == kMeanSlot) continue;  // check_means() has seen that of every mean
    const IdRow ids = view_.reader.ids_of(slot);
    if (ids.face == Uuid{} || ids.person != person || !cursor.value().empty()) {
      contradict("the index of persons points to another person");
    }
  }
}

// Nothing may lie among the pieces that the manifest does not know.
void SideCheck::check_keys() {
  std::uint64_t known = 1 + large_ + root_.tail.parts.size();
  for (const BlockTable& table : root_.tables) {
    known += table.blocks + table.leaves.size();
  }
  if (entries(view_.transaction.tables().pieces) != known) {
    contradict("there are pieces that its manifest does not know");
  }
  report_.pieces = known;
}

}  // namespace

CheckReport check_side(const SideUse& side) {
  return SideCheck(side.environment(), side.sealing()).run();
}

CheckReport check_side(OpenSide& side) {
  return SideCheck(side.environment, side.sealing).run();
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
// A person's mean is worked out anew from all of its faces: with n faces that costs n templates a commit, and
// never drifts. Rows of means have no holes: the last one of a group fills the place of one that goes.
#include "facesearch/store/lmdb/mean_changes.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/person_mean.hpp"

namespace facesearch::storage {
namespace {

std::vector<std::uint8_t> place_bytes(const MeanPlace& place) {
  ByteWriter writer;
  writer.number(place.group, 1);
  writer.number(place.row, 8);
  return writer.take();
}

}  // namespace

void MeanChanges::leave(std::uint64_t slot, const Uuid& person) {
  if (!kept_before_) return;
  std::uint64_t& left = touched_[person];
  if (!rows_.in_mean(slot)) return;
  set_in_mean(slot, false);
  ++left;
}

void MeanChanges::finish() {
  if (!is_by_person()) {
    if (kept_before_) drop_all();
    return;
  }
  if (!kept_before_) touch_all();
  if (touched_.empty()) return;
  left_out_ = left_out_of_means(pieces_);
  for (const auto& [person, left] : touched_) follow(person, left);
}

void MeanChanges::touch_all() {
  struct Last8Bytes {
    std::size_t operator()(const Uuid& id) const {
      return static_cast<std::size_t>(read_slot(Bytes(id.bytes).last(8)));
    }
  };
  std::unordered_map<Uuid, std::uint32_t, Last8Bytes> faces;
  FaceRows(pieces_).visit_ids(0, [&](std::uint64_t, const IdRow& ids) {
    if (++faces[ids.person] == 2) touched_[ids.person];
    return true;
  });
}

void MeanChanges::drop_all() {
  std::vector<Uuid> persons;
  for (std::size_t group = 0; group < kMeanGroups; ++group) {
    for (std::uint64_t row = 0; row < pieces_.root().means.at(group); ++row) {
      persons.push_back(rows_.row_at({group, row}).person);
    }
  }
  for (const Uuid& person : persons) {
    transaction_.erase(transaction_.tables().persons, person_key(person, kMeanSlot));
  }
  for (std::size_t group = 0; group < kMeanGroups; ++group) pieces_.drop(means_kind(group));
  pieces_.drop(PieceKind::kInMean);
  Root& root = pieces_.change_root();
  root.means = {};
  root.in_means = 0;
}

void MeanChanges::follow(const Uuid& person, std::uint64_t left) {
  const std::optional<MeanPlace> place = rows_.find(person);
  const FaceRows faces(pieces_);
  std::vector<std::uint64_t> slots = rows_.slots_of(person);
  std::uint64_t before = left;
  std::vector<std::uint64_t> outside;  // were left out since
  std::erase_if(slots, [&](std::uint64_t slot) {
    const bool in_mean = rows_.in_mean(slot);
    before += in_mean ? 1U : 0U;
    if (left_out_.empty() || !std::ranges::binary_search(left_out_, faces.ids_of(slot).face)) return false;
    if (in_mean) outside.push_back(slot);
    return true;
  });
  if (before != (place ? rows_.row_at(*place).faces : 0))
    contradict("the index of persons lacks a face or mean");
  const PersonMean mean = person_mean(templates_in(faces, slots), pieces_.root().record.binding.calibration);
  for (const std::uint64_t slot : outside) set_in_mean(slot, false);
  for (std::size_t i = 0; i < slots.size(); ++i) set_in_mean(slots[i], mean.holds[i]);
  if (place && mean.values && place->group == mean_group(mean.faces)) {
    put(*place, mean_row(person, mean.faces, *mean.values));
    return;
  }
  if (place) remove(*place, person);
  if (mean.values) append(mean_group(mean.faces), mean_row(person, mean.faces, *mean.values));
}

void MeanChanges::set_in_mean(std::uint64_t slot, bool in_mean) {
  if (rows_.in_mean(slot) == in_mean) return;
  set_bit(pieces_.change(PieceKind::kInMean, slot / kInMeanRows), slot % kInMeanRows, in_mean);
  std::uint64_t& count = pieces_.change_root().in_means;
  if (in_mean) {
    ++count;
  } else {
    if (count == 0) contradict("it counts too few faces in means");
    --count;
  }
}

void MeanChanges::put(const MeanPlace& place, const MeanRow& row) {
  const Geometry geometry = pieces_.root().geometry;
  put_mean(geometry, pieces_.change(means_kind(place.group), place.row / geometry.code_rows),
           place.row % geometry.code_rows, row);
  transaction_.put(transaction_.tables().persons, person_key(row.person, kMeanSlot), place_bytes(place));
}

void MeanChanges::append(std::size_t group, const MeanRow& row) {
  put({group, pieces_.change_root().means.at(group)++}, row);
}

void MeanChanges::remove(const MeanPlace& place, const Uuid& person) {
  const Geometry geometry = pieces_.root().geometry;
  const MeanPlace last{place.group, pieces_.root().means.at(place.group) - 1};
  if (last.row != place.row) put(place, rows_.row_at(last));
  erase_mean(geometry, pieces_.change(means_kind(last.group), last.row / geometry.code_rows),
             last.row % geometry.code_rows);
  --pieces_.change_root().means.at(place.group);
  transaction_.erase(transaction_.tables().persons, person_key(person, kMeanSlot));
}

}  // namespace facesearch::storage

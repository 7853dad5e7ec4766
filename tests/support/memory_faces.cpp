// SPDX-License-Identifier: MIT
#include "support/memory_faces.hpp"

#include "facesearch/core/error.hpp"
#include "facesearch/store/format/block_layout.hpp"
#include "facesearch/store/format/record_block.hpp"

namespace facesearch::memory {

CodeBlock MemoryCodeReader::read(std::uint64_t block) {
  const std::uint64_t start = block * kRows;
  if (rows_.empty()) return {};
  const std::size_t stride = code_stride(rows_.front()->values.size());
  codes_.assign(kRows * stride, 0);
  live_ = 0;
  for (auto at = slot_at(rows_, start); at != rows_.end() && (*at)->slot < start + kRows; ++at) {
    const std::size_t row = (*at)->slot - start;
    const CodeScale scale = encode_template((*at)->values, std::span(codes_).subspan(row * stride, stride));
    scales_[row] = scale.scale;
    errors_[row] = scale.error;
    live_ |= std::uint64_t{1} << row;
  }
  return {start, kRows, stride, codes_.data(), scales_.data(), errors_.data(), &live_, nullptr};
}

void MemoryWriteTransaction::add(const FaceRecord& face, std::span<const float> values) {
  storage::require_storable(values, dimension_);
  storage::write_record(face);  // refuses what is too large
  if (find_pair(faces_.slots, face.face).second || was_erased(face.face)) {
    throw Error(Cause::kInvalidValue, "FACE_ID_USED", "the collection has or had a face of this id");
  }
  put_at(faces_.next_slot++, face, values);
}

void MemoryWriteTransaction::put_at(std::uint64_t slot, const FaceRecord& face,
                                    std::span<const float> values) {
  storage::require_storable(values, dimension_);
  auto row = std::make_shared<const Row>(Row{slot, face, std::vector<float>(values.begin(), values.end())});
  const auto place = slot_at(faces_.rows, slot);
  if (place != faces_.rows.end() && (*place)->slot == slot) {
    *place = std::move(row);
    return;
  }
  faces_.rows.insert(place, std::move(row));
  faces_.slots.insert(find_pair(faces_.slots, face.face).first, {face.face, slot});
  count_in(face.person);
}

void MemoryWriteTransaction::count_in(const Uuid& person) {
  const auto [entry, known] = find_pair(faces_.persons, person);
  if (known) {
    ++entry->second;
  } else {
    faces_.persons.insert(entry, {person, 1});
  }
}

void MemoryWriteTransaction::count_out(const Uuid& person) {
  const auto entry = find_pair(faces_.persons, person).first;
  if (--entry->second == 0) {
    faces_.persons.erase(entry);
  }
}

bool MemoryWriteTransaction::update(const FaceRecord& face) {
  const auto row = find_row(face.face);
  if (!row) {
    return false;
  }
  if (says_the_same(row->record, face)) {
    return true;
  }
  auto changed = std::make_shared<Row>(*row);
  changed->record.person = face.person;
  changed->record.name = face.name;
  changed->record.metadata = face.metadata;
  storage::write_record(changed->record);  // refuses what is too large
  count_out(row->record.person);
  count_in(face.person);
  *slot_at(faces_.rows, row->slot) = std::move(changed);
  ++faces_.changes;
  return true;
}

void MemoryWriteTransaction::set_decisions(std::span<const Decision> decisions) {
  require_decisions(decisions.size());
  std::vector<Decision> sorted;
  for (const auto kind :
       {Decision::Kind::kNotThisPerson, Decision::Kind::kNotAgain, Decision::Kind::kNotInMean}) {
    for (const Decision& decision : decisions) {
      if (!decision.values.empty()) storage::require_storable(decision.values, dimension_);
      if (decision.kind == kind) sorted.push_back(decision);
    }
  }
  faces_.decisions = std::move(sorted);
}

std::vector<Decision> carried_over(std::vector<Decision> live, const std::vector<Decision>& own) {
  for (Decision& decision : live) {
    decision.values.clear();
    for (const Decision& other : own) {
      if (is_about_the_same(other, decision)) decision.values = other.values;
    }
  }
  return live;
}

bool MemoryWriteTransaction::erase(const Uuid& face) {
  const auto row = find_row(face);
  if (!row) {
    // What was left out is erased here and there from now on, which is a change: the answer is true, once.
    const bool left_out = std::erase(faces_.left_out, face) > 0;
    return left_out;
  }
  count_out(row->record.person);
  faces_.rows.erase(slot_at(faces_.rows, row->slot));
  faces_.slots.erase(find_pair(faces_.slots, face).first);
  bury(face, false);
  return true;
}

void MemoryWriteTransaction::bury(const Uuid& face, bool left_out) {
  const auto place = std::lower_bound(faces_.erased.begin(), faces_.erased.end(), face);
  if (place == faces_.erased.end() || *place != face) {
    faces_.erased.insert(place, face);
  }
  std::erase(faces_.left_out, face);
  if (left_out) {
    faces_.left_out.push_back(face);
  }
}

Faces in_new_slots(const Faces& faces, std::size_t dimension) {
  Faces anew;
  MemoryWriteTransaction target(anew, dimension);
  for (const auto& row : faces.rows) {
    target.put_at(anew.next_slot++, row->record, row->values);
  }
  anew.erased = faces.erased;
  anew.left_out = faces.left_out;
  for (const Decision& decision : faces.decisions) {
    const bool gone = decision.kind != Decision::Kind::kNotAgain && !target.find_face(decision.face);
    if (!gone) anew.decisions.push_back(decision);
  }
  return anew;
}

}  // namespace facesearch::memory

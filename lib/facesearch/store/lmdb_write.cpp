// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb_write.hpp"

#include <array>
#include <optional>
#include <string>

#include "facesearch/core/error.hpp"
#include "facesearch/store/json_records.hpp"
#include "facesearch/store/lmdb_call.hpp"

namespace facesearch::storage {
namespace {

constexpr std::array<std::uint8_t, 1> kLeftOut{1};

}  // namespace

template <class Change>
void LmdbWriteTransaction::whole(Change&& change) {
  half_done_ = true;
  try {
    change();
  } catch (const MapFull&) {
    map_full_ = true;
    throw;
  }
  half_done_ = false;
}

void LmdbWriteTransaction::add(const FaceRecord& face, std::span<const float> values) {
  require_storable(values, dimension_);
  if (reader_.find_place(face.face) || reader_.was_erased(face.face)) {
    throw Error(Cause::kInvalidValue, "FACE_ID_USED", "the collection has or had a face of this id");
  }
  const std::uint64_t slot = reader_.next_slot();
  put_at(slot, face, values);
  whole([&] { set_next_slot(slot + 1); });
}

void LmdbWriteTransaction::put_at(std::uint64_t slot, const FaceRecord& face, std::span<const float> values) {
  require_storable(values, dimension_);
  const bool known = reader_.find_place(face.face).has_value();
  whole([&] {
    const Tables& tables = transaction_.tables();
    transaction_.put(tables.rows, write_slot(slot), write_row(face.face, face.person, values));
    if (known) {
      return;
    }
    transaction_.put(tables.faces, face.face.bytes, write_face(slot, face));
    transaction_.put(tables.persons, face.person.bytes, write_count(reader_.faces_of(face.person) + 1));
    set_counter(kFaceCountKey, reader_.face_count() + 1);
  });
}

bool LmdbWriteTransaction::erase(const Uuid& face) {
  const std::optional<FacePlace> place = reader_.find_place(face);
  if (!place) {
    return bury_left_out(face);
  }
  const std::uint64_t person_faces = reader_.faces_of(place->person);
  const std::uint64_t faces = reader_.face_count();
  whole([&] {
    const Tables& tables = transaction_.tables();
    if (person_faces == 0 || faces == 0 || !transaction_.erase(tables.rows, write_slot(place->slot))) {
      throw Error(Cause::kStoreDamaged, "RECORD_INVALID", "the collection's tables contradict each other");
    }
    transaction_.erase(tables.faces, face.bytes);
    transaction_.put(tables.erased, face.bytes, {});
    if (person_faces == 1) {
      transaction_.erase(tables.persons, place->person.bytes);
    } else {
      transaction_.put(tables.persons, place->person.bytes, write_count(person_faces - 1));
    }
    set_counter(kFaceCountKey, faces - 1);
  });
  return true;
}

// What was left out is erased here and there from now on, which is a change: the answer is true, once.
bool LmdbWriteTransaction::bury_left_out(const Uuid& face) {
  const std::optional<Bytes> value = transaction_.get(transaction_.tables().erased, face.bytes);
  if (!value || value->empty()) {
    return false;
  }
  bury(face, false);
  return true;
}

void LmdbWriteTransaction::bury(const Uuid& face, bool left_out) {
  whole([&] {
    transaction_.put(transaction_.tables().erased, face.bytes, left_out ? Bytes(kLeftOut) : Bytes());
  });
}

void LmdbWriteTransaction::set_record(const CollectionRecord& record) {
  const std::string text = write_collection(record);
  whole([&] { transaction_.put(transaction_.tables().meta, bytes_of(kRecordKey), bytes_of(text)); });
}

void LmdbWriteTransaction::require_complete() const {
  if (map_full_) {
    throw MapFull{};
  }
  if (half_done_) {
    throw Error(Cause::kInternal, "INTERNAL", "a change of the collection failed and was not given up");
  }
}

std::vector<Uuid> erased_faces(const LmdbTransaction& transaction, bool left_out) {
  std::vector<Uuid> faces;
  LmdbCursor cursor(transaction, transaction.tables().erased);
  for (bool more = cursor.first(); more; more = cursor.next()) {
    if (cursor.value().empty() != left_out) {
      faces.push_back(read_uuid(cursor.key()));
    }
  }
  return faces;
}

void write_meta(LmdbTransaction& transaction, const CollectionRecord& record) {
  const std::string text = write_collection(record);
  const auto put = [&](std::string_view key, Bytes value) {
    transaction.put(transaction.tables().meta, bytes_of(key), value);
  };
  put(kLayoutKey, write_count(kLayoutVersion));
  put(kRecordKey, bytes_of(text));
  put(kNextSlotKey, write_count(0));
  put(kFaceCountKey, write_count(0));
}

void commit_change(LmdbEnvironment& environment, const std::function<void(LmdbTransaction&)>& change) {
  for (;;) {
    try {
      LmdbTransaction transaction(environment, LmdbTransaction::Kind::kWrite);
      change(transaction);
      transaction.commit();
      environment.fill_last_pages();
      return;
    } catch (const MapFull&) {
      environment.grow();
    }
  }
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "facesearch/store/lmdb_reader.hpp"

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/json_records.hpp"

namespace facesearch::storage {
namespace {

[[noreturn]] void contradict(std::string_view what) {
  throw Error(Cause::kStoreDamaged, "RECORD_INVALID",
              fmt::format("the collection's tables contradict each other: {}", what));
}

Bytes meta_value(const LmdbTransaction& transaction, std::string_view key) {
  const std::optional<Bytes> value = transaction.get(transaction.tables().meta, bytes_of(key));
  if (!value) {
    throw Error(Cause::kStoreDamaged, "RECORD_INVALID",
                fmt::format("the collection's table meta has no '{}'", key));
  }
  return *value;
}

}  // namespace

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::uint64_t LmdbReader::counter(std::string_view key) const {
  return read_count(meta_value(transaction_, key));
}

void LmdbReader::scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const {
  LmdbCursor cursor(transaction_, transaction_.tables().rows);
  std::vector<float> values(dimension_);
  for (bool more = cursor.seek(write_slot(first_slot)); more; more = cursor.next()) {
    TemplateRow row = read_row(cursor.value(), values);
    row.slot = read_slot(cursor.key());
    row.values = values;
    visit(row);
  }
}

std::optional<FaceRecord> LmdbReader::find_face(const Uuid& face) const {
  const std::optional<Bytes> value = transaction_.get(transaction_.tables().faces, face.bytes);
  return value ? std::optional(read_face(face, *value).record) : std::nullopt;
}

std::optional<FacePlace> LmdbReader::find_place(const Uuid& face) const {
  const std::optional<Bytes> value = transaction_.get(transaction_.tables().faces, face.bytes);
  return value ? std::optional(read_face_place(*value)) : std::nullopt;
}

std::optional<std::vector<float>> LmdbReader::find_template(const Uuid& face) const {
  const std::optional<FacePlace> place = find_place(face);
  if (!place) {
    return std::nullopt;
  }
  const std::optional<Bytes> value = transaction_.get(transaction_.tables().rows, write_slot(place->slot));
  std::vector<float> values(dimension_);
  if (!value || read_row(*value, values).face != face) {
    contradict("a face has no row of its own");
  }
  return values;
}

bool LmdbReader::was_erased(const Uuid& face) const {
  if (transaction_.get(transaction_.tables().erased, face.bytes)) {
    return true;
  }
  return tombstone_ != nullptr && tombstone_->contains(face) && !find_place(face);
}

std::uint64_t LmdbReader::faces_of(const Uuid& person) const {
  const std::optional<Bytes> value = transaction_.get(transaction_.tables().persons, person.bytes);
  return value ? read_count(*value) : 0;
}

FaceRecord LmdbReader::record_of(const Uuid& face) const {
  std::optional<FaceRecord> record = find_face(face);
  if (!record) {
    contradict("a row has no face of its own");
  }
  return std::move(*record);
}

FacePage LmdbReader::page(std::string_view term, std::uint64_t offset, std::size_t limit) const {
  if (term.empty()) {
    return page_of_all(offset, limit);
  }
  FacePage page;
  LmdbCursor cursor(transaction_, transaction_.tables().rows);
  for (bool more = cursor.first(); more; more = cursor.next()) {
    const Uuid face = read_row_face(cursor.value(), dimension_);
    if (face.text().find(term) == std::string::npos) {
      continue;
    }
    if (page.total >= offset && page.faces.size() < limit) {
      page.faces.push_back(record_of(face));
    }
    ++page.total;
  }
  return page;
}

FacePage LmdbReader::page_of_all(std::uint64_t offset, std::size_t limit) const {
  FacePage page;
  page.total = face_count();
  if (offset >= page.total || limit == 0) {
    return page;
  }
  LmdbCursor cursor(transaction_, transaction_.tables().rows);
  // While no face was ever erased a face's slot is its place.
  const std::uint64_t start = page.total == next_slot() ? offset : 0;
  bool more = cursor.seek(write_slot(start));
  for (std::uint64_t skip = offset - start; more && skip > 0; --skip) {
    more = cursor.next();
  }
  for (; more && page.faces.size() < limit; more = cursor.next()) {
    page.faces.push_back(record_of(read_row_face(cursor.value(), dimension_)));
  }
  return page;
}

CollectionRecord read_collection_record(const LmdbTransaction& transaction) {
  require_known_version(read_count(meta_value(transaction, kLayoutKey)));
  const Bytes record = meta_value(transaction, kRecordKey);
  return read_collection(std::string(record.begin(), record.end()));
}

std::vector<Uuid> all_faces(const LmdbTransaction& transaction) {
  std::vector<Uuid> faces;
  for (const MDB_dbi table : {transaction.tables().faces, transaction.tables().erased}) {
    LmdbCursor cursor(transaction, table);
    for (bool more = cursor.first(); more; more = cursor.next()) {
      faces.push_back(read_uuid(cursor.key()));
    }
  }
  return faces;
}

}  // namespace facesearch::storage

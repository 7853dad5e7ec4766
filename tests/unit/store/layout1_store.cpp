// SPDX-License-Identifier: MIT
// Writes stores as the program did before pieces were sealed, from the words of its document.
#include "store/layout1_store.hpp"

#include <fstream>

#include <fmt/format.h>

#include "facesearch/store/files/store_folder.hpp"
#include "facesearch/store/format/json_records.hpp"
#include "facesearch/store/format/tombstone.hpp"
#include "store/tables.hpp"

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;

std::string little(std::uint64_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(number >> (8 * i));
  return text;
}

std::string slot_key(std::uint64_t slot) {
  std::string text = little(slot, 8);
  return {text.rbegin(), text.rend()};
}

std::string counted(const std::string& text) {
  return little(text.size(), 4) + text;
}

std::string bytes_of(const Uuid& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

std::string row_of(const OldSide::Row& row) {
  std::string text = bytes_of(row.face.face) + bytes_of(row.face.person);
  return text.append(reinterpret_cast<const char*>(row.values.data()), row.values.size() * sizeof(float));
}

std::string face_of(const OldSide::Row& row) {
  std::string text = little(1, 1) + little(row.slot, 8) + bytes_of(row.face.person) +
                     little(static_cast<std::uint64_t>(row.face.created), 8) + counted(row.face.name) +
                     little(row.face.metadata.size(), 4);
  for (const auto& [key, value] : row.face.metadata) text += counted(key) + counted(value);
  return text;
}

// The record without the member that layout 1 did not have.
std::string record_of(const CollectionRecord& record) {
  std::string text = storage::write_collection(record);
  const std::size_t member = text.find(",\"sealed\"");
  REQUIRE(member != std::string::npos);
  return text.substr(0, member) + "}";
}

void write_side(const fs::path& folder, const OldSide& side) {
  fs::create_directories(folder);
  {
    Tables tables(folder, Tables::Mode::kMake);
    tables.put("meta", "layout", little(1, 8));
    tables.put("meta", "record", record_of(side.record));
    tables.put("meta", "next_slot", little(side.next_slot, 8));
    tables.put("meta", "faces", little(side.rows.size(), 8));
    for (const char* table : {"rows", "faces", "erased", "persons"}) tables.all(table);
    std::map<std::string, std::uint64_t> persons;
    for (const OldSide::Row& row : side.rows) {
      tables.put("rows", slot_key(row.slot), row_of(row));
      tables.put("faces", bytes_of(row.face.face), face_of(row));
      ++persons[bytes_of(row.face.person)];
    }
    for (const auto& [person, count] : persons) tables.put("persons", person, little(count, 8));
    for (const auto& [face, left_out] : side.erased) {
      tables.put("erased", bytes_of(face), left_out ? std::string(1, '\1') : std::string());
    }
  }
  fs::remove(folder / "lock.mdb");
}

}  // namespace

Uuid make_old_store(const fs::path& folder) {
  const Uuid id = Uuid::make();
  for (const char* part : {"", "collections", "tombstones", "locks"}) fs::create_directory(folder / part);
  std::ofstream(folder / "store.json")
      << fmt::format(R"({{"format":1,"uuid":"{}","created":1700000000000}})", id.text());
  std::ofstream(folder / "keys.json") << R"({"format":1,"keys":[]})";
  return id;
}

void put_old_collection(const fs::path& folder, const OldSide& live, const std::optional<OldSide>& kept) {
  const fs::path place = folder / "collections" / live.record.id;
  write_side(place, live);
  if (kept) write_side(place / "kept", *kept);
}

void put_old_tombstone(const fs::path& folder, const Uuid& store, const std::string& collection,
                       const std::vector<Uuid>& faces) {
  std::ofstream(storage::StoreFolder{folder, store}.tombstone(collection), std::ios::binary)
      << storage::write_tombstone(faces);
}

}  // namespace facesearch::test

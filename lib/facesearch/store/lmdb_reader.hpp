// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "facesearch/store/lmdb_environment.hpp"
#include "facesearch/store/store.hpp"
#include "facesearch/store/tombstone.hpp"

namespace facesearch::storage {

/// Keys of the table `meta`.
inline constexpr std::string_view kLayoutKey = "layout";
inline constexpr std::string_view kRecordKey = "record";
inline constexpr std::string_view kNextSlotKey = "next_slot";
inline constexpr std::string_view kFaceCountKey = "faces";

Bytes bytes_of(std::string_view text);

/// Reads the tables of a collection within a transaction; what Snapshot promises, member by member. Every
/// value is checked: Error(kStoreDamaged, RECORD_INVALID).
class LmdbReader {
 public:
  /// All are borrowed. `tombstone` may be null.
  LmdbReader(const LmdbTransaction& transaction, const Tombstone* tombstone, std::size_t dimension)
      : transaction_(transaction), tombstone_(tombstone), dimension_(dimension) {}

  std::uint64_t face_count() const { return counter(kFaceCountKey); }
  std::uint64_t next_slot() const { return counter(kNextSlotKey); }
  void scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const;
  std::optional<FaceRecord> find_face(const Uuid& face) const;
  std::optional<std::vector<float>> find_template(const Uuid& face) const;
  bool was_erased(const Uuid& face) const;
  bool has_person(const Uuid& person) const { return faces_of(person) > 0; }
  FacePage page(std::string_view term, std::uint64_t offset, std::size_t limit) const;

  std::optional<FacePlace> find_place(const Uuid& face) const;
  std::uint64_t faces_of(const Uuid& person) const;

 private:
  std::uint64_t counter(std::string_view key) const;
  FaceRecord record_of(const Uuid& face) const;
  FacePage page_of_all(std::uint64_t offset, std::size_t limit) const;

  const LmdbTransaction& transaction_;
  const Tombstone* tombstone_;
  std::size_t dimension_;
};

/// The record in `meta`, after the layout version was found to be ours.
CollectionRecord read_collection_record(const LmdbTransaction& transaction);

/// The ids of all faces, live and erased.
std::vector<Uuid> all_faces(const LmdbTransaction& transaction);

}  // namespace facesearch::storage

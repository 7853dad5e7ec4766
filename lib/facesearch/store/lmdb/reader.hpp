// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "facesearch/store/format/record_block.hpp"
#include "facesearch/store/format/tombstone.hpp"
#include "facesearch/store/lmdb/pieces.hpp"
#include "facesearch/store/store.hpp"

namespace facesearch::storage {

class IdCache;

/// All decisions of a side, in order.
std::vector<Decision> decisions_of(LmdbPieces& pieces);

/// The first of them: about faces of the side, so none of kNotAgain.
std::vector<Decision> decisions_on_faces(LmdbPieces& pieces);

/// Those of kNotThisPerson.
std::vector<Decision> rejections_of(LmdbPieces& pieces);

/// In the place of a slot in a key of the table persons: the entry of the person's mean. It comes last.
inline constexpr std::uint64_t kMeanSlot = ~std::uint64_t{0};

/// Where a face is.
struct FacePlace {
  std::uint64_t slot = 0;
  Uuid person;
};

/// The faces of a side by their slots, from its pieces alone. Borrows them. Throws Error(kStoreDamaged)
/// PIECE_INVALID or RECORD_INVALID.
class FaceRows {
 public:
  explicit FaceRows(LmdbPieces& pieces) : pieces_(pieces) {}

  /// Visits live faces in order of slots, until `visit` returns false.
  void visit_ids(std::uint64_t first_slot,
                 const std::function<bool(std::uint64_t slot, const IdRow& ids)>& visit) const;

  /// The same, all rows of a block at a time.
  void visit_id_blocks(std::uint64_t first_slot,
                       const std::function<bool(std::span<const FaceIds>)>& visit) const;

  /// See ShowFaces.
  void show(std::uint64_t first_slot, const TakeFace& take) const;

  FaceRecord record_at(std::uint64_t slot, const IdRow& ids) const;
  IdRow ids_of(std::uint64_t slot) const;
  std::span<const float> template_of(std::uint64_t slot) const;

 protected:
  LmdbPieces& pieces_;
};

/// Reads a side within a transaction; what Snapshot promises, member by member. The tables faces, persons and
/// erased are hints in clear: an entry is used after the pieces have confirmed it, and an id without an entry
/// is reported missing after the pieces have confirmed that. Throws as FaceRows.
class LmdbReader : public FaceRows {
 public:
  /// All are borrowed. `tombstone` may be null.
  /// `cache`: of the side; null where the pieces are being changed.
  LmdbReader(const LmdbTransaction& transaction, LmdbPieces& pieces, const Tombstone* tombstone,
             IdCache* cache)
      : FaceRows(pieces), transaction_(transaction), tombstone_(tombstone), cache_(cache) {}

  std::uint64_t face_count() const { return pieces_.root().faces; }
  std::uint64_t next_slot() const { return pieces_.root().next_slot; }
  std::uint64_t switches() const { return pieces_.root().switches; }
  std::uint64_t changes() const { return pieces_.root().changes; }
  void scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const;
  void visit_templates(std::span<const std::uint64_t> slots,
                       const std::function<void(const TemplateRow&)>& visit) const;
  void visit_faces(std::span<const std::uint64_t> slots,
                   const std::function<void(const FaceRecord&)>& visit) const;
  void visit_records(std::uint64_t first_slot, const std::function<void(const FaceRecord&)>& visit) const;
  std::optional<FaceRecord> find_face(const Uuid& face) const;
  std::optional<std::vector<float>> find_template(const Uuid& face) const;
  bool was_erased(const Uuid& face) const;
  std::vector<Decision> decisions() const { return decisions_of(pieces_); }
  std::vector<Decision> rejections() const { return rejections_of(pieces_); }
  bool has_person(const Uuid& person) const;
  std::vector<std::vector<std::uint64_t>> slots_of(std::span<const Uuid> persons) const;
  FacePage page(std::string_view term, std::uint64_t offset, std::size_t limit) const;

  std::optional<FacePlace> find_place(const Uuid& face) const;

  /// By the hint alone, confirmed by the pieces; none if there is no hint.
  std::optional<FacePlace> hinted_place(const Uuid& face) const;

  /// The entry of an erased face. erased_entry(): confirmed, if there is a hint; what has no hint is not
  /// looked for.
  std::optional<std::uint64_t> find_erased(const Uuid& face) const;
  std::optional<std::uint64_t> erased_entry(const Uuid& face) const;

  /// True if there is a hint that the face was erased here, or a tombstone.
  bool hinted_erased(const Uuid& face) const;

 private:
  bool is_live(const Uuid& face) const;

  const LmdbTransaction& transaction_;
  const Tombstone* tombstone_;
  IdCache* cache_;
};

/// An entry of the erased: a face that is gone, and whether a migration left it out, so on this side only.
struct ErasedFace {
  Uuid face;
  bool left_out = false;
};
inline constexpr std::size_t kErasedSize = 17;

ErasedFace erased_at(LmdbPieces& pieces, std::uint64_t entry);

/// All of them, in order.
std::vector<ErasedFace> erased_faces(LmdbPieces& pieces);
std::vector<Uuid> erased_ids(LmdbPieces& pieces);

/// Throws Error(kStoreDamaged, RECORD_INVALID).
[[noreturn]] void contradict(std::string_view what);

/// Blocks of codes, and of ids, for one thread of a scan; see Snapshot.
/// `kind`: kCodes or that of means.
std::unique_ptr<CodeReader> make_code_reader(const LmdbTransaction& transaction, const Sealing& sealing,
                                             LmdbPieces& pieces, std::mutex& mutex,
                                             PieceKind kind = PieceKind::kCodes);
std::unique_ptr<IdReader> make_id_reader(const LmdbTransaction& transaction, const Sealing& sealing,
                                         LmdbPieces& pieces, std::mutex& mutex);

/// The live rows of a block of ids.
void read_ids(const Geometry& geometry, std::uint64_t block, Bytes payload, std::vector<FaceIds>& found);

}  // namespace facesearch::storage

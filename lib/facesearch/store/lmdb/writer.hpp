// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "facesearch/store/lmdb/environment.hpp"
#include "facesearch/store/lmdb/mean_changes.hpp"
#include "facesearch/store/lmdb/reader.hpp"

namespace facesearch::storage {

/// What a snapshot and a write transaction have in common. Borrows all it is given.
template <class Base>
class LmdbView : public Base {
 public:
  LmdbView(const LmdbTransaction& transaction, const Sealing& sealing, LmdbPieces& pieces,
           const Tombstone* tombstone, IdCache* cache)
      : reader_(transaction, pieces, tombstone, cache),
        transaction_(transaction),
        sealing_(sealing),
        pieces_(pieces) {}

  std::uint64_t face_count() const override { return reader_.face_count(); }
  std::uint64_t next_slot() const override { return reader_.next_slot(); }
  std::uint64_t switches() const override { return reader_.switches(); }
  std::uint64_t changes() const override { return reader_.changes(); }
  std::uint64_t code_blocks() const override { return pieces_.root().table(PieceKind::kCodes).blocks; }
  std::unique_ptr<CodeReader> code_reader() const override {
    return make_code_reader(transaction_, sealing_, pieces_, mutex_);
  }
  std::uint64_t id_blocks() const override { return pieces_.root().table(PieceKind::kIds).blocks; }
  std::unique_ptr<IdReader> id_reader() const override {
    return make_id_reader(transaction_, sealing_, pieces_, mutex_);
  }
  void visit_templates(std::span<const std::uint64_t> slots,
                       const std::function<void(const TemplateRow&)>& visit) const override {
    reader_.visit_templates(slots, visit);
  }
  void scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const override {
    reader_.scan(first_slot, visit);
  }
  void visit_ids(std::uint64_t first_slot,
                 const std::function<bool(std::span<const FaceIds>)>& visit) const override {
    reader_.visit_id_blocks(first_slot, visit);
  }
  void visit_faces(std::span<const std::uint64_t> slots,
                   const std::function<void(const FaceRecord&)>& visit) const override {
    reader_.visit_faces(slots, visit);
  }
  void visit_records(std::uint64_t first_slot,
                     const std::function<void(const FaceRecord&)>& visit) const override {
    reader_.visit_records(first_slot, visit);
  }
  void show_faces(std::uint64_t first_slot, const TakeFace& take) const override {
    reader_.show(first_slot, take);
  }
  std::optional<FaceRecord> find_face(const Uuid& face) const override { return reader_.find_face(face); }
  std::optional<std::vector<float>> find_template(const Uuid& face) const override {
    return reader_.find_template(face);
  }
  bool was_erased(const Uuid& face) const override { return reader_.was_erased(face); }
  std::unique_ptr<Means> means() const override {
    return make_means(transaction_, sealing_, pieces_, mutex_);
  }
  std::vector<Uuid> erased() const override { return erased_ids(pieces_); }
  std::vector<Decision> decisions() const override { return reader_.decisions(); }
  std::vector<Decision> rejections() const override { return reader_.rejections(); }
  bool has_person(const Uuid& person) const override { return reader_.has_person(person); }
  std::vector<std::vector<std::uint64_t>> slots_of(std::span<const Uuid> persons) const override {
    return reader_.slots_of(persons);
  }
  FacePage page(std::string_view term, std::uint64_t offset, std::size_t limit) const override {
    return reader_.page(term, offset, limit);
  }

 protected:
  LmdbReader reader_;

 private:
  const LmdbTransaction& transaction_;
  const Sealing& sealing_;
  LmdbPieces& pieces_;
  mutable std::mutex mutex_;
};

/// Changes a side within a write transaction; whoever began it commits.
class LmdbWriteTransaction final : public LmdbView<WriteTransaction> {
 public:
  LmdbWriteTransaction(LmdbTransaction& transaction, const Sealing& sealing, LmdbPieceWriter& pieces,
                       const Tombstone* tombstone)
      : LmdbView(transaction, sealing, pieces, tombstone, nullptr),
        transaction_(transaction),
        pieces_(pieces),
        means_(transaction, pieces) {}

  void add(const FaceRecord& face, std::span<const float> values) override;
  bool update(const FaceRecord& face) override;
  void set_decisions(std::span<const Decision> decisions) override;
  bool erase(const Uuid& face) override;
  std::unique_ptr<CodeReader> code_reader() const override;
  std::unique_ptr<IdReader> id_reader() const override;
  std::unique_ptr<Means> means() const override { return nullptr; }

  /// Adds a face in a slot that is free, or gives the one that is in it other values. The counter of slots
  /// stays.
  void put_at(std::uint64_t slot, const FaceRecord& face, std::span<const float> values);

  /// Makes an id known as erased that is no live face's. `left_out`: on this side only, by a migration.
  void bury(const Uuid& face, bool left_out);

  /// True if faces were erased and nothing was added.
  bool only_erases() const { return erases_ && !adds_; }

  Root& change_root() { return pieces_.change_root(); }

  /// Seals all changes into the transaction. Throws if a change failed halfway, even if its exception was
  /// caught.
  void finish();

 private:
  template <class Change>
  void whole(Change&& change);
  enum class How : std::uint8_t {
    kKnown,    // the face is in the slot and gets another template
    kNew,      // in its blocks
    kAppended  // behind all others
  };

  // The values are storable.
  void place(std::uint64_t slot, const FaceRecord& face, std::span<const float> values, How how);
  void put_rows(std::uint64_t slot, const FaceRecord& face, std::span<const float> values,
                const std::vector<std::uint8_t>& record, bool known);
  void put_record(std::uint64_t slot, std::vector<std::uint8_t> record);
  void erase_large_record(std::uint64_t slot);
  void erase_record(std::uint64_t slot);
  void erase_rows(std::uint64_t slot);
  bool bury_left_out(const Uuid& face);

  LmdbTransaction& transaction_;
  LmdbPieceWriter& pieces_;
  MeanChanges means_;
  bool erases_ = false;
  bool adds_ = false;
  bool half_done_ = false;
  bool map_full_ = false;
};

/// What a commit made of a side's root.
struct Committed {
  std::uint64_t switches = 0;
  std::uint64_t version = 0;
  Tag tag{};
};

/// Runs `change` and commits it, again with a larger map as often as it takes. The caller is the only writer:
/// by `writer`, the lock that it holds, or because nobody else knows the side. If LMDB breaks in the middle,
/// its own lock is never released: then `writer` is kept until the process ends, so that others time out.
Committed commit_change(LmdbEnvironment& environment, const Sealing& sealing, const Tombstone* tombstone,
                        const std::function<void(LmdbWriteTransaction&)>& change,
                        CollectionLock* writer = nullptr);

/// Makes the first commit of a side that holds nothing. The environment is empty.
void commit_first_root(LmdbEnvironment& environment, const Sealing& sealing, const Root& root);

}  // namespace facesearch::storage

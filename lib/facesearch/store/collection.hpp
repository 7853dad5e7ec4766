// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "facesearch/core/template_codes.hpp"
#include "facesearch/store/means.hpp"
#include "facesearch/store/records.hpp"

/// An open collection: snapshots to read, transactions to write. See store.hpp for the errors.
namespace facesearch {

/// One page of faces in the order they were added.
struct FacePage {
  std::vector<FaceRecord> faces;
  std::uint64_t total = 0;  ///< how many match over all pages
};

/// Takes a face, its slot, its record and its template, valid during the call; false: no more of them.
using TakeFace =
    std::function<bool(std::uint64_t slot, const FaceRecord& face, std::span<const float> values)>;

/// Shows faces from a slot on, in rising order of slots, until `take` returns false.
using ShowFaces = std::function<void(std::uint64_t first_slot, const TakeFace& take)>;

/// Reads blocks of codes for one thread.
class CodeReader {
 public:
  virtual ~CodeReader() = default;

  /// Valid until the next one is read. `block` is below Snapshot::code_blocks().
  virtual CodeBlock read(std::uint64_t block) = 0;
};

/// Reads blocks of ids for one thread.
class IdReader {
 public:
  virtual ~IdReader() = default;

  /// The live rows of a block, in rising order of slots. Valid until the next one is read. `block` is below
  /// Snapshot::id_blocks().
  virtual std::span<const FaceIds> read(std::uint64_t block) = 0;
};

/// A consistent view of one collection; sees nothing that was committed after it was taken. Must not outlive
/// its Collection.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual std::uint64_t face_count() const = 0;

  /// Slots below this are in this view (or erased); later additions get this one and up.
  virtual std::uint64_t next_slot() const = 0;

  /// Rises each time a face gets another person, name or metadata, while switches() stays the same.
  virtual std::uint64_t changes() const = 0;

  /// Rises each time another side becomes the live one: by a rewrite, a migration or its revert. While it and
  /// the generation stay the same, a slot keeps its face.
  virtual std::uint64_t switches() const = 0;

  /// The number of code blocks; a scan reads blocks 0 to this minus one.
  virtual std::uint64_t code_blocks() const = 0;

  /// A reader for one thread of a scan. Take one for each thread, and use the view for nothing else
  /// meanwhile. Must not outlive the view.
  virtual std::unique_ptr<CodeReader> code_reader() const = 0;

  /// The same for face and person of each live row: blocks in rising order of slots.
  virtual std::uint64_t id_blocks() const = 0;
  virtual std::unique_ptr<IdReader> id_reader() const = 0;

  /// Visits these rows in this order; each is live.
  virtual void visit_templates(std::span<const std::uint64_t> slots,
                               const std::function<void(const TemplateRow&)>& visit) const = 0;

  /// Visits every live row with slot ≥ first_slot, in rising slot order.
  virtual void scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const = 0;

  /// Visits face and person of every live row with slot ≥ first_slot, in rising slot order, many at a time:
  /// valid during the call. Until `visit` returns false.
  virtual void visit_ids(std::uint64_t first_slot,
                         const std::function<bool(std::span<const FaceIds>)>& visit) const = 0;

  /// Visits the records in these slots in this order; each is live.
  virtual void visit_faces(std::span<const std::uint64_t> slots,
                           const std::function<void(const FaceRecord&)>& visit) const = 0;

  /// Visits every live face's record with slot ≥ first_slot, in rising slot order.
  virtual void visit_records(std::uint64_t first_slot,
                             const std::function<void(const FaceRecord&)>& visit) const = 0;

  /// Shows every live face with slot ≥ first_slot; see ShowFaces.
  virtual void show_faces(std::uint64_t first_slot, const TakeFace& take) const = 0;

  virtual std::optional<FaceRecord> find_face(const Uuid& face) const = 0;

  /// The template of a live face.
  virtual std::optional<std::vector<float>> find_template(const Uuid& face) const = 0;

  /// True if the id was a face of this collection (of any generation of its id) and is erased now.
  virtual bool was_erased(const Uuid& face) const = 0;

  /// The ids that were erased in this generation, in no certain order.
  virtual std::vector<Uuid> erased() const = 0;

  /// First those of kNotThisPerson, each kind in the order it was set. A decision on a face or person that is
  /// not there any more may be among them.
  virtual std::vector<Decision> decisions() const = 0;

  /// Those of kNotThisPerson; reads no others.
  virtual std::vector<Decision> rejections() const = 0;

  /// The means of persons; none where the collection is matched by face, and in a write transaction, which
  /// makes them at its end.
  virtual std::unique_ptr<Means> means() const = 0;

  /// True if any live face belongs to the person.
  virtual bool has_person(const Uuid& person) const = 0;

  /// The slots of each person's live faces, in rising order. One pass over all ids, for however many.
  virtual std::vector<std::vector<std::uint64_t>> slots_of(std::span<const Uuid> persons) const = 0;
  std::vector<std::uint64_t> slots_of(const Uuid& person) const { return slots_of({&person, 1}).front(); }

  /// Faces whose id's text contains `term` (empty: all), in order of slot.
  virtual FacePage page(std::string_view term, std::uint64_t offset, std::size_t limit) const = 0;
};

/// A view that can be changed. All or nothing: an exception leaves the collection as it was.
class WriteTransaction : public Snapshot {
 public:
  /// Adds a face in the next slot. `values.size()` is the collection's dimension.
  virtual void add(const FaceRecord& face, std::span<const float> values) = 0;

  /// Gives a live face the person, name and metadata of `face`; all else of it stays. That nothing
  /// differs is no change. False if it is not there.
  virtual bool update(const FaceRecord& face) = 0;

  /// Replaces the decisions. Throws as require_decisions(), and Error(kInvalidValue, TEMPLATE_INVALID).
  virtual void set_decisions(std::span<const Decision> decisions) = 0;

  /// Makes a face unreachable and leaves a tombstone (its id alone). False if it is not there. A face that
  /// NewSide::go_live() left out counts as there, once: the former side must not bring it back.
  virtual bool erase(const Uuid& face) = 0;
};

/// The former side that a migration kept: the collection as it was with its former pack.
struct KeptSide {
  CollectionRecord record;
  std::uint64_t faces = 0;
};

/// An open collection. Holds the collection's shared lock while it lives, so nobody deletes it meanwhile.
class Collection {
 public:
  virtual ~Collection() = default;

  /// As it was when the collection was opened.
  virtual const CollectionRecord& record() const = 0;

  virtual std::unique_ptr<Snapshot> snapshot() const = 0;

  /// Runs `change` alone among all writers of all processes and makes it durable before it returns.
  /// `change` may be run more than once (when the map has to grow): it must not depend on how often, and it
  /// must not open another transaction. Waits at most the store's lock timeout (kStoreBusy).
  virtual void write(const std::function<void(WriteTransaction&)>& change) = 0;

  /// Changes the policy, and Calibration::of_means, in the present record; like write(). If `change` throws,
  /// all stays. record() stays what it was. What else `change` changes is not kept.
  virtual void update_record(const std::function<void(CollectionRecord&)>& change) = 0;

  /// Replaces the policy alone.
  void update_policy(const std::function<Policy(const CollectionRecord&)>& change) {
    update_record([&](CollectionRecord& record) { record.policy = change(record); });
  }

  /// The side that NewSide::go_live() replaced, while it is kept.
  virtual std::optional<KeptSide> kept_side() const = 0;
};

}  // namespace facesearch

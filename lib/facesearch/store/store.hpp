// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facesearch/core/template_codes.hpp"
#include "facesearch/store/backup.hpp"
#include "facesearch/store/records.hpp"

/// The narrow door between the service and what keeps faces. Two engines stand behind it: LMDB on disk
/// and plain memory (tests); tests/unit/store/conformance.cpp runs on both.
///
/// Every function may throw Error(kStoreBusy), (kStoreDamaged), (kFileSystem), (kPermissionDenied).
namespace facesearch {

/// One page of faces in the order they were added.
struct FacePage {
  std::vector<FaceRecord> faces;
  std::uint64_t total = 0;  ///< how many match over all pages
};

/// Takes a face, its slot, its record and its template, valid during the call; false: no more of them.
using TakeFace =
    std::function<bool(std::uint64_t slot, const FaceRecord& face, std::span<const float> values)>;

/// Shows faces from a slot on, in rising order of slots, till `take` answers false.
using ShowFaces = std::function<void(std::uint64_t first_slot, const TakeFace& take)>;

/// Reads blocks of codes for one thread.
class CodeReader {
 public:
  virtual ~CodeReader() = default;

  /// Valid till the next one is read. `block` is below Snapshot::code_blocks().
  virtual CodeBlock read(std::uint64_t block) = 0;
};

/// A consistent view of one collection; sees nothing that was committed after it was taken. Must not outlive
/// its Collection.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  virtual std::uint64_t face_count() const = 0;

  /// Slots below this are in this view (or erased); later additions get this one and up.
  virtual std::uint64_t next_slot() const = 0;

  /// Rises each time a side takes the place of another: by a rewriting, a migration, a way back. While it and
  /// the generation are the same, so is the face of a slot.
  virtual std::uint64_t switches() const = 0;

  /// How many blocks of codes a scan has to read: numbers below this.
  virtual std::uint64_t code_blocks() const = 0;

  /// A reader for one thread of a scan; as many as there are threads, while nobody uses the view otherwise.
  /// Must not outlive the view.
  virtual std::unique_ptr<CodeReader> code_reader() const = 0;

  /// Visits these rows in this order; each is live.
  virtual void visit_templates(std::span<const std::uint64_t> slots,
                               const std::function<void(const TemplateRow&)>& visit) const = 0;

  /// Visits every live row with slot ≥ first_slot, in rising slot order.
  virtual void scan(std::uint64_t first_slot, const std::function<void(const TemplateRow&)>& visit) const = 0;

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

  /// True if any live face belongs to the person.
  virtual bool has_person(const Uuid& person) const = 0;

  /// The slots of each person's live faces, in rising order. One pass over all ids, for however many.
  virtual std::vector<std::vector<std::uint64_t>> slots_of(std::span<const Uuid> persons) const = 0;
  std::vector<std::uint64_t> slots_of(const Uuid& person) const { return slots_of({&person, 1}).front(); }

  /// Faces whose id's text contains `term` (empty: all), in order of slot.
  virtual FacePage page(std::string_view term, std::uint64_t offset, std::size_t limit) const = 0;
};

/// A view that may be changed. All or nothing: an exception leaves the collection as it was.
class WriteTransaction : public Snapshot {
 public:
  /// Adds a face in the next slot. `values.size()` is the collection's dimension.
  virtual void add(const FaceRecord& face, std::span<const float> values) = 0;

  /// Makes a face unreachable and leaves a tombstone (its id alone). False if it is not there. One that
  /// NewSide::go_live() left out is there for this, once: a kept side must not bring it back.
  virtual bool erase(const Uuid& face) = 0;
};

/// What a migration has replaced: the collection as it was with its former pack.
struct KeptSide {
  CollectionRecord record;
  std::uint64_t faces = 0;
};

/// An open collection. Holds the collection's shared lock while it lives, so it is never deleted under it.
class Collection {
 public:
  virtual ~Collection() = default;

  virtual const CollectionRecord& record() const = 0;

  virtual std::unique_ptr<Snapshot> snapshot() const = 0;

  /// Runs `change` alone among all writers of all processes and makes it durable before it returns.
  /// `change` may be run more than once (when the map has to grow) and must not depend on how often; it
  /// must not open another transaction. Waits at most the store's lock timeout (kStoreBusy).
  virtual void write(const std::function<void(WriteTransaction&)>& change) = 0;

  /// The side that NewSide::go_live() replaced, while it is kept.
  virtual std::optional<KeptSide> kept_side() const = 0;
};

/// A face's template of another pack.
struct NewTemplate {
  Uuid face;
  std::vector<float> values;
};

/// A live face and its slot.
struct FaceSlot {
  std::uint64_t slot = 0;
  Uuid face;
};

/// What a collection is about to become.
struct Becoming {
  CollectionRecord record;         ///< as it will be; the policy is the one of now
  std::uint64_t faces = 0;         ///< that will be live
  std::vector<FaceSlot> left_out;  ///< live faces without a new template, in order of slots
};

/// A new side of a live collection, in the making: its faces with templates of another pack. Nobody sees it
/// before go_live(), and without that nothing of it stays. It locks nothing between calls: the collection is
/// searched, changed and even deleted meanwhile. One thread at a time.
class NewSide {
 public:
  virtual ~NewSide() = default;

  /// Gives faces their new templates, in the place of such as they have been given before. What is no live
  /// face is passed over. Throws as Store::open(), and Error(kInvalidValue, COLLECTION_CHANGED) if the
  /// collection is of another generation by now.
  virtual void put(const std::vector<NewTemplate>& templates) = 0;

  /// Puts this side in the place of the live one, alone with the collection, durably and at once: whatever
  /// ends the process, one of the two is live and whole. The other one is kept. Ids, slots, persons, names
  /// and erased ids are those of the collection at that moment; what has no new template is left out: it
  /// counts as erased while this side is live. `accept` may look at it last; if it throws, nothing has
  /// changed. Waits for all who have the collection open, and throws as put(). To be called once.
  virtual void go_live(const std::function<void(const Becoming&)>& accept) = 0;
};

/// What a new collection begins with. The ids of all faces are different.
struct Beginning {
  ShowFaces faces;           ///< in slots that are given anew, in this order; may be asked for the same twice
  std::uint64_t count = 0;   ///< of faces, at most: what space is looked for
  std::vector<Uuid> erased;  ///< known as erased; none is one of the faces
};

/// What is known of a collection id.
enum class CollectionState : std::uint8_t { kNever, kLive, kDeleted };

/// What Store::rewrite() made of a collection.
struct RewriteReport {
  std::uint64_t faces = 0;
  std::uint64_t bytes_before = 0;  ///< of its data file; 0 in memory
  std::uint64_t bytes_after = 0;
};

/// What Store::check() has read and found whole.
struct CheckReport {
  std::uint64_t faces = 0;
  std::uint64_t pieces = 0;
  std::uint64_t bytes = 0;  ///< of what the pieces hold
};

/// A face that Store::repair() could not save: its id is known, and that part of it is lost.
struct LostFace {
  enum class Part : std::uint8_t { kTemplate, kRecord };

  Uuid face;
  Part part = Part::kTemplate;
};

/// What Store::repair() saved, and what it could not.
struct RepairReport {
  std::uint64_t faces = 0;           ///< saved
  std::vector<LostFace> lost;        ///< in the order they were added
  std::uint64_t rows_unknown = 0;    ///< places whose ids are lost and that may have held a face
  std::uint64_t erased = 0;          ///< ids of erased faces that are known as such in the new collection
  std::uint64_t erased_unknown = 0;  ///< ids of erased faces that are lost
  bool former = false;               ///< a later state of the collection was there, or may have been
  std::optional<std::uint64_t> commits_behind;  ///< by how many changes it was later, where that is known
  std::optional<std::uint64_t> side;  ///< the side that was taken, where the collection did not say which

  /// True if nothing is known or feared to be lost.
  bool whole() const { return lost.empty() && rows_unknown == 0 && erased_unknown == 0 && !former; }
};

class Store {
 public:
  virtual ~Store() = default;

  virtual const Uuid& id() const = 0;

  // API keys.
  virtual std::vector<ApiKeyRecord> keys() const = 0;  ///< in the order they were added
  virtual void add_key(const ApiKeyRecord& key) = 0;
  /// False if there is no such key. A key revoked already keeps its first time.
  virtual bool revoke_key(const Uuid& key, Timestamp when) = 0;

  /// Makes a new master key and wraps every data key anew by it; the former one opens nothing any more. A
  /// passphrase takes the place of the former one; an empty one: there is none any more; none: as it was.
  /// Throws Error(kMasterKey), Error(kStoreBusy) while a migration is under way.
  virtual void rotate_master(const std::optional<std::string>& new_passphrase) = 0;

  // Collections.
  virtual CollectionState state(std::string_view id) const = 0;

  /// Makes it durably, whole or not at all. Throws Error(kCollectionExists).
  virtual void create(const CollectionRecord& collection) = 0;

  /// The same, with faces in it. Throws what `with` throws; then there is no collection.
  virtual void create_with(const CollectionRecord& collection, const Beginning& with) = 0;

  /// The ids of the live collections, sorted. Opens none, so neither a busy nor a damaged one hinders it.
  virtual std::vector<std::string> ids() const = 0;

  /// Opens a live collection. Throws Error(kCollectionNotFound), Error(kCollectionDeleted).
  virtual std::unique_ptr<Collection> open(std::string_view id) = 0;

  /// Puts what `change` makes of the record as it is now in the place of its policy; alone among all writers
  /// of all processes, durably. If `change` throws, the policy stays. It may be run more than once and must
  /// not use the store. Throws as open().
  virtual void update_policy(std::string_view id,
                             const std::function<Policy(const CollectionRecord&)>& change) = 0;

  /// Deletes it and its faces; leaves a tombstone (no name, nothing biometric) that knows its face ids: of a
  /// damaged one those that can still be read. Waits for all who have it open. Throws
  /// Error(kCollectionNotFound), Error(kCollectionDeleted).
  virtual void remove(std::string_view id) = 0;

  /// Reads and compares everything of a collection, its kept side too. Throws Error(kStoreDamaged) for the
  /// first thing that is not as it was written, and as open().
  virtual CheckReport check(std::string_view id) = 0;

  /// Makes the collection `new_id` of all of `id` that is what was written, however damaged that is: with the
  /// pack, the policy, the faces and the erased ids of its live side. `id` stays as it is. `dry_run`: makes
  /// nothing and only says what would be saved. Waits for all who have `id` open. Throws as create() and as
  /// open(), Error(kStoreDamaged) if nothing at all can be saved.
  virtual RepairReport repair(std::string_view id, const std::string& new_id, bool dry_run) = 0;

  /// Writes a collection anew, under a new data key if it is sealed, and switches to that at once: what was
  /// erased is gone, the place it took too, and slots are given anew. `without`: a live face that is erased
  /// in the same step. Waits for all who have the collection open. Throws Error(kInvalidValue,
  /// MIGRATION_UNCONFIRMED) while a former side is kept, Error(kFaceGone), Error(kFaceUnknown), and as
  /// open().
  virtual RewriteReport rewrite(std::string_view id, const std::optional<Uuid>& without) = 0;

  /// Writes collections as they are, all or some, and what makes a store of them into one file; durably,
  /// verified, whole or not at all, while others search and enrol. Throws Error(kInvalidValue): FILE_EXISTS,
  /// BACKUP_INSIDE_STORE; Error(kStoreDamaged) that names a collection; as open(). A store in memory has
  /// none: Error(kInvalidValue, NO_BACKUP).
  virtual BackupReport backup(const BackupRequest& request) = 0;

  /// Makes collections anew from a backup of this store, one after the other, each whole or not there. Throws
  /// Error(kInvalidValue): FILE_NOT_FOUND, BACKUP_DAMAGED, BACKUP_VERSION_UNKNOWN, BACKUP_OF_OTHER_STORE,
  /// BACKUP_UNSIGNED, NOT_IN_BACKUP; Error(kMasterKey); Error(kCollectionExists) before any is restored.
  virtual BackupReport restore(const RestoreRequest& request) = 0;

  // Another pack for a collection: built beside it, switched at once, the former side kept until one of the
  // last two calls. All throw as open().

  /// Begins a side with templates of `binding`. Throws Error(kInvalidValue, MIGRATION_UNCONFIRMED) while a
  /// former side is kept.
  virtual std::unique_ptr<NewSide> build_side(std::string_view id, const PackBinding& binding) = 0;

  /// Deletes the kept side. Waits for all who have the collection open. Throws Error(kInvalidValue,
  /// NO_MIGRATION) if there is none.
  virtual void confirm_side(std::string_view id) = 0;

  /// Makes the kept side the live one again and deletes the other, at once as go_live(). What was erased
  /// since is erased there too; what was left out is back; the policy stays as it is now. `accept` sees the
  /// record as it will be; if it throws, nothing has changed. Throws as confirm_side(), and
  /// Error(kInvalidValue, FACES_ADDED) if there are faces that the kept side has not.
  virtual void revert_side(std::string_view id,
                           const std::function<void(const CollectionRecord&)>& accept) = 0;
};

/// The contract's rule: `[A-Za-z0-9][A-Za-z0-9_.-]{0,127}`.
bool is_collection_id(std::string_view id);

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/store/backup/write_backup.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/crypto/master_keys.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/lmdb/collection.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxRecordFile = 64U << 20;
constexpr std::size_t kMaxWrapFile = 4096;

using VisitPiece = std::function<void(const PieceName& name, Bytes piece)>;

// Every piece that the manifest knows, in order of names, each verified.
void visit_pieces(LmdbPieces& pieces, const VisitPiece& visit) {
  const Root& root = pieces.root();
  const auto show = [&](const PieceName& name) { visit(name, pieces.stored(name, nullptr)); };
  const auto show_blocks = [&](PieceKind kind) {
    for (std::uint64_t block = 0; block < root.table(kind).blocks; ++block) {
      pieces.read(kind, block);
      show(name_of(kind, block));
    }
  };
  for (const PieceKind kind : kCountedKinds) {
    if (kind < PieceKind::kLarge) show_blocks(kind);
  }
  const std::size_t rows = root.geometry.record_rows;
  for (std::uint64_t block = 0; block < root.table(PieceKind::kRecords).blocks; ++block) {
    for (std::size_t row = 0; row < rows; ++row) {
      const auto record = find_record(pieces.read(PieceKind::kRecords, block), rows, row);
      if (!record || !std::holds_alternative<LargeRecord>(*record)) continue;
      const PieceName name = name_of(PieceKind::kLarge, block * rows + row);
      pieces.read_large(name.number, std::get<LargeRecord>(*record).tag);
      show(name);
    }
  }
  for (const PieceKind kind : kCountedKinds) {
    if (kind > PieceKind::kLarge) show_blocks(kind);
  }
  std::uint64_t slot = root.tail.first_slot;
  for (const Tail::Part& part : root.tail.parts) {
    show(name_of(PieceKind::kTail, slot));
    slot += part.rows;
  }
  show(name_of(PieceKind::kRoot, 0));
  for (const PieceKind kind : kCountedKinds) {
    pieces.tags(kind);
    for (std::uint64_t i = 0; i < root.table(kind).leaves.size(); ++i) {
      show(leaf_name(kind, i));
    }
  }
}

// The pieces have this many bytes at least: records are longer than that.
std::uint64_t least_bytes(const Root& root) {
  std::uint64_t bytes = root.faces * 16 + root.erased * kErasedSize;
  for (const PieceKind kind : kCountedKinds) {
    bytes += root.table(kind).blocks * (root.geometry.size(kind) + kPieceExtra);
  }
  return bytes;
}

// A backup inside of the store would be in the next one, be swept, or go with the store.
void require_outside(const fs::path& store, const fs::path& file) {
  const fs::path folder = fs::absolute(file).lexically_normal().parent_path();
  std::error_code failed;
  fs::path at = fs::canonical(folder, failed);
  if (failed) throw_errno(failed.value(), "make a backup in", folder);
  for (;; at = at.parent_path()) {
    if (is_same_file(at, store)) {
      throw Error(
          Cause::kInvalidValue, "BACKUP_INSIDE_STORE",
          fmt::format("{} is inside of the store {}; keep backups elsewhere", file.string(), store.string()));
    }
    if (at == at.root_path()) return;
  }
}

// The wrap of a side's data key under the present master key; empty if the side is not sealed.
std::string wrap_of(OpenStore& store, const std::string& id, const SideUse& side) {
  if (!side.sealing().sealed()) return {};
  const fs::path file = store.folder.side(id, side.number()) / kWrapFile;
  return rewrap(read_file(file, kMaxWrapFile), store.keys, side_place(store.folder.id, id, side.number()));
}

class Backup {
 public:
  Backup(std::shared_ptr<OpenStore> store, const BackupRequest& request)
      : store_(std::move(store)), request_(request) {}

  BackupReport run(const std::vector<std::string>& live);

 private:
  using Use = std::function<void(LmdbCollection&)>;

  void with_collection(const std::string& id, const Use& use) const;
  void estimate(const std::vector<std::string>& ids);
  void write(NewBackupFile& file, const std::vector<std::string>& ids);
  void write_collection(BackupWriter& writer, const std::string& id, LmdbCollection& collection);
  void write_tombstones(BackupWriter& writer) const;
  BackupReport read_back(const NewBackupFile& file) const;

  std::shared_ptr<OpenStore> store_;
  const BackupRequest& request_;
  std::uint64_t least_ = 0;
  std::vector<BackedUp> written_;
};

// What is deleted while all are backed up is left out, as if that had been before.
void Backup::with_collection(const std::string& id, const Use& use) const {
  try {
    require_live(store_->folder, id);
    LmdbCollection collection(store_, id);
    use(collection);
  } catch (const Error& error) {
    const bool gone =
        error.cause() == Cause::kCollectionDeleted || error.cause() == Cause::kCollectionNotFound;
    if (gone && request_.collections.empty()) return;
    if (error.cause() != Cause::kStoreDamaged) throw;
    throw Error(error.cause(), error.reason(),
                fmt::format("the collection '{}' is damaged, so no backup was made; back up the others by "
                            "naming them with --collection: {}",
                            id, error.detail()));
  }
}

void Backup::estimate(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    with_collection(
        id, [&](LmdbCollection& collection) { least_ += least_bytes(SideView(collection.side()).root()); });
  }
}

void Backup::write_collection(BackupWriter& writer, const std::string& id, LmdbCollection& collection) {
  SideView view(collection.side());
  BackedUp done{id, view.root().faces, 0, 0};
  writer.collection(collection.side().number(), id, wrap_of(*store_, id, collection.side()));
  visit_pieces(view.pieces, [&](const PieceName& name, Bytes piece) {
    writer.piece(name, piece);
    ++done.pieces;
    done.bytes += piece.size();
    if (request_.progress) request_.progress("writing", writer.size(), std::max(least_, writer.size()));
  });
  written_.push_back(std::move(done));
}

void Backup::write_tombstones(BackupWriter& writer) const {
  for (const std::string& name : entries_of(store_->folder.tombstones())) {
    Sha256 digest{};
    if (!from_hex(name, digest)) continue;
    if (const auto tombstone = Tombstone::open(store_->folder.tombstones() / name)) {
      writer.tombstone(digest, write_tombstone(tombstone->all()));
    }
  }
}

void Backup::write(NewBackupFile& file, const std::vector<std::string>& ids) {
  BackupHeader header{store_->folder.id, now(), {}};
  std::optional<Secret> key;
  if (store_->keys.is_there()) {
    const MasterKeys::Named& master = store_->keys.present();
    from_hex(master.id, header.master);
    key = backup_key(master.key);
  }
  BackupWriter writer(header, key, [&file](Bytes bytes) { file.write(bytes); });
  writer.store(read_file(store_->folder.store_file(), kMaxRecordFile));
  writer.keys(read_file(store_->folder.key_file(), kMaxRecordFile));
  for (const std::string& id : ids) {
    with_collection(id, [&](LmdbCollection& collection) { write_collection(writer, id, collection); });
  }
  // Last: what was deleted meanwhile has its tombstone by now.
  write_tombstones(writer);
  writer.end();
  file.sync();
}

BackupReport Backup::read_back(const NewBackupFile& file) const {
  const BackupFile bytes(file.temporary());
  const auto masters_of = [this](const BackupHeader&) -> MasterKeys& { return store_->keys; };
  const OpenBackup made(bytes, masters_of, request_.progress);
  BackupReport report = verified(made, request_.progress);
  const auto same = [](const BackedUp& a, const BackedUp& b) {
    return a.id == b.id && a.faces == b.faces && a.pieces == b.pieces && a.bytes == b.bytes;
  };
  if (!std::ranges::equal(report.collections, written_, same)) {
    made.bytes().damaged("it does not hold what was written to it");
  }
  return report;
}

BackupReport Backup::run(const std::vector<std::string>& live) {
  require_outside(store_->folder.root, request_.file);
  NewBackupFile file(request_.file);
  std::vector<std::string> ids = request_.collections.empty() ? live : request_.collections;
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  estimate(ids);
  require_space(fs::absolute(request_.file).parent_path(), least_, "make the backup");
  write(file, ids);
  BackupReport report = [&] {
    try {
      return read_back(file);
    } catch (const Error& error) {
      if (!error.is(reason::kBackupDamaged)) throw;
      throw Error(Cause::kFileSystem, "IO_ERROR",
                  fmt::format("the disk does not give back what was written to it, so no backup was made: {}",
                              error.detail()));
    }
  }();
  file.commit();
  return report;
}

// A backup is opened by the key that it was made under, or, if it is under none, where there is none.
std::optional<Secret> key_of(const BackupHeader& header, MasterKeys& masters) {
  if (!header.keyed()) {
    if (!masters.is_there()) return std::nullopt;
    throw Error(Cause::kInvalidValue, "BACKUP_UNSIGNED",
                fmt::format("the backup is under no master key, so anybody can have made it, and the store "
                            "has one in {}",
                            masters.file().string()));
  }
  try {
    return backup_key(masters.find(hex(header.master)));
  } catch (const Error& error) {
    if (!error.is(reason::kMasterKeyWrong)) throw;
    throw Error(error.cause(), error.reason(),
                fmt::format("the backup was made under the master key {}, and {} does not hold it: it was "
                            "replaced since. Name a copy of the file from then with --backup-key-file",
                            hex(header.master), masters.file().string()));
  }
}

}  // namespace

BackupReport back_up(const std::shared_ptr<OpenStore>& store, const BackupRequest& request,
                     const std::vector<std::string>& live) {
  return Backup(store, request).run(live);
}

OpenBackup::OpenBackup(const BackupBytes& from, const FindMasters& masters_of, const BackupProgress& progress)
    : from_(from) {
  contents_ = read_backup(
      from_,
      [&](const BackupHeader& header) {
        masters_ = &masters_of(header);
        return key_of(header, *masters_);
      },
      progress);
}

namespace {

Sealing sealing_of(const OpenBackup& backup, const BackupCollection& collection) {
  const Sha256 place = side_place(backup.contents().header.store, collection.id, collection.side);
  if (collection.wrap.empty()) return {place, std::nullopt};
  return {place, read_wrap(collection.wrap, backup.masters(), place)};
}

}  // namespace

BackupSide::BackupSide(const OpenBackup& backup, const BackupCollection& collection)
    : from_(backup.bytes()),
      collection_(collection),
      sealing_(reading(from_, [&] { return sealing_of(backup, collection); })) {
  reading(from_, [&] {
    pieces_.emplace(static_cast<PieceSource&>(*this), sealing_);
    const CollectionRecord& record = root().record;
    if (record.sealed != sealing_.sealed()) {
      from_.damaged("a collection in it is not the one that it says");
    }
    sealing_.bind(record.generation, record.binding);
  });
}

std::optional<Bytes> BackupSide::find(const PieceName& name, const Tag* /*wanted*/) {
  const auto found = std::ranges::lower_bound(collection_.pieces, name, {}, &BackupPiece::name);
  if (found == collection_.pieces.end() || found->name != name) return std::nullopt;
  std::vector<std::uint8_t>& buffer = buffers_[name.kind];
  read_part(from_, found->part, buffer);
  return buffer;
}

BackedUp backed_up(const BackupSide& side) {
  const BackupCollection& collection = side.collection();
  return {collection.id, side.root().faces, collection.pieces.size(), collection.bytes};
}

void require_records(const OpenBackup& backup) {
  reading(backup.bytes(), [&] {
    const BackupContents& contents = backup.contents();
    const StoreRecord record = read_store(contents.store);
    if (record.id != contents.header.store) {
      backup.bytes().damaged("it is of another store than it says");
    }
    read_keys(contents.keys);
  });
}

std::vector<Uuid> buried_in(const OpenBackup& backup, const BackupTombstone& tombstone) {
  std::vector<std::uint8_t> bytes;
  read_part(backup.bytes(), tombstone.part, bytes);
  return reading(backup.bytes(), [&] { return read_tombstone(bytes, "a part of it"); });
}

BackupReport verified(const OpenBackup& backup, const BackupProgress& progress) {
  const BackupContents& contents = backup.contents();
  require_records(backup);
  for (const BackupTombstone& tombstone : contents.tombstones) {
    buried_in(backup, tombstone);
  }
  BackupReport report{contents.header.store, contents.header.made, {}, contents.bytes};
  std::uint64_t done = 0;
  for (const BackupCollection& collection : contents.collections) {
    BackupSide side(backup, collection);
    std::size_t pieces = 0;
    reading(backup.bytes(), [&] {
      visit_pieces(side.pieces(), [&](const PieceName&, Bytes piece) {
        ++pieces;
        done += piece.size();
        if (progress) progress("verifying", done, contents.bytes);
      });
    });
    if (pieces != collection.pieces.size()) backup.bytes().damaged("it has pieces that nothing knows");
    report.collections.push_back(backed_up(side));
  }
  return report;
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
// 1. Choose the side: CURRENT's, or, where that is lost, the best of those that are there.
// 2. Find the newest root that authenticates (salvage.hpp); it names every other piece by its tag.
// 3. Survey: a face is saved if its ids, template and record authenticate; count what is lost.
// 4. Copy what was saved into a new collection, which is made as any other.
// The damaged collection stays as it is.
#include "facesearch/store/repair/repair.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/decisions.hpp"
#include "facesearch/store/lmdb/collection.hpp"
#include "facesearch/store/repair/salvage.hpp"
#include "facesearch/store/upkeep/create.hpp"
#include "facesearch/store/upkeep/rewrite.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

// A side of such a collection: what of it is what was written, found by its root.
class SalvagedSide {
 public:
  // Throws Error(kStoreDamaged), (kMasterKey) if nothing of it can be had.
  SalvagedSide(OpenStore& store, const std::string& id, std::uint64_t number);
  SalvagedSide(const SalvagedSide&) = delete;
  SalvagedSide& operator=(const SalvagedSide&) = delete;

  const Root& root() const { return found_.root; }
  bool former() const { return found_.former; }
  // Something else says that a later state was there.
  void assume_former() { found_.former = true; }

  std::uint64_t data_bytes() const { return file_.size(); }

  // Reads all of it, and says what could be saved.
  RepairReport survey();

  // Writes what survey() counted as saved into a side that is new.
  void copy_to(OpenSide& to);

  // The ids of all faces, live and erased, as far as their pieces are there; `whole`: all of them are.
  struct Ids {
    std::vector<Uuid> faces;
    bool whole = true;
  };
  Ids ids();

 private:
  struct Loss {
    std::function<void(const LostFace&)> face;
    std::function<void(std::uint64_t rows)> rows;
  };

  void visit(std::uint64_t first_slot, const TakeFace& put, const Loss& loss);
  bool visit_row(std::uint64_t slot, const TakeFace& put, const Loss& loss);
  bool visit_tail(std::uint64_t first_slot, std::uint64_t end, const TakeFace& put, const Loss& loss);
  bool has(PieceKind kind, std::uint64_t block);
  std::uint64_t rows_that_lived(std::uint64_t ids_block);
  std::uint64_t read_erased();
  std::uint64_t read_decisions_left();
  RepairReport survey_once();
  Ids ids_once();
  template <class Read>
  auto as_much_as_there_is(Read&& read);

  SalvageFile file_;
  Sealing sealing_;
  SalvagedRoot found_;
  std::unique_ptr<SalvagedPieces> source_;
  std::unique_ptr<LmdbPieces> pieces_;
  std::vector<Uuid> erased_;  // sorted
  std::vector<Decision> decisions_;
};

// The result of `read`; none if it throws Error(kStoreDamaged).
template <class Read>
auto attempt(Read&& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Error& error) {
    if (error.cause() != Cause::kStoreDamaged) {
      throw;
    }
    return std::nullopt;
  }
}

[[noreturn]] void refuse_all(SalvageFile& file, const Sealing& sealing, const fs::path& folder) {
  file.scan();
  const std::vector<FoundPiece> ids = file.of_kind(PieceKind::kIds);
  const std::vector<FoundPiece> roots = file.of_kind(PieceKind::kRoot);
  const auto is_sealed = [](const FoundPiece& piece) { return piece.sealed; };
  if (!sealing.sealed() && (std::ranges::any_of(roots, is_sealed) || std::ranges::any_of(ids, is_sealed))) {
    refuse_without_key(folder);
  }
  throw Error(
      Cause::kStoreDamaged, "NOTHING_TO_SAVE",
      fmt::format("nothing of {} can be saved: nothing in it says what the collection held, as it was "
                  "written; restore it from a backup",
                  (folder / kDataFile).string()));
}

SalvagedRoot require_root(SalvageFile& file, const Sealing& sealing, OpenStore& store, const std::string& id,
                          std::uint64_t number) {
  auto found = find_root(file, sealing, id, mark_of(store, id));
  if (!found) {
    refuse_all(file, sealing, store.folder.side(id, number));
  }
  return *std::move(found);
}

std::vector<Uuid> sorted(std::vector<Uuid> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

SalvagedSide::SalvagedSide(OpenStore& store, const std::string& id, std::uint64_t number)
    : file_(store.folder.side(id, number) / kDataFile),
      sealing_(sealing_of(store, id, number)),
      found_(require_root(file_, sealing_, store, id, number)),
      source_(std::make_unique<SalvagedPieces>(file_, sealing_, found_.piece)) {
  sealing_.bind(found_.root.record.generation, found_.root.record.binding);
  pieces_ = std::make_unique<LmdbPieces>(*source_, sealing_);
}

bool SalvagedSide::has(PieceKind kind, std::uint64_t block) {
  return attempt([&] { return pieces_->read(kind, block); }).has_value();
}

// Of the slots of a block of ids that is lost: those that the codes say were live, and those of which they
// say nothing. Not those of the tail, which has ids of its own.
std::uint64_t SalvagedSide::rows_that_lived(std::uint64_t ids_block) {
  const Geometry& geometry = root().geometry;
  const std::uint64_t start = ids_block * geometry.id_rows;
  const std::uint64_t behind = root().tail.parts.empty() ? root().next_slot : root().tail.first_slot;
  const std::uint64_t end = std::min(start + geometry.id_rows, behind);
  std::uint64_t count = 0;
  for (std::uint64_t slot = start; slot < end;) {
    const std::uint64_t number = slot / geometry.code_rows;
    const std::uint64_t stop = std::min(end, (number + 1) * geometry.code_rows);
    const auto codes =
        attempt([&] { return read_codes(geometry, number, pieces_->read(PieceKind::kCodes, number)); });
    for (; slot < stop; ++slot) {
      count += !codes || is_live(*codes, slot % geometry.code_rows) ? 1U : 0U;
    }
  }
  return count;
}

void SalvagedSide::visit(std::uint64_t first_slot, const TakeFace& put, const Loss& loss) {
  const std::uint64_t rows = root().geometry.id_rows;
  for (std::uint64_t block = first_slot / rows; block < root().table(PieceKind::kIds).blocks; ++block) {
    if (!has(PieceKind::kIds, block)) {
      loss.rows(rows_that_lived(block));
      if (!visit_tail(std::max(first_slot, block * rows), (block + 1) * rows, put, loss)) {
        return;
      }
      continue;
    }
    const std::uint64_t end = (block + 1) * rows;
    for (std::uint64_t slot = std::max(first_slot, block * rows); slot < end; ++slot) {
      if (!visit_row(slot, put, loss)) {
        return;
      }
    }
  }
}

// Faces of the tail whose block of ids is lost.
bool SalvagedSide::visit_tail(std::uint64_t first_slot, std::uint64_t end, const TakeFace& put,
                              const Loss& loss) {
  for (std::uint64_t slot = std::max(first_slot, root().tail.first_slot); slot < end; ++slot) {
    if (pieces_->tail_row(slot) != nullptr && !visit_row(slot, put, loss)) {
      return false;
    }
  }
  return true;
}

bool SalvagedSide::visit_row(std::uint64_t slot, const TakeFace& put, const Loss& loss) {
  const FaceRows faces(*pieces_);
  const IdRow ids = faces.ids_of(slot);
  if (ids.face == Uuid{} || std::ranges::binary_search(erased_, ids.face)) {
    return true;
  }
  const auto values = attempt([&] { return faces.template_of(slot); });
  const auto record = attempt([&] { return faces.record_at(slot, ids); });
  if (values && record) {
    return put(slot, *record, *values);
  }
  loss.face({ids.face, values ? LostFace::Part::kRecord : LostFace::Part::kTemplate});
  return true;
}

// Fills erased_; returns how many entries are lost.
std::uint64_t SalvagedSide::read_erased() {
  std::vector<Uuid> erased;
  std::uint64_t lost = 0;
  for (std::uint64_t entry = 0; entry < root().erased; ++entry) {
    if (const auto face = attempt([&] { return erased_at(*pieces_, entry); })) {
      erased.push_back(face->face);
    } else {
      ++lost;
    }
  }
  if (former()) {
    // Whoever was erased after that state stays so, if anything still says it.
    file_.scan();
    source_->visit_versions(PieceKind::kErased, [&](Bytes payload) {
      for (; payload.size() >= kErasedSize; payload = payload.subspan(kErasedSize)) {
        erased.push_back(read_uuid(payload.first(Uuid{}.bytes.size())));
      }
    });
  }
  erased_ = sorted(std::move(erased));
  return lost;
}

// Fills decisions_; returns how many blocks of them are lost.
std::uint64_t SalvagedSide::read_decisions_left() {
  decisions_.clear();
  std::uint64_t lost = 0;
  for (std::uint64_t block = 0; block < root().table(PieceKind::kDecisions).blocks; ++block) {
    auto part = attempt([&] {
      return read_decisions(pieces_->read(PieceKind::kDecisions, block), root().geometry.dimension);
    });
    if (part) {
      std::ranges::move(*part, std::back_inserter(decisions_));
    } else {
      ++lost;
    }
  }
  return lost;
}

RepairReport SalvagedSide::survey_once() {
  RepairReport report;
  report.former = former();
  report.commits_behind = found_.commits_behind;
  report.rows_unknown = pieces_->leave_out_lost_tail();
  report.erased_unknown = read_erased();
  report.erased = erased_.size();
  report.decisions_unknown = read_decisions_left();
  const auto saved = [&](std::uint64_t, const FaceRecord&, std::span<const float>) {
    ++report.faces;
    return true;
  };
  visit(0, saved,
        {[&](const LostFace& face) { report.lost.push_back(face); },
         [&](std::uint64_t rows) { report.rows_unknown += rows; }});
  return report;
}

// Repeats `read` as long as a deeper search finds pieces that were missing: those may name others.
template <class Read>
auto SalvagedSide::as_much_as_there_is(Read&& read) {
  auto found = read();
  while (source_->seek_missing()) {
    found = read();
  }
  return found;
}

RepairReport SalvagedSide::survey() {
  return as_much_as_there_is([this] { return survey_once(); });
}

SalvagedSide::Ids SalvagedSide::ids() {
  return as_much_as_there_is([this] { return ids_once(); });
}

void SalvagedSide::copy_to(OpenSide& to) {
  put_faces_anew(to, [&](std::uint64_t first_slot, const TakeFace& put) {
    visit(first_slot, put, {[](const LostFace&) {}, [](std::uint64_t) {}});
  });
  commit_change(to.environment, to.sealing, nullptr, [&](LmdbWriteTransaction& side) {
    for (const Uuid& face : erased_) {
      side.bury(face, false);
    }
    if (!decisions_.empty()) side.set_decisions(decisions_);
  });
}

SalvagedSide::Ids SalvagedSide::ids_once() {
  Ids ids{{}, !former()};
  ids.whole = pieces_->leave_out_lost_tail() == 0 && ids.whole;
  const FaceRows faces(*pieces_);
  const std::uint64_t rows = root().geometry.id_rows;
  for (std::uint64_t block = 0; block < root().table(PieceKind::kIds).blocks; ++block) {
    if (!has(PieceKind::kIds, block)) {
      ids.whole = false;
      for (std::uint64_t slot = block * rows; slot < (block + 1) * rows; ++slot) {
        if (const TailRow* row = pieces_->tail_row(slot)) ids.faces.push_back(row->ids.face);
      }
      continue;
    }
    for (std::uint64_t slot = block * rows; slot < (block + 1) * rows; ++slot) {
      if (const Uuid face = faces.ids_of(slot).face; face != Uuid{}) {
        ids.faces.push_back(face);
      }
    }
  }
  ids.whole = read_erased() == 0 && ids.whole;
  ids.faces.insert(ids.faces.end(), erased_.begin(), erased_.end());
  return ids;
}

// The side to repair: the live one, or, where CURRENT does not say or that one is lost, the best of those
// that are there; then `chosen` is its number. Throws as SalvagedSide.
struct SideToRepair {
  std::unique_ptr<SalvagedSide> side;
  std::optional<std::uint64_t> chosen;
};

SideToRepair find_side_to_repair(OpenStore& store, const std::string& id) {
  const fs::path folder = store.folder.collection(id);
  const auto sides = attempt([&] { return read_sides(store.folder, id); });
  std::exception_ptr fault;
  const auto open = [&](std::uint64_t number) -> std::unique_ptr<SalvagedSide> {
    try {
      return std::make_unique<SalvagedSide>(store, id, number);
    } catch (const Error& error) {
      if (error.cause() != Cause::kStoreDamaged) {
        throw;
      }
      fault = fault ? fault : std::current_exception();
      return nullptr;
    }
  };
  SideToRepair found;
  if (sides && (found.side = open(sides->live))) {
    return found;
  }
  std::vector<std::uint64_t> numbers = side_numbers(folder);
  std::ranges::sort(numbers, std::ranges::greater());
  for (const std::uint64_t number : numbers) {
    if (sides && number == sides->live) {
      continue;
    }
    auto side = open(number);
    if (side && (!found.side || (found.side->former() && !side->former()))) {
      found = {std::move(side), number};
    }
  }
  if (found.side) {
    if (sides) {
      found.side->assume_former();
    }
    return found;
  }
  if (fault) {
    std::rethrow_exception(fault);
  }
  if (!sides) {
    read_sides(store.folder, id);  // says what is wrong
  }
  throw Error(
      Cause::kStoreDamaged, "NOTHING_TO_SAVE",
      fmt::format("nothing of {} can be saved: it has no data; restore it from a backup", folder.string()));
}

}  // namespace

RepairReport repair_collection(OpenStore& store, std::string_view id, const std::string& new_id,
                               bool dry_run) {
  CollectionLock gate = store.collection_lock(id);
  gate.enter_alone();
  require_live(store.folder, id);
  const SideToRepair found = find_side_to_repair(store, std::string(id));
  RepairReport report = found.side->survey();
  report.side = found.chosen;
  if (report.faces == 0 && (!report.lost.empty() || report.rows_unknown > 0)) {
    throw Error(
        Cause::kStoreDamaged, "NOTHING_TO_SAVE",
        fmt::format("none of the faces of the collection '{}' can be saved ({} lost, {} places that may "
                    "have held one); restore it from a backup",
                    id, report.lost.size(), report.rows_unknown));
  }
  if (!dry_run) {
    require_space(store.folder.root, found.side->data_bytes(), "save what is whole of the collection");
    CollectionRecord record = found.side->root().record;
    record.id = new_id;
    record.generation = Uuid::make();
    record.created = now();
    make_collection(store, record, [&](OpenSide& side) { found.side->copy_to(side); });
  }
  return report;
}

std::vector<Uuid> salvaged_ids(OpenStore& store, const std::string& id) {
  const fs::path folder = store.folder.collection(id);
  std::vector<Uuid> faces;
  try {
    const SideToRepair found = find_side_to_repair(store, id);
    SalvagedSide::Ids ids = found.side->ids();
    if (ids.whole && !found.chosen) {
      return std::move(ids.faces);  // all of a kept side's are live here or erased here
    }
    faces = std::move(ids.faces);
  } catch (const Error& error) {
    if (error.cause() != Cause::kMasterKey && error.cause() != Cause::kStoreDamaged) {
      throw;
    }
  }
  for (const std::uint64_t number : side_numbers(folder)) {
    const fs::path data = folder / side_name(number) / kDataFile;
    if (is_file(data)) {
      const std::vector<Uuid> hinted = SalvageFile(data).hinted_ids();
      faces.insert(faces.end(), hinted.begin(), hinted.end());
    }
  }
  return faces;
}

}  // namespace facesearch::storage

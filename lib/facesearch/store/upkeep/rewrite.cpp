// SPDX-License-Identifier: MIT
#include "facesearch/store/upkeep/rewrite.hpp"

#include <set>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/files/volume.hpp"
#include "facesearch/store/upkeep/migration.hpp"

namespace facesearch::storage {
namespace {

std::uint64_t data_bytes(const StoreFolder& folder, std::string_view id, std::uint64_t number) {
  const std::filesystem::path file = folder.side(id, number) / kDataFile;
  return file_size(open_existing_file(file), file);
}

}  // namespace

void put_faces_anew(OpenSide& to, const ShowFaces& show) {
  std::uint64_t next = 0;
  for (bool more = true; more;) {
    more = false;
    const std::uint64_t start = next;
    commit_change(to.environment, to.sealing, nullptr, [&](LmdbWriteTransaction& side) {
      std::size_t rows = 0;
      show(start, [&](std::uint64_t slot, const FaceRecord& face, std::span<const float> values) {
        if (rows == kRowsACommit) {
          more = true;
          return false;
        }
        side.put_at(side.next_slot(), face, values);
        ++side.change_root().next_slot;
        ++rows;
        next = slot + 1;
        return true;
      });
    });
  }
}

void copy_faces(LmdbPieces& from, OpenSide& to, std::span<const Uuid> without,
                std::span<const Decision> more) {
  const FaceRows rows(from);
  const std::set<Uuid> left_out(without.begin(), without.end());
  put_faces_anew(to, [&](std::uint64_t first_slot, const TakeFace& put) {
    rows.show(first_slot, [&](std::uint64_t slot, const FaceRecord& face, std::span<const float> values) {
      return left_out.contains(face.face) || put(slot, face, values);
    });
  });
  commit_change(to.environment, to.sealing, nullptr, [&](LmdbWriteTransaction& side) {
    for (const Uuid& face : erased_ids(from)) {
      side.bury(face, false);
    }
    for (const Uuid& face : left_out) {
      side.bury(face, false);
    }
    std::vector<Decision> decisions = decisions_of(from);
    decisions.insert(decisions.end(), more.begin(), more.end());
    std::erase_if(decisions, [&](const Decision& decision) {  // on faces that are gone
      return decision.kind != Decision::Kind::kNotAgain && !side.find_face(decision.face);
    });
    if (!decisions.empty()) side.set_decisions(decisions);
  });
}

RewriteReport rewrite_collection(OpenStore& store, std::string_view id, std::span<const Uuid> without,
                                 std::span<const Decision> more) {
  const StoreFolder& folder = store.folder;
  CollectionLock gate = store.collection_lock(id);
  gate.enter_alone();
  require_live(folder, id);
  const std::optional<Mark> mark = mark_of(store, id);
  const SidesRecord sides = read_sides(folder, id);
  require_none_kept(id, sides);
  const std::uint64_t number = sides.live + 1;
  const WorkFolder made(folder.temporary());
  RewriteReport report;
  Root root;
  Committed committed;
  {
    const SideUse use(store, id, sides.live);
    SideView live(use);
    require_not_older(store, mark, live.pieces);
    for (const Uuid& face : without) {
      if (live.reader.find_place(face)) continue;
      const std::optional<Tombstone> tombstone = Tombstone::open(folder.tombstone(id));
      const bool gone = live.reader.was_erased(face) || (tombstone && tombstone->contains(face));
      throw Error(gone ? Cause::kFaceGone : Cause::kFaceUnknown, "",
                  fmt::format("there is no face {} in the collection", face.text()));
    }
    root.record = live.root().record;
    root.switches = live.root().switches + 1;
    if (!more.empty()) require_decisions(decisions_of(live.pieces).size() + more.size());
    require_space(folder.root, data_bytes(folder, id, sides.live), "write the collection anew");
    const auto side = make_side(store, made.path(), number, root);
    copy_faces(live.pieces, *side, without, more);
    const SideView copy(side->environment, side->sealing);
    report.faces = copy.root().faces;
    committed = {copy.root().switches, copy.root().version, copy.pieces.root_tag()};
  }
  report.bytes_before = data_bytes(folder, id, sides.live);
  place_side(folder, id, number, made.path());
  report.bytes_after = data_bytes(folder, id, number);
  replace_sides(folder, id, {number, std::nullopt});
  set_mark(store, root.record, committed);
  remove_side(folder, id, sides.live);
  return report;
}

}  // namespace facesearch::storage

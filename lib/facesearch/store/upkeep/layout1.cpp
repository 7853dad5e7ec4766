// SPDX-License-Identifier: MIT
#include "facesearch/store/upkeep/layout1.hpp"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/store/files/file_system.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/guard/data_file.hpp"
#include "facesearch/store/upkeep/layout1_values.hpp"
#include "facesearch/store/upkeep/rewrite.hpp"

namespace facesearch::storage {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKeptFolder = "kept";

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A collection's tables in layout 1.
class Layout1 {
 public:
  Layout1(const fs::path& folder, const StoreOptions& options)
      : environment_(opened(folder), LmdbEnvironment::Mode::kOpenLayout1, options.map_bytes,
                     options.lock_timeout),
        transaction_(environment_, LmdbTransaction::Kind::kRead) {
    require_known_version(read_count(meta("layout")), kFirstLayout);
    const Bytes text = meta("record");
    record = read_collection(std::string(text.begin(), text.end()));
  }

  std::uint64_t next_slot() const { return read_count(meta("next_slot")); }

  using Visit = std::function<bool(std::uint64_t, const FaceRecord&, std::span<const float>)>;
  void visit_rows(std::uint64_t first_slot, const Visit& visit) const {
    std::vector<float> values(static_cast<std::size_t>(record.binding.dimension));
    LmdbCursor cursor(transaction_, transaction_.tables().rows);
    for (bool more = cursor.seek(write_slot(first_slot)); more; more = cursor.next()) {
      const Uuid face = layout1::read_row(cursor.value(), values);
      const auto value = transaction_.get(transaction_.tables().faces, face.bytes);
      if (!value) {
        contradict("a row has no face of its own");
      }
      const std::uint64_t slot = read_slot(cursor.key());
      if (slot >= next_slot()) {
        contradict("a face is in a slot that was not given yet");
      }
      if (!visit(slot, layout1::read_face(face, *value), values)) {
        return;
      }
    }
  }

  std::vector<ErasedFace> erased() const {
    std::vector<ErasedFace> faces;
    LmdbCursor cursor(transaction_, transaction_.tables().erased);
    for (bool more = cursor.first(); more; more = cursor.next()) {
      faces.push_back({read_uuid(cursor.key()), !cursor.value().empty()});
    }
    return faces;
  }

  CollectionRecord record;

 private:
  static const fs::path& opened(const fs::path& folder) {
    if (!has_all_pages(folder / kDataFile)) {
      extend_over_free_pages(folder / kDataFile);
    }
    return folder;
  }

  Bytes meta(std::string_view key) const {
    const auto value = transaction_.get(transaction_.tables().meta, bytes_of(key));
    if (!value) {
      contradict("a counter is missing");
    }
    return *value;
  }

  LmdbEnvironment environment_;
  LmdbTransaction transaction_;
};

// Slots stay, so that a kept side and the live one go on agreeing.
void fill_side(const Layout1& from, OpenSide& side) {
  std::uint64_t next = 0;
  for (bool more = true; more;) {
    more = false;
    const std::uint64_t start = next;
    commit_change(side.environment, side.sealing, nullptr, [&](LmdbWriteTransaction& view) {
      std::size_t rows = 0;
      from.visit_rows(start, [&](std::uint64_t slot, const FaceRecord& face, std::span<const float> values) {
        if (rows++ == kRowsACommit) {
          more = true;
          return false;
        }
        view.put_at(slot, face, values);
        next = slot + 1;
        return true;
      });
    });
  }
  commit_change(side.environment, side.sealing, nullptr, [&](LmdbWriteTransaction& view) {
    for (const ErasedFace& erased : from.erased()) {
      view.bury(erased.face, erased.left_out);
    }
    view.change_root().next_slot = from.next_slot();
  });
}

std::pair<CollectionRecord, Committed> rewrite_side(OpenStore& store, const fs::path& from,
                                                    const std::string& id, std::uint64_t number) {
  const Layout1 former(from, store.options);
  Root root;
  root.record = former.record;
  root.record.sealed = true;
  root.switches = number;
  const WorkFolder made(store.folder.temporary());
  Committed committed;
  {
    const auto side = make_side(store, made.path(), number, root);
    fill_side(former, *side);
    committed = last_commit_of(*side);
  }
  place_side(store.folder, id, number, made.path());
  return {root.record, committed};
}

// What was kept under the same generation is the live file's second name, which a killed migration left.
bool keeps_side(const StoreFolder& folder, const std::string& id, const StoreOptions& options) {
  const fs::path live = folder.collection(id);
  const fs::path kept = live / kKeptFolder;
  return is_file(kept / kDataFile) && !is_same_file(kept / kDataFile, live / kDataFile) &&
         Layout1(kept, options).record.generation != Layout1(live, options).record.generation;
}

void rewrite_collection_of_layout1(OpenStore& store, const std::string& id) {
  const fs::path folder = store.folder.collection(id);
  CollectionLock gate(store.folder.lock(id), id, store.options.lock_timeout);
  gate.enter_alone();
  if (!is_file(store.folder.sides_file(id))) {
    SidesRecord sides;
    if (keeps_side(store.folder, id, store.options)) {
      rewrite_side(store, folder / kKeptFolder, id, 1);
      sides = {2, 1};
    }
    const auto [record, committed] = rewrite_side(store, folder, id, sides.live);
    replace_sides(store.folder, id, sides);
    // A mark that is there is of a later layout: somebody put the store back to this one.
    if (!mark_of(store, id)) {
      set_mark(store, record, committed);
    }
  }
  for (const char* name : {kDataFile, kLockFile}) {
    ::unlink((folder / name).c_str());
  }
  remove_tree(folder / kKeptFolder);
  sync_folder(folder);
}

}  // namespace

void rewrite_layout1(OpenStore& store) {
  if (!store.keys.is_there()) {
    store.keys.make();
  }
  std::error_code failed;
  std::vector<std::string> ids;
  for (fs::directory_iterator at(store.folder.collections(), failed), end; !failed && at != end;
       at.increment(failed)) {
    ids.push_back(at->path().filename());
  }
  if (failed) {
    throw_errno(failed.value(), "read the folder", store.folder.collections());
  }
  for (const std::string& id : ids) {
    if (state_of(store.folder, id) != CollectionState::kLive) {
      continue;
    }
    try {
      rewrite_collection_of_layout1(store, id);
    } catch (const Error& error) {
      if (error.cause() != Cause::kStoreDamaged) {
        throw;
      }
      // It stays as it is, is found damaged when it is opened, and hinders no other.
    }
  }
}

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#include "store/damaged_store.hpp"

#include <algorithm>

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kDamagedFaces = 1300;

std::map<std::string, std::string> files_below(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    files[entry.path()] = entry.is_regular_file() ? contents(entry.path()) : "";
  }
  return files;
}

bool same_report(const RepairReport& a, const RepairReport& b) {
  const auto same_face = [](const LostFace& one, const LostFace& other) {
    return one.face == other.face && one.part == other.part;
  };
  return a.faces == b.faces && std::ranges::equal(a.lost, b.lost, same_face) &&
         a.rows_unknown == b.rows_unknown && a.erased == b.erased && a.erased_unknown == b.erased_unknown &&
         a.decisions_unknown == b.decisions_unknown && a.former == b.former &&
         a.commits_behind == b.commits_behind && a.side == b.side;
}

}  // namespace

DamagedStore::DamagedStore(bool sealed) : sealed_(sealed) {
  const auto store = make_store_in(original_.store());
  store->create(collection_record("staff", kDimension, sealed));
  states_.push_back(now_);
  const fs::path data = original_.store() / "collections" / "staff" / "gen-1" / "data.mdb";
  write(*store, [&](WriteTransaction& transaction) {
    for (unsigned i = 0; i < kDamagedFaces; ++i) {
      FaceRecord record = face_record();
      record.name = "face " + std::to_string(i);
      if (i % 50 == 7) record.metadata["long"] = std::string(i % 100 == 7 ? 20'000 : 1'300, 'x');
      add(transaction, record);
    }
    FaceRecord& changed = ever_.at(order_[40]).record;  // its root is of layout 3
    changed.person = ever_.at(order_[41]).record.person;
    changed.name = "renamed";
    REQUIRE(transaction.update(changed));
  });
  write(*store, [&](WriteTransaction& transaction) {
    for (std::size_t i = 3; i < kDamagedFaces; i += 13) erase(transaction, i);
  });
  earlier_ = contents(data);
  // Its tail has three parts in the end: the first deletion is in the blocks that the tail belongs to, so
  // that moves to them.
  for (const std::size_t place : {1200U, 0U, 157U, 700U}) {
    write(*store, [&](WriteTransaction& transaction) {
      for (int faces = place == 0 ? 4 : place == 157 ? 2 : 1; faces > 0; --faces)
        add(transaction, face_record());
    });
    before_last_ = contents(data);
    write(*store, [&](WriteTransaction& transaction) { erase(transaction, place); });
  }
  bytes_ = contents(data);
}

void DamagedStore::write(Store& store, const std::function<void(WriteTransaction&)>& change) {
  store.open("staff")->write(change);
  states_.push_back(now_);
}

void DamagedStore::add(WriteTransaction& transaction, const FaceRecord& record) {
  const auto values = values_of(static_cast<unsigned>(order_.size()));
  transaction.add(record, values);
  ever_[record.face] = {record, values, order_.size()};
  order_.push_back(record.face);
  now_.insert(record.face);
}

void DamagedStore::erase(WriteTransaction& transaction, std::size_t place) {
  REQUIRE(transaction.erase(order_[place]));
  now_.erase(order_[place]);
}

// The state that the answer says was saved; where it does not say, the last one that has all of what was
// saved or is told to be lost.
const std::set<Uuid>& DamagedStore::state_of(const RepairReport& report, const std::set<Uuid>& saved) const {
  if (!report.former) return states_.back();
  if (report.commits_behind) {
    REQUIRE(*report.commits_behind < states_.size());
    return states_[states_.size() - 1 - *report.commits_behind];
  }
  std::set<Uuid> told = saved;
  for (const LostFace& face : report.lost) told.insert(face.face);
  const auto state = std::find_if(states_.rbegin(), states_.rend(), [&](const std::set<Uuid>& live) {
    return std::ranges::includes(live, told);
  });
  REQUIRE(state != states_.rend());
  return *state;
}

std::set<Uuid> DamagedStore::require_right_faces(Store& store, const RepairReport& report) const {
  REQUIRE(store.upkeep().check("saved").faces == report.faces);
  const auto collection = store.open("saved");
  REQUIRE(collection->record().sealed == sealed_);
  REQUIRE(collection->record().binding == collection_record("staff").binding);
  const auto view = collection->snapshot();
  REQUIRE(view->face_count() == report.faces);
  std::set<Uuid> faces;
  std::size_t least = 0;
  view->scan(0, [&](const TemplateRow& row) {
    const Face& face = ever_.at(row.face);
    REQUIRE(face.place >= least);
    least = face.place + 1;
    REQUIRE(std::ranges::equal(row.values, face.values));
    REQUIRE(row.person == face.record.person);
    REQUIRE(same(*view->find_face(row.face), face.record));
    faces.insert(row.face);
  });
  std::uint64_t erased = 0;
  for (const auto& [face, what] : ever_) erased += view->was_erased(face) ? 1U : 0U;
  REQUIRE(erased == report.erased);
  if (!report.former) REQUIRE(erased + report.erased_unknown == ever_.size() - states_.back().size());
  return faces;
}

void DamagedStore::require_all_told(const Saved& saved) const {
  const std::set<Uuid>& state = state_of(saved.report, saved.faces);
  REQUIRE(std::ranges::includes(state, saved.faces));
  std::set<Uuid> known = saved.faces;
  for (const LostFace& face : saved.report.lost) {
    REQUIRE(state.count(face.face) == 1);
    REQUIRE(known.insert(face.face).second);
  }
  // Where a former state was saved, whoever is known to be erased since is left out.
  const std::uint64_t erased_since = saved.report.former ? saved.report.erased : 0;
  REQUIRE(state.size() - known.size() <= saved.report.rows_unknown + erased_since);
}

void DamagedStore::require_deletion(Store& store, const std::optional<Saved>& saved) const {
  if (saved) store.remove("saved");
  store.remove("staff");
  REQUIRE(store.ids().empty());
  REQUIRE(store.state("staff") == CollectionState::kDeleted);
  for (const auto& entry : fs::directory_iterator(copy())) {
    REQUIRE(entry.path().filename().string().front() != '.');
  }
  // What a repair could tell is known to be gone.
  store.create(collection_record("staff", kDimension, sealed_));
  const auto collection = store.open("staff");
  const auto view = collection->snapshot();
  if (saved) {
    for (const Uuid& face : saved->faces) REQUIRE(view->was_erased(face));
    for (const LostFace& face : saved->report.lost) REQUIRE(view->was_erased(face.face));
  }
}

std::optional<DamagedStore::Saved> DamagedStore::require_honest_repair() const {
  const auto store = open_store_in(copy());
  const auto before = files_below(staff());
  std::optional<Saved> saved;
  try {
    saved = {store->upkeep().repair("staff", "saved", true), {}};
  } catch (const Error& error) {
    CAPTURE(error.detail());
    REQUIRE((error.cause() == Cause::kStoreDamaged || error.cause() == Cause::kMasterKey));
    REQUIRE(cause_of([&] { store->upkeep().repair("staff", "saved", false); }) == error.cause());
  }
  REQUIRE(store->state("saved") == CollectionState::kNever);
  if (saved) {
    REQUIRE(same_report(saved->report, store->upkeep().repair("staff", "saved", false)));
    saved->faces = require_right_faces(*store, saved->report);
    require_all_told(*saved);
  }
  REQUIRE((files_below(staff()) == before));
  require_deletion(*store, saved);
  return saved;
}

}  // namespace facesearch::test

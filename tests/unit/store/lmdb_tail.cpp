// SPDX-License-Identifier: MIT
// When faces lie in the tail of a side, and when in blocks.
#include <algorithm>

#include "facesearch/store/format/root.hpp"
#include "facesearch/store/lmdb/open_store.hpp"
#include "facesearch/store/lmdb/side.hpp"
#include "store/fixtures.hpp"
#include "store/tables.hpp"

using namespace facesearch;
using namespace facesearch::storage;
using namespace facesearch::test;

namespace {

using Entry = SideTables::Entry;

constexpr int kTailKey = 12;

// A store with the collection "staff", and its pieces as they lie.
class Side {
 public:
  explicit Side(bool sealed) {
    store_ = make_store_in(folder_.store());
    store_->create(collection_record("staff", kDimension, sealed));
  }

  Uuid add(std::size_t count = 1, const FaceRecord& like = face_record()) {
    Uuid last;
    store_->open("staff")->write([&](WriteTransaction& transaction) {
      for (std::size_t i = 0; i < count; ++i) {
        FaceRecord record = like;
        record.face = last = Uuid::make();
        transaction.add(record, values_of(static_cast<unsigned>(transaction.next_slot())));
      }
    });
    return last;
  }

  void erase(const Uuid& face) {
    store_->open("staff")->write([&](WriteTransaction& transaction) { CHECK(transaction.erase(face)); });
  }

  std::vector<Entry> pieces() {
    store_.reset();
    std::vector<Entry> all = SideTables(staff_in(folder_.store()) / "gen-1").all("pieces");
    store_ = open_store_in(folder_.store());
    return all;
  }

  // Of parts of the tail.
  std::size_t parts() {
    const std::vector<Entry> all = pieces();
    return static_cast<std::size_t>(
        std::ranges::count(all, kTailKey, [](const Entry& entry) { return entry.first[0]; }));
  }

  void require_whole(std::uint64_t faces) { CHECK(store_->upkeep().check("staff").faces == faces); }

  Store& store() { return *store_; }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

// Of a piece of kind 15, not sealed.
int layout_of(const std::vector<Entry>& pieces) {
  const auto root = std::ranges::find(pieces, 15, [](const Entry& entry) { return entry.first[0]; });
  return root->second.at(kPieceHeader);
}

}  // namespace

TEST_CASE("an enrolment writes one small piece and the root, and no block", "[lmdb][tail]") {
  Side side(GENERATE(true, false));
  side.add();  // makes the blocks
  CHECK(side.parts() == 0);
  const std::vector<Entry> before = side.pieces();
  side.add();
  const std::vector<Entry> after = side.pieces();
  std::size_t added = 0;
  for (const Entry& entry : after) {
    if (std::ranges::count(before, entry) > 0) continue;
    ++added;
    CHECK((entry.first[0] == kTailKey || entry.first[0] == 15));
    CHECK(entry.second.size() < 1'500);
  }
  CHECK(added == 2);
  CHECK(after.size() == before.size() + 1);
  side.require_whole(2);
}

TEST_CASE("faces of one commit are in one part of the tail, with those of smaller parts before it",
          "[lmdb][tail]") {
  Side side(GENERATE(true, false));
  side.add();
  side.add(5);
  side.add(2);
  CHECK(side.parts() == 2);
  side.add();
  side.add();  // with the one before it and the two before that
  CHECK(side.parts() == 2);
  side.add(4);  // with all of them
  CHECK(side.parts() == 1);
  side.require_whole(14);
}

TEST_CASE("the tail moves to its blocks where it is full, where they end, and where they change",
          "[lmdb][tail]") {
  Side side(GENERATE(true, false));
  const std::uint64_t rows = geometry_of(kDimension).record_rows;
  const Uuid first = side.add();
  std::uint64_t faces = 1;
  SECTION("a block of records ends") {
    for (; faces < rows; ++faces) side.add();
    CHECK(side.parts() == 6);
    side.add();
    CHECK(side.parts() == 0);
    side.add();
    CHECK(side.parts() == 1);
    faces += 2;
  }
  SECTION("in the middle of a commit") {
    side.add(rows - 3);
    CHECK(side.parts() == 1);
    side.add(5);
    CHECK(side.parts() == 0);
    faces = rows + 3;
  }
  SECTION("so many come at once") {
    side.add();
    side.add(1'000);
    CHECK(side.parts() == 0);
    faces = 1'002;
  }
  SECTION("one is erased") {
    side.add();
    side.erase(side.add());
    CHECK(side.parts() == 0);
    faces = 2;
  }
  SECTION("one beside them is erased") {
    side.add();
    side.erase(first);
    CHECK(side.parts() == 0);
    faces = 1;
  }
  SECTION("one beside them is changed") {
    side.add();
    FaceRecord record = *side.store().open("staff")->snapshot()->find_face(first);
    record.name = "Grace";
    side.store().open("staff")->write(
        [&](WriteTransaction& transaction) { CHECK(transaction.update(record)); });
    CHECK(side.parts() == 0);
    faces = 2;
  }
  SECTION("a large record comes") {
    side.add();
    FaceRecord large = face_record();
    large.metadata["long"] = std::string(1'100, 'x');
    side.add(1, large);
    CHECK(side.parts() == 0);
    side.add();
    CHECK(side.parts() == 1);
    faces = 4;
  }
  side.require_whole(faces);
}

TEST_CASE("what is erased elsewhere leaves the tail as it is", "[lmdb][tail]") {
  Side side(GENERATE(true, false));
  const Uuid first = side.add();
  const std::uint64_t many = geometry_of(kDimension).id_rows + 10;
  side.add(many);
  side.add(2);
  side.add();
  CHECK(side.parts() == 2);
  side.erase(first);
  CHECK(side.parts() == 2);
  side.require_whole(many + 3);
}

TEST_CASE("a write that is given up leaves the tail as it was", "[lmdb][tail]") {
  Side side(GENERATE(true, false));
  side.add();
  side.add();
  const std::vector<Entry> before = side.pieces();
  struct GivenUp {};
  for (const std::size_t count : {1U, 500U}) {
    try {
      side.store().open("staff")->write([&](WriteTransaction& transaction) {
        for (std::size_t i = 0; i < count; ++i) transaction.add(face_record(), values_of(9));
        throw GivenUp{};
      });
    } catch (const GivenUp&) {
    }
    CHECK((side.pieces() == before));
  }
}

TEST_CASE("a collection with a tail is of layout 6, and of its former one without", "[lmdb][tail]") {
  Side side(false);
  const Uuid first = side.add();
  CHECK(layout_of(side.pieces()) == 2);
  const Uuid other = side.add();
  CHECK(layout_of(side.pieces()) == 6);
  SECTION("after a deletion in its blocks") {
    side.erase(other);
    CHECK(layout_of(side.pieces()) == 2);
  }
  SECTION("with a change before it") {
    FaceRecord record = *side.store().open("staff")->snapshot()->find_face(first);
    record.name = "Grace";
    side.store().open("staff")->write(
        [&](WriteTransaction& transaction) { CHECK(transaction.update(record)); });
    CHECK(layout_of(side.pieces()) == 3);
    side.add();
    CHECK(layout_of(side.pieces()) == 6);
  }
}

TEST_CASE("a part of a tail that has moved to its blocks does not come back", "[tamper][tail]") {
  Side side(GENERATE(true, false));
  side.add();
  side.add();
  std::vector<Entry> before = side.pieces();
  side.erase(side.add());
  const auto part = std::ranges::find(before, kTailKey, [](const Entry& entry) { return entry.first[0]; });
  REQUIRE(part != before.end());
  side.pieces();
  {
    const auto folder = staff_in(side.folder().store()) / "gen-1";
    SideTables(folder).put("pieces", part->first, part->second);
  }
  CHECK(side.store().open("staff")->snapshot()->face_count() == 2);
  std::size_t found = 0;
  side.store().open("staff")->snapshot()->scan(0, [&](const TemplateRow&) { ++found; });
  CHECK(found == 2);
  CHECK(error_of([&] { side.store().upkeep().check("staff"); }).cause() == Cause::kStoreDamaged);
}

TEST_CASE("a part of the tail that another branch of the store wrote in its place is found",
          "[tamper][tail]") {
  const bool sealed = GENERATE(true, false);
  Side side(sealed);
  side.add();
  const TemporaryFolder other;
  copy_store(side.folder().store(), other.store());
  const auto add_in = [](Store& store) { return add_face(*store.open("staff"), face_record(), 5); };
  {
    const auto store = open_store_in(other.store());
    add_in(*store);
  }
  const Uuid face = add_in(side.store());
  const auto tail_of = [](const std::vector<Entry>& pieces) {
    return *std::ranges::find(pieces, kTailKey, [](const Entry& entry) { return entry.first[0]; });
  };
  // Authentic, of the same name and the same size, under the same key.
  const Entry foreign = tail_of(SideTables(staff_in(other.store()) / "gen-1").all("pieces"));
  const Entry own = tail_of(side.pieces());
  REQUIRE(foreign.first == own.first);
  REQUIRE(foreign.second.size() == own.second.size());
  REQUIRE(foreign.second != own.second);
  SideTables(staff_in(side.folder().store()) / "gen-1").put("pieces", foreign.first, foreign.second);
  const auto collection = side.store().open("staff");
  CHECK(error_of([&] { collection->snapshot()->find_face(face); }).reason() == "PIECE_INVALID");
  CHECK(error_of([&] { collection->snapshot()->scan(0, [](const TemplateRow&) {}); }).reason() ==
        "PIECE_INVALID");
  CHECK(error_of([&] { collection->snapshot()->code_reader()->read(0); }).reason() == "PIECE_INVALID");
  CHECK(error_of([&] { side.store().upkeep().check("staff"); }).reason() == "PIECE_INVALID");
}

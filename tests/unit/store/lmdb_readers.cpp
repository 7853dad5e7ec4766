// SPDX-License-Identifier: MIT
// What readers cost: locks of LMDB's list of readers, and pieces that are read to show that an id is not
// there.
#include <algorithm>
#include <chrono>
#include <map>

#include "facesearch/store/files/file_lock.hpp"
#include "facesearch/store/lmdb/side.hpp"
#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::storage;
using namespace facesearch::test;

namespace {

// The pieces of a side, and how many of each kind were asked for.
class CountedPieces final : public PieceSource {
 public:
  explicit CountedPieces(const LmdbTransaction& transaction) : transaction_(transaction) {}
  std::optional<Bytes> find(const PieceName& name, const Tag* /*wanted*/) override {
    ++reads[name.kind];
    return transaction_.get(transaction_.tables().pieces, piece_key(name));
  }
  std::map<std::uint8_t, std::uint64_t> reads;

 private:
  const LmdbTransaction& transaction_;
};

// Asks one reader and answers how many pieces of a kind it has read.
std::uint64_t reads_of(const SideUse& side, PieceKind kind,
                       const std::function<void(const LmdbReader&)>& ask) {
  const LmdbTransaction transaction(side.environment(), LmdbKind::kRead);
  CountedPieces source(transaction);
  LmdbPieces pieces(source, side.sealing());
  ask(LmdbReader(transaction, pieces, nullptr, &side.ids()));
  return source.reads[static_cast<std::uint8_t>(kind)];
}

}  // namespace

TEST_CASE("ids that are not there read all ids once, and then only what has changed", "[lmdb][readers]") {
  const bool sealed = GENERATE(true, false);
  const TemporaryFolder folder;
  const std::uint64_t rows = geometry_of(kDimension).id_rows;
  std::vector<FaceRecord> records(3 * rows + 1);
  std::generate(records.begin(), records.end(), [] { return face_record(); });
  Uuid id;
  {
    const auto store = make_store_in(folder.store());
    id = store->id();
    store->create(collection_record("staff", kDimension, sealed));
    const auto collection = store->open("staff");
    const auto values = values_of(1);
    collection->write([&](WriteTransaction& transaction) {
      for (const FaceRecord& record : records) transaction.add(record, values);
    });
    collection->write([&](WriteTransaction& transaction) { transaction.erase(records[0].face); });
  }
  OpenStore store(StoreFolder{folder.store(), id}, options_of(folder.store()));
  const SideUse side(store, "staff", 1);
  const auto of_nobody = [](const LmdbReader& reader) {
    CHECK_FALSE(reader.find_face(Uuid::make()));
    CHECK_FALSE(reader.find_template(Uuid::make()));
    CHECK_FALSE(reader.has_person(Uuid::make()));
    CHECK_FALSE(reader.was_erased(Uuid::make()));
  };
  const auto of_somebody = [&](const LmdbReader& reader) {
    CHECK(reader.find_face(records[1].face));
    CHECK(reader.has_person(records[1].person));
    CHECK(reader.was_erased(records[0].face));
  };
  CHECK(reads_of(side, PieceKind::kIds, of_somebody) == 1);
  CHECK(reads_of(side, PieceKind::kIds, of_nobody) == 4);
  CHECK(reads_of(side, PieceKind::kIds, of_nobody) == 0);
  CHECK(reads_of(side, PieceKind::kErased, of_nobody) == 0);

  const FaceRecord added = face_record();
  const auto values = values_of(2);
  commit_change(side.environment(), side.sealing(), nullptr, [&](LmdbWriteTransaction& transaction) {
    transaction.add(added, values);
    transaction.erase(records[rows].face);
  });
  CHECK(reads_of(side, PieceKind::kIds, of_nobody) == 2);  // the last block, and the second
  CHECK(reads_of(side, PieceKind::kErased, of_nobody) == 0);
  CHECK(reads_of(side, PieceKind::kIds, [&](const LmdbReader& reader) {
          CHECK(reader.find_face(added.face));
          CHECK_FALSE(reader.find_face(records[rows].face));
          CHECK(reader.was_erased(records[rows].face));
        }) == 0);  // it is in the tail
  CHECK(reads_of(side, PieceKind::kTail,
                 [&](const LmdbReader& reader) { CHECK(reader.find_face(added.face)); }) == 1);
  CHECK(reads_of(side, PieceKind::kTail, of_nobody) == 0);
  // Its second piece changes what a block is as much as its first.
  for (int pieces = 1; pieces <= 2; ++pieces) {
    commit_change(side.environment(), side.sealing(), nullptr,
                  [&](LmdbWriteTransaction& transaction) { transaction.add(face_record(), values); });
    CHECK(reads_of(side, PieceKind::kIds, of_nobody) == 1);
    CHECK(reads_of(side, PieceKind::kIds, of_nobody) == 0);
  }
}

TEST_CASE("a reader that has a place in LMDB's list of readers takes no lock of it", "[lmdb][readers]") {
  const TemporaryFolder folder;
  StoreOptions options = options_of(folder.store());
  options.lock_timeout = std::chrono::milliseconds(200);
  const auto store = create_lmdb_store(folder.store(), options);
  store->create(collection_record("staff"));
  const auto collection = store->open("staff");
  const FaceRecord record = face_record();
  LockFile stopped_peer(folder.store() / "collections" / "staff" / "gen-1" / "data.mdb");
  REQUIRE(stopped_peer.try_lock(0, LockMode::kExclusive));
  for (int i = 0; i < 3; ++i) {
    CHECK(collection->snapshot()->face_count() == 0);
  }
  CHECK_NOTHROW(add_face(*collection, record));
  {
    const auto view = collection->snapshot();
    CHECK(view->find_face(record.face));
    CHECK(error_of([&] { collection->snapshot(); }).reason() == "LOCK_TIMEOUT");  // a second place at a time
  }
  stopped_peer.unlock(0);
  const auto one = collection->snapshot();
  const auto other = collection->snapshot();
  CHECK(one->face_count() == other->face_count());
}

TEST_CASE("who closes a collection waits a moment for one that opens it, and no longer", "[lmdb][readers]") {
  const TemporaryFolder folder;
  StoreOptions options = options_of(folder.store());
  options.lock_timeout = std::chrono::milliseconds(200);
  const auto store = create_lmdb_store(folder.store(), options);
  store->create(collection_record("staff"));
  auto collection = store->open("staff");
  add_face(*collection, face_record());
  LockFile stopped_peer(folder.store() / "collections" / "staff" / "gen-1" / "data.mdb");
  REQUIRE(stopped_peer.try_lock(0, LockMode::kExclusive));
  collection.reset();  // ends, though the other holds the lock
  CHECK(error_of([&] { store->open("staff"); }).reason() == "LOCK_TIMEOUT");
  stopped_peer.unlock(0);
  for (int i = 0; i < 2; ++i) {
    collection = store->open("staff");
    CHECK(collection->snapshot()->face_count() == 1);
    add_face(*collection, face_record());
    collection->write([&](WriteTransaction& transaction) {
      Uuid last;
      transaction.visit_records(1, [&](const FaceRecord& face) { last = face.face; });
      CHECK(transaction.erase(last));
    });
    collection.reset();
  }
  CHECK(store->upkeep().check("staff").faces == 1);
}

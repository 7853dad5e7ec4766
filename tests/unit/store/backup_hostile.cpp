// SPDX-License-Identifier: MIT
// Backups that were cut, changed or made to do harm: refused, and nothing has changed.
#include <random>

#include "facesearch/store/backup/backup_stream.hpp"
#include "facesearch/store/format/block_layout.hpp"
#include "facesearch/store/lmdb/pieces.hpp"
#include "facesearch/store/lmdb/writer.hpp"
#include "store/backup_fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;
using namespace facesearch::storage;
namespace fs = std::filesystem;

namespace {

constexpr int kMutations = 400;
constexpr std::size_t kSumBytes = 32;

// One of what can happen to a file.
void mutate(std::string& bytes, std::mt19937& random) {
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  // Every other one in what is not payload: the start, or the end.
  const std::size_t at = below(2) == 0   ? below(bytes.size())
                         : below(2) == 0 ? below(600)
                                         : bytes.size() - 1 - below(400);
  switch (below(6)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1U << below(8)));
      break;
    case 1:
      bytes.resize(at);
      break;
    case 2:
      bytes.erase(at, 1 + below(64));
      break;
    case 3:
      bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(64)));
      break;
    case 4:
      for (std::size_t i = 0; i < 8 && at + i < bytes.size(); ++i) bytes[at + i] = static_cast<char>(0xff);
      break;
    default:
      bytes.replace(at, std::min<std::size_t>(9, bytes.size() - at), bytes, below(bytes.size() - 9), 9);
  }
}

void put_right_sum(std::string& bytes) {
  if (bytes.size() < kSumBytes) return;
  const Sha256 sum = sha256(std::string_view(bytes).substr(0, bytes.size() - kSumBytes));
  std::copy(sum.begin(), sum.end(), bytes.end() - kSumBytes);
}

bool is_refusal(const Error& error) {
  return (error.cause() == Cause::kInvalidValue && error.reason().starts_with("BACKUP_")) ||
         error.cause() == Cause::kMasterKey;
}

class BytesOf final : public BackupBytes {
 public:
  explicit BytesOf(const std::string& bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::uint8_t> out) const override {
    REQUIRE(offset + out.size() <= bytes_.size());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  }
  [[noreturn]] void damaged(std::string_view what) const override {
    throw Error(Cause::kInvalidValue, "BACKUP_DAMAGED", std::string(what));
  }

 private:
  const std::string& bytes_;
};

// A plain collection whose pieces contradict each other, all of them with right tags.
void contradict(const fs::path& folder, const std::function<void(LmdbPieceWriter&)>& change) {
  Uuid store;
  CollectionRecord record;
  {
    const auto opened = open_store_in(folder);
    store = opened->id();
    record = opened->open("staff")->record();
  }
  Sealing sealing(side_place(store, "staff", 1), std::nullopt);
  sealing.bind(record.generation, record.binding);
  LmdbEnvironment environment(folder / "collections" / "staff" / "gen-1", LmdbEnvironment::Mode::kOpen,
                              1 << 24, std::chrono::seconds(1));
  LmdbTransaction transaction(environment, LmdbTransaction::Kind::kWrite);
  LmdbPieceWriter pieces(transaction, sealing);
  change(pieces);
  pieces.write_all();
  transaction.commit();
}

}  // namespace

TEMPLATE_TEST_CASE_SIG("a backup that was changed anywhere is refused", "[backup][tamper]",
                       ((bool kSealed), kSealed), true, false) {
  const TemporaryFolder folder;
  const BackupStore made(folder.store(), kSealed, 8);
  const fs::path file = folder.path() / "backup";
  const fs::path changed = folder.path() / "changed";
  const auto store = open_store_in(folder.store());
  back_up(*store, file);
  store->remove("staff");
  const std::string bytes = contents(file);
  std::mt19937 random(kSealed ? 7 : 8);
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    std::string copy = bytes;
    mutate(copy, random);
    if (copy == bytes) continue;
    CAPTURE(i);
    overwrite(changed, copy);
    const Error error = error_of([&] { store->backups().restore(restoring(changed, {"staff"})); });
    CAPTURE(error.detail());
    REQUIRE(is_refusal(error));
    REQUIRE(store->state("staff") == CollectionState::kDeleted);
    ++refused;
  }
  CHECK(refused > 300);  // the others put zeros in the place of zeros
  CHECK(store->backups().restore(restoring(file, {"staff"})).collections.size() == 1);
}

TEST_CASE("a backup that anybody can have made restores what is whole, or nothing", "[backup][tamper]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store(), false, 8);
  const fs::path file = folder.path() / "backup";
  const fs::path changed = folder.path() / "changed";
  StoreOptions options = options_of(folder.store());
  options.master_key.reset();
  std::string staff;
  {
    const auto store = open_lmdb_store(folder.store(), options);
    staff = everything_in(*store, "staff", made.erased);
    back_up(*store, file);
  }
  const std::string bytes = contents(file);
  std::mt19937 random(9);
  int same = 0;
  const fs::path place = folder.path() / "place";
  for (int i = 0; i < kMutations; ++i) {
    std::string copy = bytes;
    mutate(copy, random);
    put_right_sum(copy);
    CAPTURE(i);
    overwrite(changed, copy);
    fs::remove_all(place);
    bool listed = false;
    try {
      list_backup(changed, std::nullopt, {});
      listed = true;
    } catch (const Error& error) {
      REQUIRE(is_refusal(error));
    }
    if (!listed && i % 20 != 0) continue;
    try {
      rebuild_lmdb_store(place, options, restoring(changed, {"staff"}));
      const auto store = open_lmdb_store(place, options);
      store->upkeep().check("staff");
      REQUIRE(everything_in(*store, "staff", made.erased) == staff);
      ++same;
    } catch (const Error& error) {
      CAPTURE(error.detail());
      REQUIRE((is_refusal(error) || error.reason() == "NOT_IN_BACKUP"));
      REQUIRE_FALSE(fs::exists(place));
    }
  }
  CHECK(same < kMutations / 2);  // what is in nobody's interest to change: labels of keys, times
}

TEST_CASE("a backup has its parts in one order, and each once", "[backup][tamper]") {
  std::string bytes;
  const BackupHeader header{Uuid::make(), 1, {}};
  BackupWriter writer(header, std::nullopt, [&](Bytes part) { bytes.append(part.begin(), part.end()); });
  const std::vector<std::uint8_t> piece(100);
  const auto put = [&](std::uint8_t kind, std::uint64_t number) { writer.piece({kind, number}, piece); };
  const auto refusal = [&] {
    try {
      read_backup(BytesOf(bytes), [](const BackupHeader&) { return std::nullopt; }, {});
    } catch (const Error& error) {
      REQUIRE(error.reason() == "BACKUP_DAMAGED");
      return error.detail();
    }
    return std::string();
  };
  std::string expected;
  bool ends = true;
  SECTION("in order") {
    writer.store("{}");
    writer.keys("{}");
    writer.collection(1, "a", "");
    put(1, 0);
    put(1, 1);
    put(2, 0);
    writer.collection(1, "b", "");
    put(1, 0);
    writer.tombstone({}, "text");
  }
  SECTION("what is said of the store comes first") {
    writer.collection(1, "a", "");
    expected = "what it says of the store is not where it has to be";
  }
  SECTION("before the keys, too") {
    writer.keys("{}");
    writer.store("{}");
    expected = "what it says of the store is not where it has to be";
  }
  SECTION("and is there once") {
    writer.store("{}");
    writer.keys("{}");
    writer.store("{}");
    expected = "a part of it is of no kind that is known";
  }
  SECTION("a collection twice") {
    writer.store("{}");
    writer.keys("{}");
    writer.collection(1, "a", "");
    writer.collection(2, "a", "");
    expected = "what it says of a collection cannot be";
  }
  SECTION("no id of a collection") {
    writer.store("{}");
    writer.keys("{}");
    writer.collection(1, "../a", "");
    expected = "what it says of a collection cannot be";
  }
  SECTION("a wrap under no master key") {
    writer.store("{}");
    writer.keys("{}");
    writer.collection(1, "a", "{}");
    expected = "what it says of a collection cannot be";
  }
  SECTION("a piece of no collection") {
    writer.store("{}");
    writer.keys("{}");
    put(1, 0);
    expected = "a piece is not where it has to be";
  }
  SECTION("a piece twice") {
    writer.store("{}");
    writer.keys("{}");
    writer.collection(1, "a", "");
    put(1, 0);
    put(1, 0);
    expected = "its pieces are not in order";
  }
  SECTION("a piece behind a tombstone") {
    writer.store("{}");
    writer.keys("{}");
    writer.collection(1, "a", "");
    writer.tombstone({}, "text");
    put(1, 0);
    expected = "a piece is not where it has to be";
  }
  SECTION("a collection behind a tombstone") {
    writer.store("{}");
    writer.keys("{}");
    writer.tombstone({}, "text");
    writer.collection(1, "a", "");
    expected = "a collection is not where it has to be";
  }
  SECTION("a tombstone twice") {
    writer.store("{}");
    writer.keys("{}");
    writer.tombstone({}, "text");
    writer.tombstone({}, "text");
    expected = "its tombstones are not in order";
  }
  SECTION("no end") {
    writer.store("{}");
    writer.keys("{}");
    ends = false;
    expected = "it ends early";
  }
  if (ends) {
    writer.end();
    CHECK(writer.size() == bytes.size());
  }
  CHECK(refusal() == expected);
  if (expected.empty()) {
    bytes += 'x';
    CHECK(refusal() == "bytes follow its end");
  }
}

TEST_CASE("a collection that contradicts itself in a backup is not restored", "[backup][tamper]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store(), false, 8);
  std::function<void(LmdbPieceWriter&)> change;
  SECTION("it counts one face too many") {
    change = [](LmdbPieceWriter& pieces) { ++pieces.change_root().faces; };
  }
  SECTION("it counts one erased face too many") {
    change = [](LmdbPieceWriter& pieces) { ++pieces.change_root().erased; };
  }
  SECTION("a face is there twice") {
    change = [](LmdbPieceWriter& pieces) {
      const IdRow ids = id_at(pieces.read(PieceKind::kIds, 0), 0);
      put_id(pieces.change(PieceKind::kIds, 0), 1, ids);
    };
  }
  SECTION("a face is live and erased") {
    change = [&](LmdbPieceWriter& pieces) {
      put_id(pieces.change(PieceKind::kIds, 0), 1, {made.erased[0], made.erased[0]});
    };
  }
  SECTION("a face has no record") {
    change = [&](LmdbPieceWriter& pieces) {
      put_id(pieces.change(PieceKind::kIds, 0), 200, {Uuid::make(), Uuid::make()});
    };
  }
  SECTION("a template is none") {
    change = [](LmdbPieceWriter& pieces) {
      template_at(Geometry(pieces.root().geometry), pieces.change(PieceKind::kTemplates, 0), 1)[0] = 17;
    };
  }
  contradict(folder.store(), change);
  const fs::path file = folder.path() / "backup";
  const auto store = open_store_in(folder.store());
  back_up(*store, file);
  const Error error = error_of([&] { store->backups().restore(restoring(file, {"staff"}, "again")); });
  CHECK(error.cause() == Cause::kInvalidValue);
  CHECK(error.reason() == "BACKUP_DAMAGED");
  CHECK(store->state("again") == CollectionState::kNever);
  for (const auto& entry : fs::directory_iterator(folder.store())) {
    CHECK(entry.path().filename().string().front() != '.');
  }
}

TEST_CASE("a collection that fails after others says which are restored", "[backup][tamper]") {
  const TemporaryFolder folder;
  const BackupStore made(folder.store(), false, 8);
  contradict(folder.store(), [](LmdbPieceWriter& pieces) { ++pieces.change_root().faces; });
  const fs::path file = folder.path() / "backup";
  const auto store = open_store_in(folder.store());
  store->create(collection_record("alumni"));
  back_up(*store, file);
  for (const char* id : {"alumni", "staff", "visitors"}) store->remove(id);
  const Error error = error_of([&] { store->backups().restore(restoring(file)); });
  CHECK(error.reason() == "BACKUP_DAMAGED");
  CHECK(error.detail().starts_with("'alumni' is restored; 'staff' is not"));
  CHECK(store->ids() == std::vector<std::string>{"alumni"});
  CHECK(store->backups().restore(restoring(file, {"visitors"})).collections[0].faces == 8);
}

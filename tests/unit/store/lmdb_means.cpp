// SPDX-License-Identifier: MIT
// Means whose pieces or index entries were changed behind the store's back: damage, never a wrong answer. And
// means that are not those of their faces.
#include <algorithm>
#include <map>
#include <set>

#include "facesearch/store/lmdb/side.hpp"
#include "store/backup_fixtures.hpp"
#include "store/fixtures.hpp"
#include "store/tables.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

std::string text_of_id(const Uuid& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

// A template of one person: the same but for a little.
std::vector<float> alike(unsigned picture) {
  std::vector<float> values = values_of(500 + picture);
  const std::vector<float> own = values_of(1);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 3 * own[i];
  return normalised(std::move(values));
}

// Two persons of three faces, and one of one.
struct Gallery {
  explicit Gallery(bool sealed) {
    const auto store = make_store_in(path());
    CollectionRecord record = collection_record("staff", kDimension, sealed);
    record.policy.match_by = MatchBy::kPerson;
    store->create(record);
    for (unsigned i = 0; i < 7; ++i) {
      const FaceRecord face = face_record(i < 3 ? ada : i < 6 ? eve : Uuid::make());
      store->open("staff")->write([&](WriteTransaction& transaction) { transaction.add(face, alike(i)); });
    }
    store->upkeep().check("staff");
  }

  fs::path path() const { return folder.store(); }
  fs::path side() const { return path() / "collections" / "staff" / "gen-1"; }

  std::string mean_entry(const Uuid& person) const { return text_of_id(person) + std::string(8, '\xff'); }

  std::string fault_of_check() const {
    try {
      open_store_in(path())->upkeep().check("staff");
      return "";
    } catch (const Error& error) {
      CHECK(error.cause() == Cause::kStoreDamaged);
      return error.detail();
    }
  }

  // What a writer that adds one more face of Ada says.
  std::string fault_of_write() const {
    try {
      const FaceRecord face = face_record(ada);
      open_store_in(path())->open("staff")->write(
          [&](WriteTransaction& transaction) { transaction.add(face, alike(9)); });
      return "";
    } catch (const Error& error) {
      CHECK(error.cause() == Cause::kStoreDamaged);
      return error.detail();
    }
  }

  TemporaryFolder folder;
  Uuid ada = Uuid::make();
  Uuid eve = Uuid::make();
};

}  // namespace

TEST_CASE("an entry of a mean that is dropped or points elsewhere is damage", "[tamper]") {
  const Gallery gallery(GENERATE(true, false));
  std::map<std::string, std::string> entries;
  {
    SideTables tables(gallery.side());
    for (const auto& entry : tables.all("persons")) entries.insert(entry);
    REQUIRE(entries.size() == 7 + 2);
    REQUIRE(entries.contains(gallery.mean_entry(gallery.ada)));
    tables.erase("persons", gallery.mean_entry(gallery.ada));
  }
  CHECK(gallery.fault_of_check() != "");
  CHECK(gallery.fault_of_write() != "");
  SideTables(gallery.side())
      .put("persons", gallery.mean_entry(gallery.ada), entries.at(gallery.mean_entry(gallery.eve)));
  CHECK(gallery.fault_of_check() != "");
  CHECK(gallery.fault_of_write() != "");
  SideTables(gallery.side()).put("persons", gallery.mean_entry(gallery.ada), std::string(9, '\x7f'));
  CHECK(gallery.fault_of_check() != "");
  CHECK(gallery.fault_of_write() != "");
  SideTables(gallery.side())
      .put("persons", gallery.mean_entry(gallery.ada), entries.at(gallery.mean_entry(gallery.ada)));
  CHECK(gallery.fault_of_check() == "");
  CHECK(gallery.fault_of_write() == "");
  CHECK(gallery.fault_of_check() == "");
}

TEST_CASE("a face that the index of persons lacks is missed by its mean, by a writer and by a reader",
          "[tamper]") {
  const Gallery gallery(GENERATE(true, false));
  {
    SideTables tables(gallery.side());
    for (const auto& [key, value] : tables.all("persons")) {
      if (!key.starts_with(text_of_id(gallery.ada)) || key.ends_with(std::string(8, '\xff'))) continue;
      tables.erase("persons", key);
      break;
    }
  }
  CHECK(gallery.fault_of_check() != "");
  CHECK(gallery.fault_of_write() != "");
  const auto store = open_store_in(gallery.path());
  const auto collection = store->open("staff");
  const auto view = collection->snapshot();
  const auto means = view->means();
  const auto place = means->find(gallery.ada);
  REQUIRE(place);
  CHECK(error_of([&] { means->faces_of(*place); }).cause() == Cause::kStoreDamaged);
}

TEST_CASE("a mean that is not that of its faces is named", "[tamper]") {
  const Gallery gallery(GENERATE(true, false));
  // As a faulty program would leave it: authentic, and wrong.
  const auto tamper = [&](const std::function<void(storage::LmdbPieceWriter&)>& change) {
    const Uuid id = open_store_in(gallery.path())->id();
    storage::OpenStore store(storage::StoreFolder{gallery.path(), id}, options_of(gallery.path()));
    const storage::SideUse side(store, "staff", 1);
    storage::LmdbTransaction transaction(side.environment(), storage::LmdbTransaction::Kind::kWrite);
    storage::LmdbPieceWriter pieces(transaction, side.sealing());
    change(pieces);
    pieces.write_all();
    transaction.commit();
  };
  const auto shows = [&](const std::string& words) {
    return gallery.fault_of_check().find(words) != std::string::npos;
  };
  using storage::PieceKind;
  storage::MeanRow row;
  tamper([&](storage::LmdbPieceWriter& pieces) {
    const storage::Geometry geometry = pieces.root().geometry;
    row = read_mean(geometry, pieces.read(PieceKind::kMeansOfThree, 0), 0);
    storage::MeanRow other = storage::mean_row(row.person, row.faces, alike(77));
    put_mean(geometry, pieces.change(PieceKind::kMeansOfThree, 0), 0, other);
  });
  CHECK(shows("the mean of the person " + row.person.text()));
  tamper([&](storage::LmdbPieceWriter& pieces) {
    put_mean(pieces.root().geometry, pieces.change(PieceKind::kMeansOfThree, 0), 0, row);
  });
  CHECK(gallery.fault_of_check() == "");
  tamper([&](storage::LmdbPieceWriter& pieces) {
    storage::set_bit(pieces.change(PieceKind::kInMean, 0), 6, true);
  });
  CHECK(shows("the mean of the person "));
  tamper([&](storage::LmdbPieceWriter& pieces) {
    storage::set_bit(pieces.change(PieceKind::kInMean, 0), 6, false);
    pieces.change_root().in_means = 5;
  });
  CHECK(shows("counts other means"));
  // What is written anew is right again.
  tamper([&](storage::LmdbPieceWriter& pieces) {
    pieces.change_root().in_means = 6;
    put_mean(pieces.root().geometry, pieces.change(PieceKind::kMeansOfThree, 0), 0,
             storage::mean_row(row.person, row.faces, alike(78)));
  });
  CHECK(shows("the mean of the person "));
  open_store_in(gallery.path())->upkeep().rewrite("staff", std::nullopt);
  CHECK(gallery.fault_of_check() == "");
}

TEST_CASE("means are in a backup, and made anew where it is restored", "[backup]") {
  const Gallery gallery(GENERATE(true, false));
  const auto store = open_store_in(gallery.path());
  const fs::path file = gallery.folder.path() / "backup";
  back_up(*store, file);
  store->backups().restore(restoring(file, {"staff"}, "again"));
  store->upkeep().check("again");
  const auto collection = store->open("again");
  const auto view = collection->snapshot();
  CHECK(collection->record().policy.match_by == MatchBy::kPerson);
  CHECK(view->means()->count(1) == 2);
  CHECK(view->means()->single_count() == 1);
}

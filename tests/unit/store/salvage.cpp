// SPDX-License-Identifier: MIT
// What a repair saves of a collection that is damaged in one place.
#include "facesearch/store/repair/salvage.hpp"

#include <array>
#include <cstring>
#include <functional>

#include "store/damaged_store.hpp"

using namespace facesearch;
using namespace facesearch::test;
using namespace facesearch::storage;
namespace fs = std::filesystem;

namespace {

// The pieces that are in use.
std::vector<FoundPiece> pieces_of(const DamagedStore& store, PieceKind kind) {
  SalvageFile file(store.data());
  file.walk(file.metas().at(0));
  std::vector<FoundPiece> pieces = file.of_kind(kind);
  std::ranges::sort(pieces, {}, [](const FoundPiece& piece) { return piece.name; });
  return pieces;
}

void flip(std::string& bytes, std::uint64_t offset) {
  bytes[offset] = static_cast<char>(bytes[offset] ^ 4);
}

// In every copy of the piece: LMDB copies a page with all that is small before it changes it, and the copy
// that is left in a free page is found too.
void flip_copies(std::string& bytes, const FoundPiece& piece) {
  const std::string copy = bytes.substr(piece.offset, piece.size);
  for (std::size_t at = bytes.find(copy); at != std::string::npos; at = bytes.find(copy, at + 1)) {
    flip(bytes, at + piece.size / 2);
  }
}

// The file with these pages zeroed; what lies within a long value only looks like one.
std::string without_pages(std::string bytes, const std::function<bool(Bytes)>& chosen) {
  int count = 0;
  for (std::size_t at = 2 * kPage; at + kPage <= bytes.size(); at += kPage) {
    const Bytes page(reinterpret_cast<const std::uint8_t*>(bytes.data()) + at, kPage);
    std::uint64_t number = 0;
    std::memcpy(&number, page.data(), sizeof number);
    if (number == at / kPage && chosen(page)) {
      bytes.replace(at, kPage, kPage, '\0');
      ++count;
    }
  }
  REQUIRE(count > 0);
  return bytes;
}

// True if a leaf page has an entry with a key that is chosen.
auto leaf_with(const std::function<bool(Bytes)>& chosen) {
  return [chosen](Bytes page) {
    if (kind_of_page(page) != PageKind::kLeaf) return false;
    const PageEntries entries = entries_of_page(page, PageKind::kLeaf);
    return std::ranges::any_of(entries.all, [&](const PageEntry& entry) {
      return entry.kind != PageEntry::Kind::kTable && chosen(entry.key);
    });
  };
}

DamagedStore::Saved repaired(const DamagedStore& store) {
  const auto saved = store.require_honest_repair();
  REQUIRE(saved);
  return *saved;
}

void require_all_saved(const DamagedStore& store) {
  const auto saved = repaired(store);
  CHECK(saved.report.whole());
  CHECK((saved.faces == store.live()));
}

constexpr std::size_t kTransactionAt = 144;  // of a first page: the number of its transaction

}  // namespace

TEST_CASE("a collection that is whole is copied", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  require_all_saved(store);
}

TEST_CASE("a block of templates that is damaged loses its faces and no others", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  for (const FoundPiece& piece : pieces_of(store, PieceKind::kTemplates)) {
    store.restore();
    std::string bytes = store.bytes();
    flip(bytes, piece.offset + piece.size / 2);
    overwrite(store.data(), bytes);
    const auto saved = repaired(store);
    CHECK(saved.report.rows_unknown == 0);
    CHECK(saved.report.lost.size() + saved.report.faces == store.live().size());
    CHECK_FALSE(saved.report.lost.empty());
    for (const LostFace& face : saved.report.lost) {
      CHECK(face.part == LostFace::Part::kTemplate);
      CHECK(store.ever().at(face.face).place / 256 == piece.name.number);
    }
  }
}

TEST_CASE("a block of records that is damaged loses its faces and no others", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  const auto pieces = pieces_of(store, PieceKind::kRecords);
  std::string bytes = store.bytes();
  flip(bytes, pieces[1].offset + kPieceHeader + 7);
  overwrite(store.data(), bytes);
  const auto saved = repaired(store);
  CHECK(saved.report.lost.size() + saved.report.faces == store.live().size());
  CHECK_FALSE(saved.report.lost.empty());
  for (const LostFace& face : saved.report.lost) {
    CHECK(face.part == LostFace::Part::kRecord);
    CHECK(store.ever().at(face.face).place / 64 == pieces[1].name.number);
  }
}

TEST_CASE("a large record that is damaged loses its face alone", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  const auto pieces = pieces_of(store, PieceKind::kLarge);
  const auto large = std::ranges::find_if(pieces, [](const FoundPiece& piece) { return piece.size > kPage; });
  REQUIRE(large != pieces.end());
  std::string bytes = store.bytes();
  flip(bytes, large->offset + large->size - 20);
  overwrite(store.data(), bytes);
  const auto saved = repaired(store);
  REQUIRE(saved.report.lost.size() == 1);
  CHECK(saved.report.lost[0].part == LostFace::Part::kRecord);
  CHECK(store.ever().at(saved.report.lost[0].face).place == large->name.number);
}

TEST_CASE("codes, branches and indexes that are damaged lose nothing", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  std::string bytes = store.bytes();
  SECTION("all codes") {
    for (const FoundPiece& piece : pieces_of(store, PieceKind::kCodes)) flip(bytes, piece.offset + 100);
  }
  SECTION("the manifest's leaves of codes") {
    for (const FoundPiece& piece : pieces_of(store, static_cast<PieceKind>(17))) {
      flip(bytes, piece.offset + 60);
    }
  }
  SECTION("all branches") {
    bytes = without_pages(bytes, [](Bytes page) { return kind_of_page(page) == PageKind::kBranch; });
  }
  SECTION("all indexes") {
    bytes = without_pages(bytes, leaf_with([](Bytes key) { return key.size() >= 16; }));
  }
  SECTION("the first page") {
    bytes.replace(0, kPage, kPage, '\0');
  }
  SECTION("the second page") {
    bytes.replace(kPage, kPage, kPage, '\0');
  }
  overwrite(store.data(), bytes);
  const auto saved = repaired(store);
  CHECK((saved.faces == store.live()));
  CHECK(saved.report.lost.empty());
  CHECK(saved.report.rows_unknown == 0);
  if (store.sealed()) CHECK(saved.report.whole());  // the mark says so
}

TEST_CASE("a block of ids that is damaged is counted, and no former one takes its place", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  const auto pieces = pieces_of(store, PieceKind::kIds);
  REQUIRE(pieces.size() == 2);
  // Former blocks with faces that are erased now lie in pages that are free.
  SalvageFile file(store.data());
  file.scan();
  CHECK(file.of_kind(PieceKind::kIds).size() > pieces.size());
  std::string bytes = store.bytes();
  for (const FoundPiece& piece : pieces) flip(bytes, piece.offset + 50);
  SECTION("the codes and the tail say how many") {
    for (const FoundPiece& piece : pieces_of(store, PieceKind::kTail)) flip_copies(bytes, piece);
    overwrite(store.data(), bytes);
    const auto store_open = open_store_in(store.copy());
    const Error error = error_of([&] { store_open->upkeep().repair("staff", "saved", false); });
    CHECK(error.reason() == "NOTHING_TO_SAVE");
    CHECK(error.detail().find(std::to_string(store.live().size()) + " places") != std::string::npos);
    CHECK(store_open->state("saved") == CollectionState::kNever);
    store_open->remove("staff");
  }
  SECTION("what is in the tail has ids of its own") {
    overwrite(store.data(), bytes);
    const auto saved = repaired(store);
    CHECK(saved.report.faces == 7);
    CHECK(saved.report.lost.empty());
    CHECK(saved.report.rows_unknown == store.live().size() - 7);
  }
  SECTION("without the codes all may have held one") {
    flip(bytes, pieces[1].offset + 50);  // this one is whole again
    for (const FoundPiece& piece : pieces_of(store, PieceKind::kCodes)) flip(bytes, piece.offset + 100);
    overwrite(store.data(), bytes);
    CHECK(repaired(store).report.rows_unknown == 1024);
  }
}

TEST_CASE("a part of the tail that is damaged loses its faces and no others", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  const auto pieces = pieces_of(store, PieceKind::kTail);
  REQUIRE(pieces.size() == 3);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    store.restore();
    std::string bytes = store.bytes();
    flip_copies(bytes, pieces[i]);
    overwrite(store.data(), bytes);
    const auto saved = repaired(store);
    CHECK(saved.report.lost.empty());
    CHECK(saved.report.rows_unknown == 4U >> i);
    CHECK(saved.report.faces + saved.report.rows_unknown == store.live().size());
    for (const auto& [face, what] : store.ever()) {
      const bool in_part = what.place >= pieces[i].name.number &&
                           what.place < pieces[i].name.number + saved.report.rows_unknown;
      if (in_part) CHECK_FALSE(saved.faces.contains(face));
    }
  }
}

TEST_CASE("pieces are found without what names them", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  const auto kind = static_cast<std::uint8_t>(
      GENERATE(PieceKind::kTemplates, PieceKind::kIds, PieceKind::kRecords, PieceKind::kLarge));
  CAPTURE(static_cast<int>(kind));
  // All pages that name such a piece, but those that hold other ones themselves, like the root.
  std::size_t inside = 0;
  const std::string bytes = without_pages(store.bytes(), [&](Bytes page) {
    const auto named = leaf_with([kind](Bytes key) { return key.size() == 9 && key[0] == kind; });
    const auto held = leaf_with([](Bytes key) { return key.size() == 9 && key[0] >= 15; });
    if (!named(page) || held(page)) return false;
    for (const PageEntry& entry : entries_of_page(page, PageKind::kLeaf).all) {
      inside += entry.kind == PageEntry::Kind::kValue ? 1U : 0U;
    }
    return true;
  });
  overwrite(store.data(), bytes);
  const auto saved = repaired(store);
  CHECK_FALSE(saved.report.former);
  CHECK(saved.report.rows_unknown == 0);
  CHECK(saved.report.lost.size() <= 64 * inside);
  if (inside == 0) CHECK((saved.faces == store.live()));
}

TEST_CASE("without its root a collection is saved as it was before", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  const auto pieces = pieces_of(store, PieceKind::kRoot);
  REQUIRE(pieces.size() == 1);
  std::string bytes = store.bytes();
  flip(bytes, pieces[0].offset + pieces[0].size - 30);
  overwrite(store.data(), bytes);
  const auto saved = repaired(store);
  CHECK(saved.report.former);
  CHECK_FALSE(saved.report.whole());
  // The change that is lost erased a face, which stays erased: its id is still among the erased ones.
  CHECK((saved.faces == store.live()));
  if (store.sealed()) CHECK(saved.report.commits_behind == 1);
}

TEST_CASE("the older one of the first pages does not say that its root is the last", "[repair]") {
  DamagedStore store(false);
  store.restore();
  const auto pieces = pieces_of(store, PieceKind::kRoot);
  REQUIRE(pieces.size() == 1);
  std::string bytes = store.bytes();
  flip(bytes, pieces[0].offset + pieces[0].size - 30);
  std::array<std::uint64_t, 2> transactions{};  // of the two first pages
  for (std::size_t i = 0; i < 2; ++i)
    std::memcpy(&transactions.at(i), bytes.data() + i * kPage + kTransactionAt, sizeof(std::uint64_t));
  const std::size_t newer = transactions[1] > transactions[0] ? 1 : 0;
  bytes.replace(newer * kPage, kPage, kPage, '\0');
  overwrite(store.data(), bytes);
  CHECK(repaired(store).report.former);
}

TEST_CASE("a copy of a former state says so", "[repair]") {
  DamagedStore store(true);  // nothing but the mark can tell
  store.restore();
  overwrite(store.data(), store.earlier());
  const auto saved = repaired(store);
  CHECK(saved.report.former);
  CHECK(saved.report.commits_behind == 8);
}

TEST_CASE("a tree of pages that leads to itself is walked once", "[repair]") {
  DamagedStore store(GENERATE(true, false));
  store.restore();
  std::string bytes = store.bytes();
  int knots = 0;
  for (std::uint64_t number = 2; (number + 1) * kPage <= bytes.size(); ++number) {
    const std::string page = bytes.substr(number * kPage, kPage);
    const Bytes read(reinterpret_cast<const std::uint8_t*>(page.data()), kPage);
    if (kind_of_page(read) != PageKind::kBranch) continue;
    for (const PageEntry& entry : entries_of_page(read, PageKind::kBranch).all) {
      if (entry.key.size() != 9) continue;
      // A node begins with the page it leads to: 48 bits around the flags' place; small numbers fit the
      // first.
      const auto node = static_cast<std::size_t>(entry.key.data() - read.data()) - 8;
      bytes.replace(number * kPage + node, 4, reinterpret_cast<const char*>(&number), 4);
      ++knots;
    }
  }
  REQUIRE(knots > 0);
  overwrite(store.data(), bytes);
  repaired(store);
}

TEST_CASE("a commit that was not finished is not taken", "[repair]") {
  const DamagedStore store(false);
  store.restore();
  const Uuid id = open_store_in(store.copy())->id();
  const auto root_of = [&](const std::string& bytes) {
    overwrite(store.data(), bytes);
    SalvageFile file(store.data());
    const auto found =
        find_root(file, Sealing(side_place(id, "staff", 1), std::nullopt), "staff", std::nullopt);
    REQUIRE(found);
    return *found;
  };
  const SalvagedRoot last = root_of(store.bytes());
  CHECK_FALSE(last.former);
  // All of it was written but the first page that says so.
  const std::string first_pages = store.before_last().substr(0, 2 * kPage);
  const SalvagedRoot before = root_of(first_pages + store.bytes().substr(2 * kPage));
  CHECK_FALSE(before.former);
  CHECK(before.root.version + 1 == last.root.version);
  // Where the first pages do not agree with each other, nothing says that it was not finished.
  std::string odd = first_pages + store.bytes().substr(2 * kPage);
  const auto transaction_of = [&](std::size_t page) { return odd[page * kPage + kTransactionAt]; };
  const std::size_t older = transaction_of(0) < transaction_of(1) ? 0 : 1;
  odd[older * kPage + kTransactionAt] = static_cast<char>(transaction_of(older) - 2);
  const SalvagedRoot newest = root_of(odd);
  CHECK(newest.root.version == last.root.version);
  CHECK(newest.former);
}

// SPDX-License-Identifier: MIT
// The records as bytes: what is written can be read, what is not valid is an Error.
#include <limits>

#include "facesearch/core/digest.hpp"
#include "facesearch/store/format/byte_codec.hpp"
#include "facesearch/store/format/decisions.hpp"
#include "facesearch/store/format/json_records.hpp"
#include "facesearch/store/format/mean_rows.hpp"
#include "facesearch/store/format/record_block.hpp"
#include "facesearch/store/format/root.hpp"
#include "facesearch/store/format/tail_rows.hpp"
#include "facesearch/store/format/tombstone.hpp"
#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::storage;
using namespace facesearch::test;

namespace {

// Reads `bytes` cut short everywhere and with every byte changed: an Error of a damaged store or a value.
template <class Bytes, class Read>
void mutate(const Bytes& bytes, Read&& read) {
  const auto try_read = [&](const Bytes& changed) {
    try {
      read(changed);
      return true;
    } catch (const Error& error) {
      REQUIRE(error.cause() == Cause::kStoreDamaged);
      return false;
    }
  };
  REQUIRE(try_read(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(try_read(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))));
    for (const unsigned value : {0x00U, 0x22U, 0x39U, 0x7fU, 0xffU}) {
      Bytes changed = bytes;
      changed[size] = static_cast<typename Bytes::value_type>(value);
      try_read(changed);
    }
  }
}

}  // namespace

TEST_CASE("JSON records survive the way to bytes and back", "[records]") {
  const StoreRecord store{Uuid::make(), 1'700'000'000'000};
  CHECK(read_store(write_store(store)).id == store.id);
  CHECK(read_store(write_store(store)).created == store.created);
  CollectionRecord collection = collection_record("staff");
  collection.binding.calibration.cosine_at_fmr = {-0.1, 0.1 + 0.2, 1e-17, 0.999999999999999, 1.0 / 3};
  collection.policy.search.liveness_threshold = 100.0 / 3;
  collection.policy.image.max_bytes = std::numeric_limits<std::uint64_t>::max();
  const CollectionRecord read = read_collection(write_collection(collection));
  CHECK(read.binding == collection.binding);
  CHECK_FALSE(read.binding.calibration.provisional);
  collection.binding.calibration.provisional = true;
  CHECK(read_collection(write_collection(collection)).binding == collection.binding);
  CHECK(read.policy == collection.policy);
  CHECK(read.sealed);
  collection.sealed = false;
  CHECK_FALSE(read_collection(write_collection(collection)).sealed);
  CHECK(read_sides(write_sides({7, 5})).live == 7);
  CHECK(read_sides(write_sides({7, 5})).kept == 5);
  CHECK_FALSE(read_sides(write_sides({1, {}})).kept);
  mutate(write_sides({7, 5}), [](const std::string& text) { read_sides(text); });
  mutate(write_store(store), read_store);
  mutate(write_collection(collection), read_collection);
  mutate(write_keys({{Uuid::make(), "a", {}, 15, {"staff"}, 1, 2, 3}}), read_keys);
}

TEST_CASE("JSON of the wrong kind is refused", "[records]") {
  for (const char* text : {"", "null", "[]", "7", "\"a\"", "{", "{}", "{\"format\":\"1\"}",
                           "{\"format\":-1,\"uuid\":\"\"}", "{\"format\":1.0,\"uuid\":\"\"}"}) {
    CAPTURE(text);
    CHECK(error_of([&] { read_store(text); }).reason() == "RECORD_INVALID");
    CHECK(error_of([&] { read_keys(text); }).reason() == "RECORD_INVALID");
    CHECK(error_of([&] { read_collection(text); }).reason() == "RECORD_INVALID");
  }
  const std::string deep(1'000'000, '[');
  CHECK(cause_of([&] { read_keys(deep); }) == Cause::kStoreDamaged);
  CHECK(error_of([] { read_store(R"({"format":2})"); }).reason() == "RECORD_INVALID");
  CHECK(error_of([] { read_keys(R"({"format":1})"); }).reason() == "RECORD_INVALID");
  for (const char* text : {R"({"format":1})", R"({"format":3})"}) {
    const Error other = error_of([&] { read_store(text); });
    CHECK(other.cause() == Cause::kStoreDamaged);
    CHECK(other.reason() == "STORE_VERSION_UNKNOWN");
  }
}

TEST_CASE("face records survive the way to bytes and back", "[records]") {
  FaceRecord record = face_record();
  record.name = std::string(300, 'n') + '\0';
  const auto bytes = write_record(record);
  FaceRecord read = record;
  read.name.clear();
  read.metadata = {{"old", "value"}};
  read.created = 0;
  read_record(bytes, read);
  CHECK(same(read, record));
  mutate(write_record(face_record()), [&](const auto& changed) { read_record(changed, read); });
  auto longer = bytes;
  longer.push_back(0);
  CHECK(cause_of([&] { read_record(longer, read); }) == Cause::kStoreDamaged);
  record.metadata["much"] = std::string(kMostRecord, 'x');
  CHECK(cause_of([&] { write_record(record); }) == Cause::kInvalidValue);
}

TEST_CASE("blocks of records survive the way to bytes and back", "[records]") {
  RecordBlock block({}, 64);
  block.put(7, write_record(face_record()));
  block.put(0, write_record(face_record()));
  LargeRecord large;
  large.tag.fill(9);
  block.put(63, large);
  const auto bytes = block.payload();
  const RecordBlock read(bytes, 64);
  CHECK(std::get<LargeRecord>(find_record(bytes, 64, 63).value()).tag == large.tag);
  CHECK(std::get<Bytes>(find_record(bytes, 64, 7).value()).size() ==
        std::get<std::vector<std::uint8_t>>(*read.find(7)).size());
  CHECK_FALSE(find_record(bytes, 64, 8));
  CHECK(read.payload() == bytes);
  CHECK(std::get<LargeRecord>(*read.find(63)).tag == large.tag);
  CHECK(read.find(1) == nullptr);
  CHECK(RecordBlock({}, 64).payload().empty());
  CHECK(cause_of([&] { RecordBlock(bytes, 63); }) == Cause::kStoreDamaged);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const unsigned value : {0x00U, 0x01U, 0x7fU, 0xffU}) {
      auto changed = bytes;
      changed[at] = static_cast<std::uint8_t>(value);
      try {
        RecordBlock(Bytes(changed), 64);
      } catch (const Error& error) {
        REQUIRE(error.cause() == Cause::kStoreDamaged);
      }
    }
  }
}

TEST_CASE("a root survives the way to bytes and back", "[records]") {
  Root root;
  root.version = 7;
  root.switches = 3;
  root.next_slot = 12'345;
  root.faces = 12'000;
  root.erased = 345;
  root.record = collection_record("staff", 128);
  root.geometry = geometry_of(128);
  for (const PieceKind kind : kCountedKinds) {
    root.table(kind).blocks = 241 * static_cast<std::uint64_t>(kind);
    root.table(kind).leaves.resize(leaves_of(root.table(kind).blocks));
    for (Tag& tag : root.table(kind).leaves) random_bytes(tag);
  }
  const auto all_tables = root.tables;
  for (const PieceKind kind : kCountedKinds) {
    if (kind > PieceKind::kLarge) root.table(kind) = {};
  }
  const auto bytes = write_root(root);
  const Root read = read_root(bytes);
  CHECK(read.version == root.version);
  CHECK(read.switches == root.switches);
  CHECK(read.next_slot == root.next_slot);
  CHECK(read.faces == root.faces);
  CHECK(read.erased == root.erased);
  CHECK(read.geometry == root.geometry);
  CHECK(read.tables == root.tables);
  CHECK(read.record.generation == root.record.generation);
  CHECK(read.record.sealed);
  for (std::size_t size = 0; size < bytes.size(); size += size < 900 ? 1 : 97) {
    CHECK(cause_of([&] { read_root(Bytes(bytes).first(size)); }) == Cause::kStoreDamaged);
  }
  auto later = bytes;
  later[0] = 7;
  const Error unknown = error_of([&] { read_root(later); });
  CHECK(unknown.reason() == "STORE_VERSION_UNKNOWN");
  CHECK(unknown.detail().find("layout version 7, and this program reads versions 2 to 6") !=
        std::string::npos);
  CHECK(bytes[0] == 2);  // without changes, as earlier programs read it
  root.changes = 77;
  const auto changed = write_root(root);
  CHECK(changed[0] == 3);
  CHECK(read_root(changed).changes == 77);
  CHECK(read_root(changed).tables == root.tables);
  root.table(PieceKind::kDecisions) = all_tables.at(kKindsWithDecisions - 1);
  for (const std::uint64_t changes : {std::uint64_t{77}, std::uint64_t{0}}) {
    root.changes = changes;
    const auto decided = write_root(root);
    CHECK(decided[0] == 4);
    CHECK(read_root(decided).changes == changes);
    CHECK(read_root(decided).tables == root.tables);
    for (std::size_t size = 0; size < decided.size(); size += 97) {
      CHECK(cause_of([&] { read_root(Bytes(decided).first(size)); }) == Cause::kStoreDamaged);
    }
  }
}

TEST_CASE("a root of a collection that is matched by person has its means, and keeps its layout",
          "[records]") {
  Root root;
  root.record = collection_record("staff", 128);
  root.geometry = geometry_of(128);
  for (const PieceKind kind : kCountedKinds) {
    root.table(kind).blocks = 2;
    root.table(kind).leaves.resize(1);
  }
  root.means = {1, 2 * root.geometry.code_rows, 3};
  root.in_means = 99;
  root.record.policy.match_by = MatchBy::kPerson;
  root.record.binding.calibration.of_means.emplace();
  for (auto& points : *root.record.binding.calibration.of_means) points = {0.2, 0.3, 0.4, 0.5, 0.6};
  const auto bytes = write_root(root);
  CHECK(bytes[0] == 5);
  Root read = read_root(bytes);
  CHECK(read.means == root.means);
  CHECK(read.in_means == 99);
  CHECK(read.tables == root.tables);
  CHECK(read.record.policy == root.record.policy);
  CHECK(read.record.binding == root.record.binding);
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    CHECK(cause_of([&] { read_root(Bytes(bytes).first(size)); }) == Cause::kStoreDamaged);
  }
  root.means[1] += 1;  // more than its blocks have rows
  CHECK(cause_of([&] { read_root(write_root(root)); }) == Cause::kStoreDamaged);

  // What was matched by person once may hold decisions that earlier programs do not know.
  read.record.policy.match_by = MatchBy::kFace;
  CHECK(write_root(read)[0] == 5);
  CHECK(read_root(write_root(read)).record.policy.match_by == MatchBy::kFace);
}

TEST_CASE("a root with a tail is of a layout of its own, and of its former one without", "[records]") {
  Root root;
  root.record = collection_record("staff", 128);
  root.geometry = geometry_of(128);
  for (const PieceKind kind : kTailedKinds) {
    root.table(kind).blocks = 10;
    root.table(kind).leaves.resize(1);
  }
  root.next_slot = 500;
  const auto without = write_root(root);
  CHECK(without[0] == 2);
  root.tail.first_slot = 490;
  root.tail.parts = {{1, Tag{1}}, {7, Tag{2}}, {2, Tag{3}}};
  const auto bytes = write_root(root);
  CHECK(bytes[0] == 6);
  Root read = read_root(bytes);
  CHECK(read.tail == root.tail);
  CHECK(read.tail.rows() == 10);
  CHECK(read.tables == root.tables);
  CHECK(read.next_slot == 500);
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    CHECK(cause_of([&] { read_root(Bytes(bytes).first(size)); }) == Cause::kStoreDamaged);
  }
  read.tail = {};
  CHECK(write_root(read) == without);
  SECTION("what lies behind the tail's number is a root without one") {
    auto twice = bytes;
    twice.insert(twice.begin(), bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(without.size()));
    CHECK(error_of([&] { read_root(twice); }).reason() == "STORE_VERSION_UNKNOWN");
  }
  SECTION("a part has rows") {
    root.tail.parts[1].rows = 0;
    CHECK(cause_of([&] { read_root(write_root(root)); }) == Cause::kStoreDamaged);
  }
  SECTION("its slots were given") {
    root.next_slot = 499;
    CHECK(cause_of([&] { read_root(write_root(root)); }) == Cause::kStoreDamaged);
  }
  SECTION("its slots are no more than there can be") {
    root.tail.first_slot = ~std::uint64_t{0} - 3;
    CHECK(cause_of([&] { read_root(write_root(root)); }) == Cause::kStoreDamaged);
  }
  SECTION("its rows are in blocks that are there") {
    const PieceKind kind = GENERATE(from_range(kTailedKinds));
    root.table(kind).blocks = 499 / root.geometry.rows(kind);
    CHECK(cause_of([&] { read_root(write_root(root)); }) == Cause::kStoreDamaged);
  }
  SECTION("a collection that is matched by person stays in its layout") {
    root.record.policy.match_by = MatchBy::kPerson;
    read = read_root(write_root(root));
    CHECK(read.tail == root.tail);
    read.tail = {};
    CHECK(write_root(read)[0] == 5);
  }
}

TEST_CASE("the rows of a part of the tail survive the way to bytes and to their blocks", "[records]") {
  const Geometry geometry = geometry_of(kDimension);
  const std::uint64_t first = geometry.code_rows + 62;  // the last two are in other blocks of records
  std::vector<std::vector<float>> values;
  std::vector<std::vector<std::uint8_t>> records;
  std::vector<TailRow> rows;
  for (unsigned i = 0; i < 4; ++i) {
    values.push_back(values_of(i));
    records.emplace_back(i * 300, static_cast<std::uint8_t>('a' + i));
  }
  for (unsigned i = 0; i < 4; ++i) {
    rows.push_back({first + i, {Uuid::make(), Uuid::make()}, values[i], records[i]});
  }
  const AlignedBytes payload = write_tail(geometry, rows);
  const std::vector<TailRow> read = read_tail(geometry, first, 4, payload.span());
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(read[i].slot == rows[i].slot);
    CHECK(read[i].ids.face == rows[i].ids.face);
    CHECK(read[i].ids.person == rows[i].ids.person);
    CHECK(std::ranges::equal(read[i].values, rows[i].values));
    CHECK(std::ranges::equal(read[i].record, rows[i].record));
  }
  for (std::size_t size = 0; size < payload.span().size(); ++size) {
    const AlignedBytes cut(payload.span().first(size));
    CHECK(cause_of([&] { read_tail(geometry, first, 4, cut.span()); }) == Cause::kStoreDamaged);
  }
  CHECK(cause_of([&] { read_tail(geometry, first, 3, payload.span()); }) == Cause::kStoreDamaged);
  CHECK(cause_of([&] { read_tail(geometry, first, ~std::uint64_t{0}, payload.span()); }) ==
        Cause::kStoreDamaged);

  const auto filled = [&](PieceKind kind, std::uint64_t block) {
    AlignedBytes bytes(geometry.size(kind));
    put_tail_rows(geometry, kind, block, read, bytes);
    return bytes;
  };
  const AlignedBytes codes = filled(PieceKind::kCodes, 1);
  const CodeBlock block = read_codes(geometry, 1, codes.span());
  AlignedBytes wanted(geometry.size(PieceKind::kCodes));
  CodesView(geometry, wanted.span()).put(63, values[1]);
  const CodeBlock one = read_codes(geometry, 1, std::as_const(wanted).span());
  CHECK(block.scales[63] == one.scales[63]);
  CHECK(block.errors[63] == one.errors[63]);
  CHECK(std::equal(one.codes + 63 * one.stride, one.codes + 64 * one.stride, block.codes + 63 * one.stride));
  for (std::size_t row = 0; row < block.rows; ++row) CHECK(is_live(block, row) == (row >= 62 && row < 66));
  const AlignedBytes no_codes = filled(PieceKind::kCodes, 0);
  CHECK(std::ranges::all_of(no_codes.span(), [](std::uint8_t byte) { return byte == 0; }));
  const AlignedBytes ids = filled(PieceKind::kIds, (first + 3) / geometry.id_rows);
  CHECK(id_at(ids.span(), (first + 3) % geometry.id_rows).face == rows[3].ids.face);
  const AlignedBytes floats = filled(PieceKind::kTemplates, (first + 2) / geometry.template_rows);
  CHECK(std::ranges::equal(template_at(geometry, floats.span(), (first + 2) % geometry.template_rows),
                           values[2]));
  const std::uint64_t second = first / geometry.record_rows + 1;
  const AlignedBytes named = filled(PieceKind::kRecords, second);
  CHECK_FALSE(find_record(named.span(), geometry.record_rows, 2));
  for (std::size_t i = 2; i < 4; ++i) {
    const auto record = find_record(named.span(), geometry.record_rows, i - 2);
    REQUIRE(record);
    CHECK(std::ranges::equal(std::get<Bytes>(*record), records[i]));
  }
}

TEST_CASE("a row of means survives the way to bytes and back", "[records]") {
  const Geometry geometry = geometry_of(kDimension);
  std::vector<std::uint8_t> payload(geometry.size(PieceKind::kMeansOfTwo));
  const MeanRow one = mean_row(Uuid::make(), 2, values_of(1));
  const MeanRow other = mean_row(Uuid::make(), 70'000, values_of(2));
  const std::size_t last = geometry.code_rows - 1;
  put_mean(geometry, payload, 0, one);
  put_mean(geometry, payload, last, other);
  CHECK(is_same(read_mean(geometry, payload, 0), one));
  CHECK(is_same(read_mean(geometry, payload, last), other));
  CHECK_FALSE(is_same(one, other));
  CHECK(cause_of([&] { read_mean(geometry, payload, 1); }) == Cause::kStoreDamaged);
  erase_mean(geometry, payload, last);
  CHECK(cause_of([&] { read_mean(geometry, payload, last); }) == Cause::kStoreDamaged);
  erase_mean(geometry, payload, 0);
  CHECK(payload == std::vector<std::uint8_t>(payload.size()));
  CHECK(cause_of([&] { read_mean(geometry, Bytes(payload).first(100), 0); }) == Cause::kStoreDamaged);
}

TEST_CASE("decisions survive the way to bytes and back, and no other bytes pass", "[records]") {
  std::vector<Decision> decisions(3);
  decisions[0] = {Decision::Kind::kNotThisPerson, Uuid::make(), Uuid::make(), -5};
  decisions[1] = {Decision::Kind::kNotAgain, Uuid::make(), {}, 5, Sha256{1, 2, 3}};
  decisions[2] = {Decision::Kind::kNotAgain, Uuid::make(), {}, 5, Sha256{4}, values_of(1)};
  const auto bytes = write_decisions(decisions, kDimension);
  CHECK(bytes.size() == 42 + 74 + 74 + 4 * kDimension);
  CHECK(read_decisions(bytes, kDimension) == decisions);
  CHECK(read_decisions({}, kDimension).empty());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    if (size == 42 || size == 42 + 74) continue;
    CHECK(cause_of([&] { read_decisions(Bytes(bytes).first(size), kDimension); }) == Cause::kStoreDamaged);
  }
  for (const auto& [place, value] : {std::pair{0, 4}, {0, 0}, {1, 4}, {42 + 74 + 74 + 3, 0x7F}}) {
    auto other = bytes;
    other[static_cast<std::size_t>(place)] = static_cast<std::uint8_t>(value);
    CHECK(cause_of([&] { read_decisions(other, kDimension); }) == Cause::kStoreDamaged);
  }
  const std::vector<Decision> many(kDecisionRows + 1);
  CHECK(cause_of([&] { read_decisions(write_decisions(many, kDimension), kDimension); }) ==
        Cause::kStoreDamaged);
  decisions[2].values.pop_back();
  CHECK(error_of([&] { write_decisions(decisions, kDimension); }).reason() == "TEMPLATE_INVALID");
}

TEST_CASE("slots and counts are checked", "[records]") {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{258}, ~std::uint64_t{0}}) {
    CHECK(read_slot(write_slot(number)) == number);
    CHECK(read_count(write_count(number)) == number);
  }
  CHECK(write_slot(255) < write_slot(256));
  const std::vector<std::uint8_t> bytes(17);
  CHECK(cause_of([] { read_slot({}); }) == Cause::kStoreDamaged);
  CHECK(cause_of([&] { read_count(bytes); }) == Cause::kStoreDamaged);
  CHECK(cause_of([&] { read_uuid(bytes); }) == Cause::kStoreDamaged);
}

TEST_CASE("the blocks of every dimension have pieces of a good size", "[records]") {
  for (const int dimension : {1, 16, 63, 64, 128, 192, 512, 2048, 16'384}) {
    const Geometry geometry = geometry_of(dimension);
    CAPTURE(dimension, geometry.code_rows, geometry.template_rows);
    CHECK(is_usable(geometry));
    CHECK(geometry.template_rows >= 1);
    if (dimension <= 2048) CHECK(geometry.size(PieceKind::kCodes) <= 256 << 10);
    if (dimension <= 2048) CHECK(geometry.size(PieceKind::kTemplates) <= 256 << 10);
  }
}

TEST_CASE("a tombstone knows its faces and nothing else", "[records]") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "tombstone";
  CHECK_FALSE(Tombstone::open(path));
  for (const std::size_t count : {0U, 1U, 2U, 3U, 100U}) {
    std::vector<Uuid> faces(count);
    std::generate(faces.begin(), faces.end(), Uuid::make);
    faces.insert(faces.end(), faces.begin(), faces.begin() + static_cast<std::ptrdiff_t>(count / 2));
    const std::string bytes = write_tombstone(faces);
    CHECK(bytes.size() == 16 + 16 * count);
    replace_file(path, folder.path() / "new", bytes);
    const auto tombstone = Tombstone::open(path);
    REQUIRE(tombstone);
    for (const Uuid& face : faces) {
      CHECK(tombstone->contains(face));
    }
    CHECK_FALSE(tombstone->contains(Uuid::make()));
    CHECK_FALSE(tombstone->contains(Uuid{}));
    CHECK(tombstone->all().size() == count);
    for (const std::string& bad :
         {bytes + "x", bytes.substr(1), bytes.substr(0, bytes.size() - 1), std::string()}) {
      replace_file(path, folder.path() / "new", bad);
      CHECK(cause_of([&] { Tombstone::open(path); }) == Cause::kStoreDamaged);
    }
    std::string later = bytes;
    later[6] = 2;
    replace_file(path, folder.path() / "new", later);
    CHECK(error_of([&] { Tombstone::open(path); }).reason() == "STORE_VERSION_UNKNOWN");
  }
}

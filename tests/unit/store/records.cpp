// SPDX-License-Identifier: MIT
// The records as bytes: what is written can be read, what is not valid is an Error.
#include <limits>

#include "facesearch/store/face_value.hpp"
#include "facesearch/store/json_records.hpp"
#include "facesearch/store/tombstone.hpp"
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
  CHECK(read.policy == collection.policy);
  mutate(write_store(store), read_store);
  mutate(write_collection(collection), read_collection);
  mutate(write_keys({{Uuid::make(), "a", {}, 15, {"staff"}, 1, 2, 3}}), read_keys);
}

TEST_CASE("JSON of the wrong kind is refused", "[records]") {
  for (const char* text : {"", "null", "[]", "7", "\"a\"", "{", "{}", "{\"format\":1}", "{\"format\":\"1\"}",
                           "{\"format\":-1,\"uuid\":\"\"}", "{\"format\":1.0,\"uuid\":\"\"}"}) {
    CAPTURE(text);
    CHECK(error_of([&] { read_store(text); }).reason() == "RECORD_INVALID");
    CHECK(error_of([&] { read_keys(text); }).reason() == "RECORD_INVALID");
    CHECK(error_of([&] { read_collection(text); }).reason() == "RECORD_INVALID");
  }
  const std::string deep(1'000'000, '[');
  CHECK(cause_of([&] { read_keys(deep); }) == Cause::kStoreDamaged);
  const Error later = error_of([] { read_store(R"({"format":2})"); });
  CHECK(later.cause() == Cause::kStoreDamaged);
  CHECK(later.reason() == "STORE_VERSION_UNKNOWN");
}

TEST_CASE("face records survive the way to bytes and back", "[records]") {
  FaceRecord record = face_record();
  record.name = std::string(300, 'n') + '\0';
  const auto bytes = write_face(0x0102'0304'0506'0708, record);
  const FaceValue read = read_face(record.face, bytes);
  CHECK(read.slot == 0x0102'0304'0506'0708);
  CHECK(same(read.record, record));
  CHECK(read_face_place(bytes).slot == read.slot);
  CHECK(read_face_place(bytes).person == record.person);
  mutate(write_face(1, face_record()), [&](const auto& changed) { read_face(record.face, changed); });
  auto longer = bytes;
  longer.push_back(0);
  CHECK(cause_of([&] { read_face(record.face, longer); }) == Cause::kStoreDamaged);
}

TEST_CASE("rows, slots and counts are checked", "[records]") {
  const Uuid face = Uuid::make();
  const Uuid person = Uuid::make();
  auto bytes = write_row(face, person, values_of(3));
  std::vector<float> values(kDimension);
  const TemplateRow row = read_row(bytes, values);
  CHECK(row.face == face);
  CHECK(row.person == person);
  CHECK(values == values_of(3));
  std::fill(bytes.end() - 4, bytes.end(), std::uint8_t{0xff});
  CHECK(cause_of([&] { read_row(bytes, values); }) == Cause::kStoreDamaged);
  std::vector<float> wider(kDimension + 1);
  CHECK(cause_of([&] { read_row(bytes, wider); }) == Cause::kStoreDamaged);
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{258}, ~std::uint64_t{0}}) {
    CHECK(read_slot(write_slot(number)) == number);
    CHECK(read_count(write_count(number)) == number);
  }
  CHECK(write_slot(255) < write_slot(256));
  CHECK(cause_of([] { read_slot({}); }) == Cause::kStoreDamaged);
  CHECK(cause_of([&] { read_count(bytes); }) == Cause::kStoreDamaged);
  CHECK(cause_of([&] { read_uuid(bytes); }) == Cause::kStoreDamaged);
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

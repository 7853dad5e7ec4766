// SPDX-License-Identifier: MIT
// What of faces is found in a store's files: nothing where it is sealed, nothing of what was deleted after a
// rewriting.
#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "facesearch/core/template_codes.hpp"
#include "facesearch/store/lmdb/side.hpp"
#include "store/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

constexpr unsigned kTracedFaces = 400;

std::string all_bytes(const fs::path& folder) {
  std::string bytes;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    bytes += entry.path().string();
    if (entry.is_regular_file()) bytes += contents(entry.path());
  }
  return bytes;
}

FaceRecord named(unsigned i) {
  FaceRecord face = face_record();
  face.name = "Grace Hopper of row " + std::to_string(1000 + i);
  face.metadata = {{"badge colour " + std::to_string(1000 + i), "turquoise " + std::to_string(1000 + i)}};
  if (i % 10 == 0) face.metadata["long story"] = std::string(2000, 'y') + std::to_string(1000 + i);
  return face;
}

// Every piece of 16 bytes of a template and of its codes, and the texts of its face.
std::vector<std::string> traces_of(unsigned i) {
  const std::vector<float> values = values_of(i, 64);
  std::vector<std::uint8_t> codes(code_stride(values.size()));
  encode_template(values, codes);
  std::vector<std::string> traces;
  const auto* floats = reinterpret_cast<const char*>(values.data());
  for (std::size_t at = 0; at + 16 <= values.size() * sizeof(float); at += 4) {
    traces.emplace_back(floats + at, 16);
  }
  for (std::size_t at = 0; at + 16 <= values.size(); ++at) {
    traces.emplace_back(reinterpret_cast<const char*>(codes.data()) + at, 16);
  }
  const std::string number = std::to_string(1000 + i);
  for (const char* text : {"of row ", "colour ", "turquoise ", "yyyy"}) traces.push_back(text + number);
  return traces;
}

std::size_t count_traces(const std::string& bytes, const std::vector<unsigned>& faces) {
  std::vector<std::string> traces;
  for (const unsigned i : faces) {
    for (std::string& trace : traces_of(i)) traces.push_back(std::move(trace));
  }
  const std::unordered_set<std::string_view> wanted(traces.begin(), traces.end());
  std::unordered_set<std::string_view> seen;
  for (std::size_t at = 0; at + 16 <= bytes.size(); ++at) {
    if (const auto trace = wanted.find(std::string_view(bytes).substr(at, 16)); trace != wanted.end()) {
      seen.insert(*trace);
    }
  }
  const auto is_there = [&](const std::string& trace) {
    return trace.size() == 16 ? seen.count(trace) == 1 : bytes.find(trace) != std::string::npos;
  };
  return static_cast<std::size_t>(std::count_if(traces.begin(), traces.end(), is_there));
}

// All that the present keys open.
std::string plaintext_of(const fs::path& folder) {
  const auto store = open_store_in(folder);
  storage::OpenStore opened({folder, store->id()}, options_of(folder));
  const storage::SideUse side(opened, "staff", storage::read_sides(opened.folder, "staff").live);
  storage::SideView view(side);
  std::string bytes;
  for (const storage::PieceKind kind : storage::kCountedKinds) {
    for (std::uint64_t block = 0; block < view.root().table(kind).blocks; ++block) {
      const storage::Bytes payload = view.pieces.read(kind, block);
      bytes.append(payload.begin(), payload.end());
    }
  }
  const std::uint64_t rows = view.root().geometry.record_rows;
  for (std::uint64_t block = 0; block < view.root().table(storage::PieceKind::kRecords).blocks; ++block) {
    const storage::RecordBlock records(view.pieces.read(storage::PieceKind::kRecords, block), rows);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto* entry = records.find(row);
      const auto* large = entry == nullptr ? nullptr : std::get_if<storage::LargeRecord>(entry);
      if (large == nullptr) continue;
      const storage::Bytes payload = view.pieces.read_large(block * rows + row, large->tag);
      bytes.append(payload.begin(), payload.end());
    }
  }
  return bytes;
}

const std::vector<unsigned> kSome{0, 1, 77, 200, 399};

// Makes a store with the collection "staff", and enrols faces of rows 0, 1, …, `each` of them in a commit.
std::vector<Uuid> enrol(const fs::path& folder, bool sealed, unsigned count, unsigned each) {
  std::vector<Uuid> faces;
  const auto store = make_store_in(folder);
  store->create(collection_record("staff", 64, sealed));
  while (faces.size() < count) {
    store->open("staff")->write([&](WriteTransaction& transaction) {
      for (unsigned i = 0; i < each; ++i) {
        const auto row = static_cast<unsigned>(faces.size());
        const FaceRecord face = named(row);
        transaction.add(face, values_of(row, 64));
        faces.push_back(face.face);
      }
    });
  }
  return faces;
}

std::size_t faces_in_tail(const fs::path& folder) {
  const auto store = open_store_in(folder);
  storage::OpenStore opened({folder, store->id()}, options_of(folder));
  const storage::SideUse side(opened, "staff", storage::read_sides(opened.folder, "staff").live);
  storage::SideView view(side);
  return view.pieces.tail_rows(storage::PieceKind::kTemplates).size();
}

}  // namespace

TEST_CASE("what is deleted leaves no trace after a rewriting, what is sealed none at all", "[traces]") {
  const bool sealed = GENERATE(true, false);
  CAPTURE(sealed);
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = enrol(folder.store(), sealed, kTracedFaces, kTracedFaces);
  // The search finds what is there.
  CHECK(count_traces(plaintext_of(folder.store()), kSome) > 500);
  const auto in_files = [&](const std::vector<unsigned>& of) {
    return count_traces(all_bytes(folder.path()), of);  // the master key and the marks too
  };
  CHECK((in_files(kSome) == 0) == sealed);

  const std::string former = contents(folder.store() / "collections/staff/gen-1/key");
  const std::vector<unsigned> gone{0, 77, 200};
  {
    const auto store = open_store_in(folder.store());
    store->open("staff")->write([&](WriteTransaction& transaction) {
      REQUIRE(transaction.erase(faces[0]));
      REQUIRE(transaction.erase(faces[77]));
    });
    if (GENERATE(true, false)) {
      store->upkeep().rewrite("staff", faces[200]);  // erased in the same step
    } else {
      store->open("staff")->write(
          [&](WriteTransaction& transaction) { REQUIRE(transaction.erase(faces[200])); });
      store->upkeep().rewrite("staff", std::nullopt);
    }
    CHECK(store->upkeep().check("staff").faces == kTracedFaces - 3);
  }
  CHECK(count_traces(plaintext_of(folder.store()), gone) == 0);
  CHECK(count_traces(plaintext_of(folder.store()), {1, 399}) > 200);
  CHECK(in_files(gone) == 0);
  CHECK((in_files(kSome) == 0) == sealed);
  const fs::path staff = folder.store() / "collections" / "staff";
  CHECK_FALSE(fs::exists(staff / "gen-1"));
  CHECK(fs::exists(staff / "gen-2" / "key") == sealed);
  if (sealed) CHECK(contents(staff / "gen-2" / "key") != former);
  CHECK(std::distance(fs::directory_iterator(staff), fs::directory_iterator()) == 2);
  for (const auto& entry : fs::directory_iterator(folder.store())) {
    CHECK(entry.path().filename().string().front() != '.');
  }
}

TEST_CASE("faces that were enrolled one by one leave no trace where sealed, nor once deleted and rewritten",
          "[traces][tail]") {
  const bool sealed = GENERATE(true, false);
  CAPTURE(sealed);
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = enrol(folder.store(), sealed, 10, 1);
  REQUIRE(faces_in_tail(folder.store()) == 9);  // all but the first, which made the blocks
  const std::vector<unsigned> some{2, 5, 9};
  CHECK(count_traces(plaintext_of(folder.store()), some) > 300);
  CHECK((count_traces(all_bytes(folder.path()), some) == 0) == sealed);
  {
    const auto store = open_store_in(folder.store());
    store->upkeep().rewrite("staff", faces[5]);
    CHECK(store->upkeep().check("staff").faces == 9);
  }
  CHECK(count_traces(plaintext_of(folder.store()), {2, 9}) > 200);
  CHECK(count_traces(plaintext_of(folder.store()), {5}) == 0);
  CHECK(count_traces(all_bytes(folder.path()), {5}) == 0);
  CHECK((count_traces(all_bytes(folder.path()), some) == 0) == sealed);
}

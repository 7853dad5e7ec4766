// SPDX-License-Identifier: MIT
// A new master key, and a deletion, ended at every call that changes a file.
#include "store/death.hpp"
#include "store/fixtures.hpp"
#include "store/worker.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

// Three collections: one sealed, one that keeps its former side, one plain.
std::vector<Uuid> make_three(const fs::path& folder) {
  const auto store = make_store_in(folder);
  std::vector<Uuid> faces;
  for (const char* id : {"staff", "moved", "plain"}) {
    store->create(collection_record(id, kDimension, std::string(id) != "plain"));
    faces.push_back(add_face(*store->open(id), face_record()));
  }
  move_to_other_pack(*store, "moved");
  return faces;
}

void require_all(const fs::path& folder, const std::vector<Uuid>& faces) {
  const auto store = open_store_in(folder);
  std::size_t i = 0;
  for (const char* id : {"staff", "moved", "plain"}) {
    REQUIRE(store->upkeep().check(id).faces == 1);
    REQUIRE(store->open(id)->snapshot()->find_face(faces[i++]));
  }
  REQUIRE(store->open("moved")->kept_side()->faces == 1);
}

fs::path key_file(const fs::path& folder) {
  const Uuid id = open_store_in(folder)->id();
  return folder.string() + ".master-keys/" + id.text();
}

}  // namespace

TEST_CASE("after a rotation all opens by the new master key and nothing by the former one", "[rotation]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = make_three(folder.store());
  const fs::path key = key_file(folder.store());
  const fs::path former = folder.path() / "former";
  const fs::path present = folder.path() / "present";
  fs::copy_file(key, former);
  {
    const auto store = open_store_in(folder.store());
    store->upkeep().rotate_master(std::nullopt);
    CHECK(store->upkeep().check("staff").faces == 1);  // with what it has read before, too
  }
  require_all(folder.store(), faces);
  fs::rename(key, present);
  fs::rename(former, key);
  for (const char* id : {"staff", "moved"}) {
    CHECK(error_of([&] { open_store_in(folder.store())->open(id); }).reason() == "MASTER_KEY_WRONG");
  }
  CHECK(open_store_in(folder.store())->upkeep().check("plain").faces == 1);
  CHECK(cause_of([&] { open_store_in(folder.store())->upkeep().rotate_master(std::nullopt); }) ==
        Cause::kMasterKey);
  fs::remove(key);
  fs::rename(present, key);
  require_all(folder.store(), faces);
  open_store_in(folder.store())->migrations().revert("moved", [](const CollectionRecord&) {});
  CHECK(open_store_in(folder.store())->upkeep().check("moved").faces == 1);
}

TEST_CASE("a rotation that is killed loses nothing and goes on", "[processes][killed][rotation]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = make_three(folder.store());
  const fs::path copy = folder.path() / "copy";
  int call = 1;
  for (int end = kDied; end == kDied; ++call) {
    copy_store(folder.store(), copy);
    end = end_of(start_worker({"rotate", copy, "-", std::to_string(call)}));
    CAPTURE(call);
    REQUIRE((end == kDied || end == 0));
    require_all(copy, faces);
    const fs::path key = key_file(copy);
    const fs::path former = folder.path() / "former";
    fs::copy_file(folder.store().string() + ".master-keys/" + key.filename().string(), former,
                  fs::copy_options::overwrite_existing);
    open_store_in(copy)->upkeep().rotate_master(std::nullopt);
    require_all(copy, faces);
    fs::rename(former, key);
    REQUIRE(error_of([&] { open_store_in(copy)->open("moved"); }).reason() == "MASTER_KEY_WRONG");
  }
  CHECK(call > 10);
}

TEST_CASE("a deletion that is killed leaves the collection whole or gone", "[processes][killed]") {
  const TemporaryFolder folder;
  const std::vector<Uuid> faces = make_three(folder.store());
  const fs::path copy = folder.path() / "copy";
  int call = 1;
  bool was_live = false;
  for (int end = kDied; end == kDied; ++call) {
    copy_store(folder.store(), copy);
    end = end_of(start_worker({"remove", copy, "moved", std::to_string(call)}));
    CAPTURE(call);
    REQUIRE((end == kDied || end == 0));
    const auto store = open_store_in(copy);
    if (store->state("moved") == CollectionState::kLive) {
      was_live = true;
      REQUIRE(store->upkeep().check("moved").faces == 1);
      REQUIRE(store->open("moved")->kept_side());
      store->remove("moved");
    }
    REQUIRE(store->state("moved") == CollectionState::kDeleted);
    for (const auto& entry : fs::directory_iterator(copy)) {
      REQUIRE(entry.path().filename().string().front() != '.');
    }
    store->create(collection_record("moved"));
    REQUIRE(store->open("moved")->snapshot()->was_erased(faces[1]));
  }
  CHECK(was_live);
}

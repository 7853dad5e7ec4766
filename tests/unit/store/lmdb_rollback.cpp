// SPDX-License-Identifier: MIT
// Files of a store put back to former ones or in the place of others: found by the high-water mark, by the
// key or by the pieces.
#include <fstream>

#include "facesearch/store/files/store_folder.hpp"
#include "facesearch/store/format/high_water_mark.hpp"
#include "store/readings.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

void put_in_place(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

void forget_marks(const fs::path& store) {
  for (const auto& entry : fs::directory_iterator(store.string() + ".master-keys")) {
    if (entry.path().extension() == ".marks") fs::remove_all(entry.path());
  }
}

// How many marks a store has left.
std::ptrdiff_t marks_of(const fs::path& store) {
  for (const auto& entry : fs::directory_iterator(store.string() + ".master-keys")) {
    if (entry.path().extension() == ".marks") {
      return std::distance(fs::directory_iterator(entry.path()), fs::directory_iterator()) -
             (fs::exists(entry.path() / "place") ? 1 : 0);
    }
  }
  return 0;
}

Uuid make_small(const fs::path& folder, bool sealed = true) {
  const auto store = make_store_in(folder);
  store->create(collection_record("staff", kDimension, sealed));
  return add_face(*store->open("staff"), face_record());
}

Error opening(const fs::path& folder) {
  return error_of([&] { open_store_in(folder)->open("staff"); });
}

}  // namespace

TEST_CASE("a collection that was put back is found while its mark is there", "[tamper][rollback]") {
  const TemporaryFolder folder;
  const fs::path store = folder.store();
  const fs::path earlier = folder.path() / "earlier";
  const Uuid face = make_small(store);
  copy_store(store, earlier);
  const auto erase = [&] {
    open_store_in(store)->open("staff")->write(
        [&](WriteTransaction& transaction) { REQUIRE(transaction.erase(face)); });
  };
  SECTION("its side's folder") {
    erase();
    put_in_place(staff_in(earlier) / "gen-1", staff_in(store) / "gen-1");
  }
  SECTION("its folder, after an erasure") {
    erase();
    put_in_place(staff_in(earlier), staff_in(store));
  }
  SECTION("its folder, after an update of its policy") {
    Policy policy;
    policy.min_face_px = 99;
    open_store_in(store)->open("staff")->update_policy(to(policy));
    put_in_place(staff_in(earlier), staff_in(store));
  }
  SECTION("its folder, after it was rewritten") {
    open_store_in(store)->upkeep().rewrite("staff", std::nullopt);
    put_in_place(staff_in(earlier), staff_in(store));
  }
  SECTION("its folder, after it was moved") {
    move_to_other_pack(*open_store_in(store), "staff");
    put_in_place(staff_in(earlier), staff_in(store));
  }
  SECTION("its folder, after it was moved back") {
    move_to_other_pack(*open_store_in(store), "staff");
    open_store_in(store)->migrations().revert("staff", [](const CollectionRecord&) {});
    put_in_place(staff_in(earlier), staff_in(store));
  }
  SECTION("its folder, after it was deleted") {
    open_store_in(store)->remove("staff");
    put_in_place(staff_in(earlier), staff_in(store));
  }
  SECTION("its folder, after it was deleted and made again") {
    open_store_in(store)->remove("staff");
    open_store_in(store)->create(collection_record("staff"));
    add_face(*open_store_in(store)->open("staff"), face_record());
    put_in_place(staff_in(earlier), staff_in(store));
  }
  SECTION("the whole store") {
    erase();
    put_in_place(earlier, store);
  }
  SECTION("a store that goes another way from there") {
    erase();
    // As far as the other one, and not the same.
    add_face(*open_store_in(earlier)->open("staff"), face_record());
    put_in_place(staff_in(earlier), staff_in(store));
  }
  CHECK(opening(store).reason() == "ROLLED_BACK");
  CHECK(check_reason(store) == "ROLLED_BACK");
  CHECK(error_of([&] { open_store_in(store)->upkeep().rewrite("staff", std::nullopt); }).reason() ==
        "ROLLED_BACK");
  CHECK(marks_of(store) == 1);
  forget_marks(store);
  CHECK(open_store_in(store)->open("staff")->snapshot()->find_face(face));
  CHECK(check_reason(store).empty());
  // From here on it has a mark again.
  add_face(*open_store_in(store)->open("staff"), face_record());
  put_in_place(staff_in(earlier), staff_in(store));
  CHECK(opening(store).reason() == "ROLLED_BACK");
}

TEST_CASE("a CURRENT that was put back is found, and what is live is not swept", "[tamper][rollback]") {
  const TemporaryFolder folder;
  const fs::path store = folder.store();
  const Uuid face = make_small(store);
  const fs::path current = staff_in(store) / "CURRENT";
  const std::string first = contents(current);
  move_to_other_pack(*open_store_in(store), "staff");
  const std::string second = contents(current);
  overwrite(current, first);
  CHECK(opening(store).reason() == "ROLLED_BACK");
  CHECK(opening(store).reason() == "ROLLED_BACK");
  CHECK(fs::exists(staff_in(store) / "gen-2"));
  overwrite(current, second);
  CHECK(open_store_in(store)->open("staff")->snapshot()->find_template(face) == other_values(0));
  for (const char* bad : {"", "{}", "[]", "{\"format\":2,\"live\":2,\"kept\":2}", "{\"format\":2,\"live\":3}",
                          "{\"format\":2,\"live\":0}", "{\"format\":2,\"live\":2,\"kept\":7}"}) {
    overwrite(current, bad);
    CAPTURE(bad);
    CHECK_FALSE(check_reason(store).empty());
    CHECK(fs::exists(staff_in(store) / "gen-1"));
    CHECK(fs::exists(staff_in(store) / "gen-2"));
  }
  CHECK(cause_of([&] { open_store_in(store)->migrations().revert("staff", [](const auto&) {}); }) ==
        Cause::kStoreDamaged);
  fs::remove(current);
  CHECK(opening(store).cause() == Cause::kStoreDamaged);
  overwrite(current, second);
  CHECK(check_reason(store).empty());
  // Without a mark the former side opens, as one that never was moved.
  overwrite(current, first);
  forget_marks(store);
  CHECK(open_store_in(store)->open("staff")->snapshot()->find_template(face) == values_of(0));
}

TEST_CASE("a plain collection in the place of a sealed one is found", "[tamper][rollback]") {
  const TemporaryFolder folder;
  const fs::path store = folder.store();
  make_small(store);
  // What somebody makes who knows the store's id, and whatever else is in clear.
  const fs::path forged = folder.path() / "forged";
  copy_store(store, forged);
  open_store_in(forged)->remove("staff");
  forget_marks(forged);
  open_store_in(forged)->create(collection_record("staff", kDimension, false));
  for (int i = 0; i < 5; ++i) add_face(*open_store_in(forged)->open("staff"), face_record());
  SECTION("the live side") {
    put_in_place(staff_in(forged), staff_in(store));
    CHECK(opening(store).reason() == "ROLLED_BACK");
    CHECK(check_reason(store) == "ROLLED_BACK");
    CHECK(error_of([&] { open_store_in(store)->upkeep().rewrite("staff", std::nullopt); }).reason() ==
          "ROLLED_BACK");
    CHECK(error_of([&] { open_store_in(store)->migrations().begin("staff", other_pack()); }).reason() ==
          "ROLLED_BACK");
  }
  SECTION("the kept side") {
    move_to_other_pack(*open_store_in(store), "staff");
    put_in_place(staff_in(forged) / "gen-1", staff_in(store) / "gen-1");
    const auto opened = open_store_in(store);
    CHECK(opened->open("staff")->snapshot()->face_count() == 1);
    CHECK(error_of([&] { opened->open("staff")->kept_side(); }).reason() == "RECORD_INVALID");
    CHECK(error_of([&] { opened->upkeep().check("staff"); }).reason() == "RECORD_INVALID");
    CHECK(error_of([&] { opened->migrations().revert("staff", [](const auto&) {}); }).reason() ==
          "RECORD_INVALID");
  }
}

TEST_CASE("a data key that is missing, damaged or another one's is found", "[tamper][keys]") {
  const TemporaryFolder folder;
  const fs::path store = folder.store();
  const Uuid face = make_small(store);
  {
    const auto opened = open_store_in(store);
    opened->create(collection_record("other"));
    add_face(*opened->open("other"), face_record());
  }
  const TemporaryFolder elsewhere;
  make_small(elsewhere.store());
  const fs::path key = staff_in(store) / "gen-1" / "key";
  const std::string right = contents(key);
  const auto is_found = [&] {
    const Cause cause = opening(store).cause();
    CHECK((cause == Cause::kStoreDamaged || cause == Cause::kMasterKey));
    CHECK_FALSE(check_reason(store).empty());
  };
  fs::remove(key);
  is_found();
  for (std::size_t size = 0; size < right.size() - 1; size += 7) {
    overwrite(key, right.substr(0, size));
    is_found();
  }
  std::minstd_rand random(5);
  for (int i = 0; i < 300; ++i) {
    std::string flipped = right;
    char& byte = flipped[random() % (right.size() - 1)];
    const char before = byte;
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ 1U << random() % 8);
    // A digit in upper case is the same one.
    if (std::isxdigit(static_cast<unsigned char>(before)) != 0 && std::tolower(byte) == before) continue;
    CAPTURE(flipped);
    overwrite(key, flipped);
    is_found();
  }
  overwrite(key, contents(store / "collections" / "other" / "gen-1" / "key"));
  is_found();
  overwrite(key, contents(staff_in(elsewhere.store()) / "gen-1" / "key"));
  CHECK(opening(store).cause() == Cause::kMasterKey);
  is_found();
  overwrite(key, std::string(right.size(), '\0'));
  is_found();
  overwrite(key, right);
  CHECK(open_store_in(store)->open("staff")->snapshot()->find_face(face));
}

TEST_CASE("a plain collection does not take a key", "[tamper][keys]") {
  const TemporaryFolder folder;
  make_small(folder.store(), false);
  open_store_in(folder.store())->create(collection_record("other"));
  fs::copy_file(folder.store() / "collections" / "other" / "gen-1" / "key",
                staff_in(folder.store()) / "gen-1" / "key");
  CHECK(opening(folder.store()).cause() == Cause::kStoreDamaged);
  fs::remove(staff_in(folder.store()) / "gen-1" / "key");
  CHECK(check_reason(folder.store()).empty());
}

TEST_CASE("a master key that is missing or another one is told", "[tamper][keys]") {
  const TemporaryFolder folder;
  make_small(folder.store());
  const fs::path keys = folder.store().string() + ".master-keys";
  const Uuid id = open_store_in(folder.store())->id();
  const fs::path aside = folder.path() / "aside";
  fs::rename(keys / id.text(), aside);
  CHECK(opening(folder.store()).cause() == Cause::kMasterKey);
  CHECK(opening(folder.store()).reason() == "NO_MASTER_KEY");
  // One of another store, and another one of this store.
  const TemporaryFolder elsewhere;
  make_small(elsewhere.store());
  const Uuid other = open_store_in(elsewhere.store())->id();
  std::string text = contents(elsewhere.store().string() + ".master-keys/" + other.text());
  overwrite(keys / id.text(), text);
  fs::permissions(keys / id.text(), fs::perms::owner_read | fs::perms::owner_write);
  CHECK(opening(folder.store()).reason() == "MASTER_KEY_OF_OTHER_STORE");
  text.replace(text.find(other.text()), 36, id.text());
  overwrite(keys / id.text(), text);
  CHECK(opening(folder.store()).cause() == Cause::kMasterKey);
  CHECK(opening(folder.store()).reason() == "MASTER_KEY_WRONG");
  CHECK(cause_of([&] { open_store_in(folder.store())->upkeep().check("staff"); }) == Cause::kMasterKey);
  fs::rename(aside, keys / id.text());
  CHECK(check_reason(folder.store()).empty());
}

TEST_CASE("no change of sides is made in favour of what was put back", "[tamper][rollback]") {
  const TemporaryFolder folder;
  const fs::path store = folder.store();
  const fs::path earlier = folder.path() / "earlier";
  const Uuid face = make_small(store);
  SECTION("the end of a migration") {
    move_to_other_pack(*open_store_in(store), "staff");
    copy_store(store, earlier);
    open_store_in(store)->open("staff")->write(
        [&](WriteTransaction& transaction) { REQUIRE(transaction.erase(face)); });
    put_in_place(staff_in(earlier), staff_in(store));
    const auto opened = open_store_in(store);
    CHECK(error_of([&] { opened->migrations().revert("staff", [](const CollectionRecord&) {}); }).reason() ==
          "ROLLED_BACK");
    CHECK(error_of([&] { opened->migrations().confirm("staff"); }).reason() == "ROLLED_BACK");
    CHECK(fs::exists(staff_in(store) / "gen-1"));
    CHECK(fs::exists(staff_in(store) / "gen-2"));
  }
  SECTION("the switch of a migration") {
    copy_store(store, earlier);
    const auto opened = open_store_in(store);
    const auto side = opened->migrations().begin("staff", other_pack());
    side->put({{face, other_values(0)}});
    opened->open("staff")->write(
        [&](WriteTransaction& transaction) { transaction.add(face_record(), values_of(2)); });
    put_in_place(staff_in(earlier), staff_in(store));
    CHECK(error_of([&] { side->go_live([](const Becoming&) {}); }).reason() == "ROLLED_BACK");
  }
}

TEST_CASE("a deleted collection is made again without encryption, mark or no mark", "[tamper][rollback]") {
  const TemporaryFolder folder;
  const fs::path store = folder.store();
  make_small(store);
  copy_store(store, folder.path() / "live");
  open_store_in(store)->remove("staff");
  SECTION("with the mark of its deletion") {}
  SECTION("with the mark that it had while it lived") {
    put_in_place(folder.path() / "live.master-keys", store.string() + ".master-keys");
  }
  open_store_in(store)->create(collection_record("staff", kDimension, false));
  CHECK_NOTHROW(open_store_in(store)->open("staff"));
}

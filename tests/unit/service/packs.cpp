// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/packs.hpp"

#include "catch.hpp"
#include "service/workshop.hpp"

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;
using service::PackInfo;
using service::PackOrigin;

PackInfo named(const std::vector<PackInfo>& packs, const std::string& name) {
  for (const PackInfo& pack : packs) {
    if (pack.name == name) return pack;
  }
  FAIL("no pack " << name);
  return {};
}

}  // namespace

TEST_CASE("packs are listed by name, each with where it is from and whether it is whole", "[packs]") {
  Workshop shop;
  shop.make("share/mini", {.name = "mini"});
  shop.make("share/catalog/known", {.name = "known"}, false);
  shop.make("share/catalog/open", {.name = "open", .embedder = {"e", "embedder", {}, false}});
  shop.make("home/packs/added", {.name = "added", .liveness = {}});
  // Other bytes than the known pack's: a file below the user's folder is found by its checksum.
  shop.make("mine/own", {.name = "own", .detector = {"nets/d", "its own"}, .liveness = {{"l", "too"}}});
  fs::remove(shop.folder() / "mine" / "own" / "e");
  shop.places.models = shop.folder() / "mine";

  const auto packs = service::list_packs(shop.places);
  REQUIRE(packs.size() == 5);
  const auto check = [&](const std::string& name, PackOrigin origin, bool ready) {
    INFO(name);
    const PackInfo pack = named(packs, name);
    CHECK(pack.origin == origin);
    CHECK(pack.ready() == ready);
    CHECK(pack.fault.empty());
    CHECK(pack.ready() == service::faults_of(pack).empty());
    CHECK(service::show_pack(shop.places, name).origin == origin);
  };
  CHECK(packs.front().name == "added");
  check("mini", PackOrigin::kBuiltIn, true);
  check("known", PackOrigin::kCatalogue, false);
  check("open", PackOrigin::kCatalogue, false);
  check("added", PackOrigin::kInstalled, true);
  check("own", PackOrigin::kFolder, false);
  CHECK(named(packs, "mini").liveness);
  CHECK_FALSE(named(packs, "added").liveness);
  CHECK(named(packs, "open").fingerprint.empty());
  CHECK(service::faults_of(named(packs, "open")) == "what its files must be is not recorded: install it");
  CHECK(service::faults_of(named(packs, "own")) == "e is not there");
  CHECK(service::faults_of(named(packs, "known")) == "nets/d is not there; e is not there; l is not there");
}

TEST_CASE("an installed pack hides the catalogue's of that name, and the user's hides both", "[packs]") {
  Workshop shop;
  shop.make("share/catalog/known", {.name = "known"});
  const auto origin = [&] {
    const auto packs = service::list_packs(shop.places);
    REQUIRE(packs.size() == 1);
    return packs.front().origin;
  };
  CHECK(origin() == PackOrigin::kCatalogue);
  shop.install("known");
  CHECK(origin() == PackOrigin::kInstalled);
  shop.make("mine", {.name = "known"});
  shop.places.models = shop.folder() / "mine";
  CHECK(origin() == PackOrigin::kFolder);
  fs::remove(shop.folder() / "mine" / "e");
  const auto again = shop.install("known");  // an installation does not look into the user's folder
  CHECK(again.already);
  CHECK(again.pack.origin == PackOrigin::kInstalled);
  service::remove_pack(shop.places, "known", shop.work.patience);
  CHECK(origin() == PackOrigin::kFolder);
}

TEST_CASE("a manifest that cannot be read is its pack's fault, and nobody else's", "[packs]") {
  Workshop shop;
  shop.make("share/mini", {.name = "mini"});
  for (const char* folder : {"home/packs/added", "share/broken", "share/catalog/known", "mine/own"})
    shop.write(fs::path(folder) / "manifest.json", "{");
  shop.places.models = shop.folder() / "mine";
  const auto packs = service::list_packs(shop.places);
  REQUIRE(packs.size() == 5);
  CHECK(named(packs, "mini").ready());
  const std::vector<std::pair<std::string, PackOrigin>> broken{{"added", PackOrigin::kInstalled},
                                                               {"broken", PackOrigin::kBuiltIn},
                                                               {"known", PackOrigin::kCatalogue},
                                                               {"own", PackOrigin::kFolder}};
  for (const auto& [name, origin] : broken) {
    INFO(name);
    const PackInfo pack = named(packs, name);
    CHECK(pack.origin == origin);
    CHECK_FALSE(pack.ready());
    CHECK_THAT(service::faults_of(pack), Catch::Contains("manifest.json: the manifest is not valid"));
    CHECK(fault_of([&, name = name] {
            service::show_pack(shop.places, name);
          }).is(Cause::kInvalidValue, "MANIFEST_INVALID"));
  }
}

TEST_CASE("a pack of the catalogue of which nothing is there is not installed", "[packs]") {
  Workshop shop;
  MadePack known{.name = "known"};
  shop.make("share/catalog/known", known, false);
  shop.make("home/packs/added", {.name = "added"}, false);
  shop.write("made/nets/d", "detector");  // of the program: nothing is installed by that
  const auto fault = [&](const std::string& name) {
    const Pack pack = find_pack(shop.places, name);
    return fault_of([&] { read_network(pack, pack.embedder.network); });
  };
  CHECK(fault("known").is(Cause::kModelMissing, "PACK_NOT_INSTALLED"));
  CHECK(fault("known").says("run `facesearch models install known --from PATH`"));
  for (MadeFile* file : {&known.embedder, &known.liveness.front()}) file->urls = {"https://made.invalid/x"};
  shop.make("share/catalog/known", known, false);
  CHECK(fault("known").says("run `facesearch models install known`"));
  CHECK(fault("added").is(Cause::kModelMissing, "MODEL_FILE_MISSING"));
  CHECK(fault("added").says("`facesearch models install added --from PATH`"));

  fs::create_directories(shop.folder() / "mine");
  shop.places.models = shop.folder() / "mine";
  CHECK(fault("known").is(Cause::kModelMissing, "PACK_NOT_INSTALLED"));
  CHECK(fault("known").says("nor in " + shop.places.models.string()));
  shop.write("mine/l", "liveness");
  CHECK(fault("known").is(Cause::kModelMissing, "MODEL_FILE_MISSING"));
}

TEST_CASE("a name that is none, or nobody's, is told apart", "[packs]") {
  Workshop shop;
  for (const char* name : {"", ".", "..", "a/b", "/"}) {
    const Fault fault = fault_of([&] { service::show_pack(shop.places, name); });
    CHECK(fault.is(Cause::kModelMissing, "PACK_NOT_FOUND"));
    CHECK(fault.says("a model pack's name has 1 to 64 bytes"));
  }
  CHECK(fault_of([&] { service::show_pack(shop.places, std::string(65, 'a')); }).says("1 to 64 bytes"));
  CHECK(
      fault_of([&] { service::show_pack(shop.places, "nobody"); }).says("there is no model pack nobody in"));
  CHECK(fault_of([&] { service::show_pack({}, "nobody"); }).says("there is no folder"));
  CHECK(service::list_packs({}).empty());
}

TEST_CASE("show looks at sizes, verify at every byte and every network", "[packs]") {
  Workshop shop;
  shop.make("home/packs/made", {});
  const auto verified = [&] {
    PackInfo info = service::show_pack(shop.places, "made");
    service::verify_pack(shop.places, World::runtimes, info);
    return info;
  };
  CHECK(verified().ready());

  shop.write("home/packs/made/e", "embezzle");
  CHECK(service::show_pack(shop.places, "made").ready());
  PackInfo info = verified();
  CHECK_FALSE(info.ready());
  CHECK(info.files.at(0).fault.empty());
  CHECK_THAT(info.files.at(1).fault, Catch::Contains("has the SHA-256"));
  CHECK(info.fault.empty());  // its networks were not asked

  shop.write("home/packs/made/e", "short");
  CHECK_THAT(service::show_pack(shop.places, "made").files.at(1).fault, Catch::Contains("has 5 bytes"));
  fs::remove(shop.places.installed / "made" / "e");
  info = verified();
  CHECK_FALSE(info.files.at(1).path);
  CHECK(service::faults_of(info) == "e is not there");

  shop.make("home/packs/made", {.runtime = "unheard-of"});
  info = verified();
  CHECK_FALSE(info.ready());
  CHECK_THAT(info.fault, Catch::Contains("unheard-of"));
}

TEST_CASE("a calibration of the user's own is told, and a broken one is the pack's fault", "[packs]") {
  Workshop shop;
  shop.make("home/packs/made", {});
  PackInfo info = service::show_pack(shop.places, "made");
  CHECK_FALSE(info.calibration);
  CHECK_FALSE(info.own_calibration);
  const Calibration own{{0.1, 0.2, 0.3, 0.4, 0.5}, 1e-5, "painted"};
  const fs::path file = fs::path("home/calibrations") / (info.fingerprint + ".json");
  shop.write(file, calibration_document(own, "made", info.fingerprint));
  info = service::show_pack(shop.places, "made");
  CHECK(info.own_calibration);
  REQUIRE(info.calibration);
  CHECK(info.calibration->source == "painted");

  shop.write(file, "{");
  info = named(service::list_packs(shop.places), "made");
  CHECK(info.origin == PackOrigin::kInstalled);
  CHECK_THAT(info.fault, Catch::Contains("delete the file"));
}

}  // namespace facesearch::test

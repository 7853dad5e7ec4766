// SPDX-License-Identifier: MIT
#include "facesearch/service/packs/install.hpp"

#include <unistd.h>

#include "catch.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/service/packs/pack_folder.hpp"
#include "service/workshop.hpp"
#include "support/files.hpp"

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

const std::string kAt = "https://made.invalid/";

// Where each file came from, below the workshop.
std::map<std::string, std::string> sources(const Workshop& shop, const service::InstallResult& result) {
  std::map<std::string, std::string> all;
  for (const service::InstalledFile& file : result.files) {
    const bool address = file.from.find("://") != std::string::npos;
    all[file.file] = address ? file.from : fs::path(file.from).lexically_relative(shop.folder()).string();
  }
  return all;
}

const Lines kWhole{"e", "l", "manifest.json", "nets/d"};

}  // namespace

TEST_CASE("files come from --from, the manifest's folder, what is installed, the program, an address",
          "[install]") {
  Workshop shop;
  MadePack pack;
  pack.liveness = {{"l", "liveness"}, {"m", "more"}, {"far", "from afar", {kAt + "far"}}};
  shop.make("source", pack, false);
  shop.make("everything", pack);
  shop.install("source", {"everything"});
  for (const char* lost : {"nets/d", "e", "m", "far"}) fs::remove(shop.places.installed / "made" / lost);

  shop.write("first/d", "detector");
  shop.write("second/nets/d", "detector");
  shop.write("second/l", "liveness");
  shop.write("source/e", "embedder");
  shop.write("source/l", "liveness");
  shop.write("made/m", "more");
  shop.servers.files[kAt + "far"] = "from afar";
  shop.begun.clear();
  CHECK(sources(shop, shop.install("source", {"first", "second"})) ==
        std::map<std::string, std::string>{{"nets/d", "first/d"},
                                           {"l", "second/l"},
                                           {"e", "source/e"},
                                           {"m", "made/m"},
                                           {"far", kAt + "far"}});
  CHECK(shop.begun == Lines{"nets/d", "e", "l", "m", "far"});
  CHECK(shop.servers.asked == Lines{kAt + "far"});

  fs::remove_all(shop.folder() / "source" / "l");
  fs::remove(shop.places.installed / "made" / "far");
  CHECK(sources(shop, shop.install("source", {"first"})).at("l") == "home/packs/made/l");
  CHECK(shop.below("home/partial").empty());
}

TEST_CASE("a path in the manifest goes before the bare name, a folder before the next", "[install]") {
  Workshop shop;
  shop.make("source", {});
  shop.write("one/nets/d", "detector");
  shop.write("one/d", "never looked at");
  shop.write("two/nets/d", "nor this");
  CHECK(sources(shop, shop.install("source", {"one", "two"})).at("nets/d") == "one/nets/d");
}

TEST_CASE("a wrong file is passed over wherever it lies, and told where none is right", "[install]") {
  Workshop shop;
  MadePack pack;
  shop.make("source", pack);
  fs::remove(shop.folder() / "source" / "e");
  shop.write("wrong/e", "embezzle");
  shop.write("short/e", "e");
  shop.write("pointer/e", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 8\n");
  fs::create_directories(shop.folder() / "folder" / "e");

  Fault fault = shop.fault("source", {"wrong"});
  CHECK(fault.is(Cause::kModelMissing, "MODEL_FILE_CHECKSUM"));
  CHECK(fault.says((shop.folder() / "wrong" / "e").string()));
  CHECK(shop.fault("source", {"short"}).is(Cause::kModelMissing, "MODEL_FILE_SIZE"));
  CHECK(shop.fault("source", {"pointer"}).is(Cause::kModelMissing, "LFS_POINTER"));
  CHECK(shop.fault("source", {"folder"}).is(Cause::kModelMissing, "MODEL_FILE_MISSING"));
  CHECK(shop.fault("source", {"nowhere"}).is(Cause::kInvalidValue, "FOLDER_INVALID"));
  fault = shop.fault("source", {"short", "wrong", "folder"});
  CHECK(fault.is(Cause::kModelMissing, "MODEL_FILE_SIZE"));  // of the first
  for (const char* place : {"short/e has 1 bytes", "wrong/e has the SHA-256", "folder/e cannot be read"})
    CHECK(fault.says(place));
  shop.write("source/e", "embezzle");
  CHECK(shop.fault("source").is(Cause::kModelMissing, "MODEL_FILE_CHECKSUM"));
  CHECK(shop.below("home/packs").empty());
  CHECK(shop.servers.asked.empty());

  // Every other place is tried, the addresses at last, and what was passed over is told.
  pack.embedder.urls = {kAt + "e"};
  shop.servers.files[kAt + "e"] = "embedder";
  shop.make("source", pack, false);
  const auto result = shop.install("source", {"wrong", "short"});
  CHECK(sources(shop, result).at("e") == kAt + "e");
  REQUIRE(result.passed_over.size() == 3);
  CHECK_THAT(result.passed_over.at(1), Catch::Contains("short/e has 1 bytes"));
  fs::remove(shop.folder() / "source" / "e");
  shop.write("made/e", "embezzle");
  shop.write("home/packs/made/e", "embezzle");
  const auto mended = shop.install("source");
  CHECK(sources(shop, mended).at("e") == kAt + "e");
  CHECK(mended.passed_over.empty());
  CHECK(shop.install("source").already);
}

TEST_CASE("a file that serves two networks is brought once, one that has a twin under another name as that",
          "[install]") {
  Workshop shop;
  MadePack pack;
  pack.detector = {"same", "both", {kAt + "same"}};
  pack.embedder = pack.detector;
  pack.liveness = {{"twin", "both", {kAt + "twin"}}};
  shop.make("source", pack, false);
  shop.servers.files = {{kAt + "same", "both"}, {kAt + "twin", "both"}};
  CHECK(shop.install("source").files.size() == 2);
  CHECK(shop.servers.asked == Lines{kAt + "same", kAt + "twin"});
  CHECK(shop.below("home/packs/made") == Lines{"manifest.json", "same", "twin"});
  CHECK(shop.below("home/partial").empty());
}

TEST_CASE("files without a place of their own make a manifest invalid", "[install]") {
  Workshop shop;
  const auto refusal = [&](const MadePack& pack) {
    shop.make("source", pack, false);
    const Fault fault = shop.fault("source");
    CHECK(fault.is(Cause::kInvalidValue, "MANIFEST_INVALID"));
    return fault.detail;
  };
  CHECK_THAT(refusal({.detector = {"manifest.json", "a"}}), Catch::Contains("where the manifest does"));
  CHECK_THAT(refusal({.detector = {"manifest.json/a", "a"}}), Catch::Contains("would lie in manifest.json"));
  CHECK_THAT(refusal({.detector = {"a", "a"}, .embedder = {"a/b/c", "b"}}),
             Catch::Contains("would lie in a,"));
  CHECK_THAT(refusal({.detector = {"a/b", "a"}, .embedder = {"a", "b"}}), Catch::Contains("would lie in a,"));
  CHECK_THAT(refusal({.detector = {"e", "other"}}), Catch::Contains("named twice"));
  CHECK_THAT(refusal({.detector = {"e", "embedder", {}, false}}), Catch::Contains("named twice"));
  CHECK_FALSE(fs::exists(shop.places.installed));

  // Names that only look like those of files in the making.
  const MadePack pack{.detector = {"e.part", "detector"}, .liveness = {{".tmp-e", "liveness"}}};
  shop.make("source", pack);
  shop.install("source");
  CHECK(shop.below("home/packs/made") == Lines{".tmp-e", "e", "e.part", "manifest.json"});
}

TEST_CASE("what a killed installation left is swept, and nothing else", "[install]") {
  Workshop shop;
  shop.make("source", {});
  shop.write("home/packs/.tmp-1/nets/d", "half");
  shop.write("home/packs/.tmp-2", "half");
  shop.write("home/packs/.hidden", "the user's");
  shop.write("home/partial/begun.part", "half");
  shop.install("source");
  CHECK(shop.below("home/packs") ==
        Lines{".hidden", "made/e", "made/l", "made/manifest.json", "made/nets/d"});
  CHECK(shop.below("home/partial") == Lines{"begun.part"});
  shop.write("home/packs/.tmp-3", "half");
  CHECK(shop.install("source").already);
  CHECK_FALSE(fs::exists(shop.places.installed / ".tmp-3"));
}

TEST_CASE("an installation that fails leaves what was there as it was", "[install]") {
  Workshop shop;
  MadePack pack;
  pack.embedder.urls = {kAt + "e"};
  pack.liveness.front().urls = {kAt + "l"};
  shop.make("source", pack);
  shop.install("source");
  fs::remove(shop.places.installed / "made" / "e");
  fs::remove(shop.places.installed / "made" / "l");
  fs::remove(shop.folder() / "source" / "e");
  fs::remove(shop.folder() / "source" / "l");

  shop.servers.files[kAt + "e"] = "embedder";
  CHECK(shop.fault("source").is(Cause::kModelMissing, "DOWNLOAD_FAILED"));
  CHECK(shop.below("home/packs") == Lines{"made/manifest.json", "made/nets/d"});
  CHECK(shop.below("home/partial") == Lines{hex(sha256("embedder"))});

  // What came whole is not asked for again, unless it was changed meanwhile.
  shop.servers.asked.clear();
  shop.servers.files[kAt + "l"] = "liveness";
  shop.write("home/partial/" + hex(sha256("liveness")), "damaged!");
  CHECK(sources(shop, shop.install("source")).at("e") == kAt + "e");
  CHECK(shop.servers.asked == Lines{kAt + "l"});
  CHECK(shop.below("home/packs/made") == kWhole);
  CHECK(shop.below("home/partial").empty());
}

TEST_CASE("a pack that cannot be used is not put in place, and does not stay aside", "[install]") {
  Workshop shop;
  MadePack pack;
  pack.runtime = "unheard-of";
  pack.detector.urls = {kAt + "d"};
  shop.servers.files[kAt + "d"] = "detector";
  shop.make("source", pack);
  fs::remove(shop.folder() / "source" / "nets" / "d");
  CHECK(shop.fault("source").is(Cause::kModelMissing, "RUNTIME_MISSING"));
  CHECK(shop.below("home/packs").empty());
  CHECK(shop.below("home/partial").empty());
}

TEST_CASE("a checksum that nobody knew is recorded, and never of what came over http", "[install]") {
  Workshop shop;
  MadePack pack;
  pack.embedder = {"e", "first", {"http://made.invalid/e", kAt + "e"}, false};
  pack.liveness.front() = {"l", "second", {}, false};
  shop.make("source", pack);
  fs::remove(shop.folder() / "source" / "e");
  shop.servers.files = {{"http://made.invalid/e", "first"}, {kAt + "e", "first"}};
  CHECK(shop.fault("source").is(Cause::kModelMissing, "CHECKSUM_UNKNOWN"));
  CHECK(shop.servers.asked.empty());

  pack.embedder.urls.erase(pack.embedder.urls.begin());
  shop.make("source", pack, false);
  const auto result = shop.install("source");
  CHECK(result.pack.ready());
  for (const auto& file : result.files) CHECK(file.recorded == (file.file != "nets/d"));
  const auto pack_there = pack_in(shop.places.installed / "made", {});
  REQUIRE(pack_there);
  CHECK(pack_there->embedder.network.sha256 == hex(sha256("first")));
  CHECK(pack_there->liveness->networks.front().network.bytes == 6);

  // From now on it is that one, for a manifest that leaves it open too.
  CHECK(shop.install("source").already);
  shop.write("home/packs/made/e", "other");
  shop.servers.files[kAt + "e"] = "other";
  CHECK(shop.fault("source").is(Cause::kModelMissing, "MODEL_FILE_CHECKSUM"));
  shop.servers.files[kAt + "e"] = "first";
  const auto mended = shop.install("source");
  for (const auto& file : mended.files) CHECK_FALSE(file.recorded);
  service::remove_pack(shop.places, "made", shop.work.patience);
  shop.servers.files[kAt + "e"] = "other";
  CHECK(shop.install("source").pack.files.at(1).network.sha256 == hex(sha256("other")));
}

TEST_CASE("a manifest with every checksum is installed byte for byte", "[install]") {
  Workshop shop;
  shop.make("source", {});
  const std::string text = "\n  " + MadePack{}.manifest() + "\t";
  shop.write("source/manifest.json", text);
  shop.install("source/manifest.json");
  CHECK(contents(shop.places.installed / "made" / "manifest.json") == text);
}

TEST_CASE("nobody is asked, and no library loaded for it, where every file is at hand", "[install]") {
  Workshop shop;
  MadePack pack;
  pack.detector.urls = {kAt + "d"};
  shop.make("source", pack);
  shop.work.transport = []() -> const Transport& { throw std::logic_error("nothing is to be fetched"); };
  CHECK_FALSE(shop.install("source").already);
  CHECK(shop.install("source").already);
}

TEST_CASE("a pack of one's own is repaired by its name, with the manifest that is installed", "[install]") {
  Workshop shop;
  shop.make("own", {.name = "own"});
  shop.install("own");
  const Lines whole = shop.below("home/packs");
  fs::rename(shop.folder() / "own", shop.folder() / "moved");
  CHECK(shop.install("own").already);

  shop.write("home/packs/own/e", "embezzle");
  const Fault nowhere = shop.fault("own");
  CHECK(nowhere.is(Cause::kModelMissing, "MODEL_FILE_CHECKSUM"));
  CHECK(nowhere.says("`facesearch models install own --from PATH`"));
  const auto mended = shop.install("own", {"moved"});
  CHECK_FALSE(mended.already);
  CHECK(mended.pack.ready());
  CHECK(sources(shop, mended).at("e") == "moved/e");
  CHECK(shop.below("home/packs") == whole);
  // Files alone, without their manifest.
  fs::remove(shop.folder() / "moved" / "manifest.json");
  fs::remove(shop.places.installed / "own" / "nets" / "d");
  CHECK(sources(shop, shop.install("own", {"moved"})).at("nets/d") == "moved/nets/d");
}

TEST_CASE("the pack is moved into place after the last thing that can be interrupted", "[install]") {
  Workshop shop;
  shop.make("source", {});
  bool was_there = true;
  shop.work.begin_placing = [&] { was_there = fs::exists(shop.places.installed / "made"); };
  shop.install("source");
  CHECK_FALSE(was_there);
  shop.work.begin_placing = [] { FAIL("there is nothing to place"); };
  CHECK(shop.install("source").already);
}

TEST_CASE("an empty file is none, and a network that does not run names where it is from", "[install]") {
  Workshop shop;
  MadePack pack;
  pack.embedder.stated = false;
  shop.make("source", pack);
  shop.write("source/e", "");
  const Fault empty = shop.fault("source");
  CHECK(empty.is(Cause::kModelMissing, "MODEL_FILE_SIZE"));
  CHECK(empty.says("source/e is empty"));
  shop.write("other/e", "unusable");
  const Fault fault = shop.fault("source", {"other"});
  CHECK(fault.is(Cause::kModelMissing, "MODEL_UNUSABLE"));
  CHECK(
      fault.says("it is none. No checksum of e was known, and " + (shop.folder() / "other" / "e").string()));
  CHECK(fault.says("Name the place of the right file with --from"));

  pack.embedder = {"e", "unusable"};
  shop.make("source", pack);
  const Fault stated = shop.fault("source");
  CHECK(stated.is(Cause::kModelMissing, "MODEL_UNUSABLE"));
  CHECK(stated.says("Every file has the checksum of " + (shop.folder() / "source/manifest.json").string()));
  CHECK(shop.below("home/packs").empty());
}

TEST_CASE("names that are taken are refused", "[install]") {
  Workshop shop;
  shop.make("share/mini", {.name = "mini"});
  shop.make("share/catalog/known", {.name = "known"});
  shop.make("own", {.name = "mini"});
  CHECK(shop.fault("own").is(Cause::kInvalidValue, "PACK_BUILT_IN"));
  CHECK(shop.fault("mini").is(Cause::kInvalidValue, "PACK_BUILT_IN"));
  const Fault unknown = shop.fault("unknown");
  CHECK(unknown.is(Cause::kModelMissing, "PACK_NOT_FOUND"));
  CHECK(unknown.says("it has known."));
  CHECK(shop.install("known").pack.origin == service::PackOrigin::kInstalled);

  shop.make("own", {.name = "known", .nms = 0.4});
  CHECK(shop.fault("own").is(Cause::kInvalidValue, "PACK_EXISTS"));
  shop.write("home/packs/known/manifest.json", "{");
  const Fault broken = shop.fault("known");
  CHECK(broken.is(Cause::kInvalidValue, "PACK_EXISTS"));
  CHECK(broken.says("facesearch models remove known"));
  service::remove_pack(shop.places, "known", shop.work.patience);
  CHECK_FALSE(shop.install("own").already);
}

TEST_CASE("one installs or removes at a time; others wait as long as they are told", "[install]") {
  Workshop shop;
  shop.make("source", {});
  shop.install("source");
  {
    const service::PackFolder at_work(shop.places.installed, shop.work.patience);
    CHECK(shop.fault("source").is(Cause::kStoreBusy, "LOCK_TIMEOUT"));
    CHECK(fault_of([&] {
            service::remove_pack(shop.places, "made", shop.work.patience);
          }).is(Cause::kStoreBusy, "LOCK_TIMEOUT"));
    CHECK(service::show_pack(shop.places, "made").ready());
  }
  CHECK(shop.install("source").already);
}

TEST_CASE("only what is installed is removed", "[install]") {
  Workshop shop;
  shop.make("share/mini", {.name = "mini"});
  shop.make("share/catalog/known", {.name = "known"});
  const auto fault = [&](const std::string& name) {
    return fault_of([&] { service::remove_pack(shop.places, name, shop.work.patience); });
  };
  CHECK(fault("mini").is(Cause::kInvalidValue, "PACK_BUILT_IN"));
  for (const char* name : {"known", "unknown", "", ".", "..", "../share", "mini/.."})
    CHECK(fault(name).is(Cause::kModelMissing, "PACK_NOT_INSTALLED"));
  CHECK(shop.below("home").empty());  // nothing was made to find that out
  shop.places.installed.clear();
  CHECK(fault("known").is(Cause::kModelMissing, "PACK_NOT_INSTALLED"));
}

TEST_CASE("without a place to install to nothing is tried", "[install]") {
  Workshop shop;
  shop.make("source", {});
  shop.write("home/packs", "a file in the way");
  CHECK(shop.fault("source").is(Cause::kFileSystem, "FILE_ERROR"));
  shop.places.installed = shop.folder() / "source" / "e" / "home" / "packs";
  CHECK(shop.fault("source").is(Cause::kFileSystem, "FILE_ERROR"));
  shop.places.installed.clear();
  CHECK(shop.fault("source").is(Cause::kInvalidValue, "HOME_UNKNOWN"));
  CHECK(shop.begun.empty());
  if (::geteuid() == 0) return;  // who may do everything
  shop.places.installed = shop.folder() / "closed" / "home" / "packs";
  fs::create_directories(shop.folder() / "closed");
  fs::permissions(shop.folder() / "closed", fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(shop.fault("source").is(Cause::kPermissionDenied, "PERMISSION_DENIED"));
  fs::permissions(shop.folder() / "closed", fs::perms::owner_all);
}

TEST_CASE("a link in a pack's place is replaced or removed, and not followed", "[install]") {
  Workshop shop;
  shop.make("source", {});
  shop.make("elsewhere", {});
  fs::create_directories(shop.places.installed);
  for (const char* target : {"nowhere", "elsewhere"}) {
    fs::remove(shop.folder() / "elsewhere" / "e");
    fs::create_directory_symlink(shop.folder() / target, shop.places.installed / "made");
    shop.install("source");
    CHECK(fs::is_directory(fs::symlink_status(shop.places.installed / "made")));
    fs::remove_all(shop.places.installed / "made");
    fs::create_directory_symlink(shop.folder() / target, shop.places.installed / "made");
    service::remove_pack(shop.places, "made", shop.work.patience);
    CHECK(shop.below("home/packs").empty());
    CHECK(shop.below("elsewhere") == Lines{"l", "manifest.json", "nets/d"});
  }
}

}  // namespace facesearch::test

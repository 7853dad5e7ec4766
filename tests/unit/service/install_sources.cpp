// SPDX-License-Identifier: MIT
// Where the files of an installation come from: folders below the named one, archives, addresses of archives.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "catch.hpp"
#include "facesearch/core/digest.hpp"
#include "facesearch/face/pack/file_search.hpp"
#include "facesearch/service/packs/install.hpp"
#include "service/workshop.hpp"
#include "support/files.hpp"

namespace facesearch::test {
namespace {

namespace fs = std::filesystem;

const std::string kSite = "https://made.invalid/";

// Python's own archives; /usr/bin/python3 has every compression.
void python(const std::string& line) {
  const std::string command = fmt::format("/usr/bin/python3 -c '{}'", line);
  REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

struct Depot : Workshop {
  explicit Depot(const MadePack& made = {}) : pack(made) { make("source", pack, false); }

  // `name` is an archive of the folder `content` below folder(), in the form of its ending.
  void archive(const std::string& name, const std::string& form, const std::string& content) const {
    const std::string base = (folder() / "archived").string();
    python(fmt::format(R"(import shutil; shutil.move(shutil.make_archive("{}", "{}", "{}"), "{}"))", base,
                       form, (folder() / content).string(), (folder() / name).string()));
  }

  // What each file came from, a member behind a colon.
  std::map<std::string, std::string> came(const std::vector<std::string>& from) {
    std::map<std::string, std::string> all;
    for (const service::InstalledFile& file : install("source", from).files) {
      const bool address = file.from.find("://") != std::string::npos;
      all[file.file] = address ? file.from : fs::path(file.from).lexically_relative(folder()).string();
      if (!file.member.empty()) all[file.file] += ": " + file.member;
    }
    return all;
  }

  // The installed files are those of the manifest.
  bool whole() const { return service::show_pack(places, "made").ready(); }

  void forget() { service::remove_pack(places, "made", work.patience); }

  MadePack pack;
};

using Came = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("a file is found below the named folder by what it is, whatever its name", "[sources]") {
  Depot shop;
  shop.write("all/a/b/detector.bin", "detector");
  shop.write("all/c/e", "embedder");
  shop.write("all/other/e", "embezzle");
  shop.write("all/x/y/z/l.old", "liveness");
  CHECK(shop.came({"all"}) ==
        Came{{"nets/d", "all/a/b/detector.bin"}, {"e", "all/c/e"}, {"l", "all/x/y/z/l.old"}});
  CHECK(shop.whole());

  // Where the manifest pins nothing the name is all there is.
  shop.forget();
  shop.pack.embedder.stated = false;
  shop.make("source", shop.pack, false);
  CHECK(shop.came({"all"}).at("e") == "all/c/e");
}

TEST_CASE("a walk is bounded, enters no link to a folder, and opens no pipe", "[sources]") {
  Depot shop;
  shop.write("deep/1/2/3/4/5/6/7/8/e", "embedder");
  shop.write("deeper/1/2/3/4/5/6/7/8/9/e", "embedder");
  NetworkFile wanted;
  wanted.file = "e";
  wanted.bytes = 8;
  wanted.sha256 = hex(sha256("embedder"));
  CHECK(FilesBelow(shop.folder() / "deep").find(wanted));
  CHECK(files_below(shop.folder() / "deep").all);
  CHECK_FALSE(FilesBelow(shop.folder() / "deeper").find(wanted));
  CHECK_FALSE(files_below(shop.folder() / "deeper").all);

  fs::create_directories(shop.folder() / "circle");
  fs::create_directory_symlink(shop.folder() / "circle", shop.folder() / "circle" / "again");
  fs::create_directory_symlink(shop.folder() / "deep", shop.folder() / "circle" / "elsewhere");
  fs::create_symlink(shop.folder() / "deep/1/2/3/4/5/6/7/8/e", shop.folder() / "circle" / "link");
  fs::create_symlink(shop.folder() / "nowhere", shop.folder() / "circle" / "broken");
  REQUIRE(::mkfifo((shop.folder() / "circle" / "pipe").c_str(), 0600) == 0);
  const FolderFiles circle = files_below(shop.folder() / "circle");
  REQUIRE(circle.files.size() == 1);
  CHECK(circle.files.front().path.filename() == "link");
  CHECK(FilesBelow(shop.folder() / "circle").find(wanted));

  for (std::size_t i = 0; i <= kMostEntriesBelow; ++i) shop.write(fmt::format("many/{:05}", i), "");
  const FolderFiles many = files_below(shop.folder() / "many");
  CHECK_FALSE(many.all);
  CHECK(many.files.size() == kMostEntriesBelow);
}

TEST_CASE("members of the pinned size and checksum are unpacked from every kind of archive", "[sources]") {
  Depot shop;
  shop.write("content/in/a/folder/d", "detector");
  shop.write("content/embedder.renamed", "embedder");
  shop.write("content/l", "liveness");
  shop.write("content/more", "something else");
  for (const auto& [name, form] :
       {std::pair("pack.zip", "zip"), std::pair("pack.whl", "zip"), std::pair("pack.tar", "tar"),
        std::pair("pack.tar.gz", "gztar"), std::pair("pack.tgz", "gztar"), std::pair("pack.tar.bz2", "bztar"),
        std::pair("unnamed", "bztar")}) {
    CAPTURE(name);
    shop.archive(name, form, "content");
    const Came came = shop.came({name});
    const std::string archive = name;
    CHECK(came == Came{{"nets/d", archive + ": in/a/folder/d"},
                       {"e", archive + ": embedder.renamed"},
                       {"l", archive + ": l"}});
    CHECK(shop.whole());
    CHECK(shop.below("home/packs") ==
          std::vector<std::string>{"made/e", "made/l", "made/manifest.json", "made/nets/d"});
    CHECK(shop.below("home/partial").empty());
    shop.forget();
  }
}

TEST_CASE("a single file under bzip2 or gzip is that file, and sources add up", "[sources]") {
  Depot shop;
  python(fmt::format(R"(import bz2, gzip; open("{0}/d.bz2", "wb").write(bz2.compress(b"detector")); )"
                     R"(open("{0}/strange.gz", "wb").write(gzip.compress(b"embedder")))",
                     shop.folder().string()));
  shop.write("folder/l", "liveness");
  CHECK(shop.came({"d.bz2", "strange.gz", "folder"}) ==
        Came{{"nets/d", "d.bz2: d"}, {"e", "strange.gz: strange"}, {"l", "folder/l"}});
}

TEST_CASE(
    "a file is named itself: it is what its size and checksum say, and without a pin what its name says",
    "[sources]") {
  MadePack open;
  open.liveness.front().stated = false;
  Depot shop(open);
  shop.write("download(1)", "detector");
  shop.write("x/e", "embedder");
  shop.write("x/l", "liveness");
  shop.write("x/other", "liveness");
  CHECK(shop.came({"download(1)", "x/e", "x/l"}) ==
        Came{{"nets/d", "download(1)"}, {"e", "x/e"}, {"l", "x/l"}});
  CHECK(shop.whole());

  shop.forget();
  CHECK(shop.fault("source", {"download(1)", "x/e", "x/other"}).says("x/other (a file of 8 bytes)"));
  shop.write("wrong/e", "embezzle");
  const Fault wrong = shop.fault("source", {"wrong/e"});
  CHECK(wrong.says("download(1)") == false);
  CHECK(shop.fault("source", {"download(1)", "wrong/e"}).is(Cause::kModelMissing, "MODEL_FILE_CHECKSUM"));
}

TEST_CASE("a member without a pin is taken by its name, the first of them, and recorded", "[sources]") {
  MadePack open;
  open.embedder = {"deep/e", "embedder", {}, false};
  Depot shop(open);
  shop.write("content/a/e", "the first");
  shop.write("content/b/e", "the second");
  shop.write("content/d", "detector");
  shop.write("content/l", "liveness");
  shop.archive("pack.tar", "tar", "content");
  const auto result = shop.install("source", {"pack.tar"});
  CHECK(result.files.front().recorded);
  CHECK(contents(shop.places.installed / "made" / "deep" / "e") == "the first");
  CHECK(shop.whole());
}

TEST_CASE("an archive at an address is fetched once for all files, of --from and of a manifest",
          "[sources]") {
  MadePack packed;
  packed.detector.urls = {kSite + "gone/d", kSite + "sdist.tar.gz?version=1"};
  packed.embedder.urls = {kSite + "sdist.tar.gz?version=1"};
  packed.liveness.front().urls = {kSite + "sdist.tar.gz?version=1"};
  Depot shop(packed);
  shop.write("content/x-1.0/d", "detector");
  shop.write("content/x-1.0/e", "embedder");
  shop.write("content/x-1.0/l", "liveness");
  shop.archive("sdist.tar.gz", "gztar", "content");
  shop.servers.files[kSite + "sdist.tar.gz?version=1"] = contents(shop.folder() / "sdist.tar.gz");
  CHECK(shop.came({}).at("e") == kSite + "sdist.tar.gz: x-1.0/e");
  CHECK(shop.servers.asked == std::vector<std::string>{kSite + "gone/d", kSite + "sdist.tar.gz?version=1"});
  CHECK(shop.whole());
  CHECK(shop.below("home/partial").empty());

  shop.forget();
  shop.servers.asked.clear();
  shop.servers.files[kSite + "other.tar.gz"] = contents(shop.folder() / "sdist.tar.gz");
  CHECK(shop.came({kSite + "other.tar.gz"}).at("l") == kSite + "other.tar.gz: x-1.0/l");
  CHECK(shop.servers.asked == std::vector<std::string>{kSite + "other.tar.gz"});
}

TEST_CASE("a name alone is not taken from an archive that came over http, a pinned file is", "[sources]") {
  MadePack open;
  open.embedder.stated = false;
  Depot shop(open);
  for (const char* file : {"d", "e", "l"}) shop.write(fmt::format("content/{}", file), "");
  shop.write("content/d", "detector");
  shop.write("content/l", "liveness");
  shop.archive("pack.zip", "zip", "content");
  shop.servers.files["http://made.invalid/pack.zip"] = contents(shop.folder() / "pack.zip");
  CHECK(shop.fault("source", {"http://made.invalid/pack.zip"}).is(Cause::kModelMissing, "CHECKSUM_UNKNOWN"));
  shop.write("mine/e", "whatever");
  CHECK(shop.came({"http://made.invalid/pack.zip", "mine"}) ==
        Came{{"nets/d", "http://made.invalid/pack.zip: d"},
             {"e", "mine/e"},
             {"l", "http://made.invalid/pack.zip: l"}});
}

TEST_CASE("the error names what was looked at, and files and members that are nearly right", "[sources]") {
  Depot shop;
  shop.write("content/d", "detector");
  shop.write("content/e", "embezzle");
  shop.write("content/sub/e", "e");
  shop.archive("pack.zip", "zip", "content");
  shop.write("folder/some", "thing");
  shop.write("folder/inner.tgz", "no archive, by its name one");
  const Fault fault = shop.fault("source", {"pack.zip", "folder", kSite + "nothing.zip"});
  CHECK(fault.is(Cause::kModelMissing, "MODEL_FILE_CHECKSUM"));
  for (const char* words :
       {"e of pack made was not found", "pack.zip: its SHA-256 is ", "sub/e in ", "it has 1 bytes, and not 8",
        "nothing.zip: it is not there", "pack.zip (3 members: ", "folder (2 files: inner.tgz, some",
        "inner.tgz is not opened unless it is named itself", "--from PATH"})
    CHECK_THAT(fault.detail, Catch::Contains(words));
  CHECK(shop.below("home/packs").empty());
  CHECK(shop.below("home/partial").empty());
}

TEST_CASE("a damaged archive is passed over, and what came whole before the damage counts", "[sources]") {
  Depot shop;
  for (const auto& [file, text] :
       {std::pair("d", "detector"), std::pair("e", "embedder"), std::pair("l", "liveness")})
    shop.write(fmt::format("content/{}", file), text);
  shop.archive("pack.tar", "tar", "content");
  const std::string whole = contents(shop.folder() / "pack.tar");
  shop.write("cut.tar", whole.substr(0, whole.find("liveness") + 3));
  const Fault fault = shop.fault("source", {"cut.tar"});
  CHECK(fault.is(Cause::kModelMissing, "ARCHIVE_INVALID"));
  CHECK(fault.says("damaged or cut short"));
  shop.write("rest/l", "liveness");
  const auto result = shop.install("source", {"cut.tar", "rest"});
  CHECK(shop.whole());
  CHECK(result.passed_over.size() == 1);
  shop.forget();
  shop.write("cut.tar", whole.substr(0, 700));
  CHECK(shop.came({"cut.tar", "pack.tar"}).size() == 3);
}

TEST_CASE("what is no folder, archive or address is refused before anything is tried", "[sources]") {
  Depot shop;
  shop.write("text.zip", "no archive");
  shop.write("empty.zip", "");
  shop.write("page.onnx", "<!DOCTYPE html><title>Sign in</title>");
  shop.write("pack.tar.xz", std::string("\xfd\x37\x7aXZ\0rest", 10));
  REQUIRE(::mkfifo((shop.folder() / "pipe").c_str(), 0600) == 0);
  const std::map<std::string, std::string> words{
      {"text.zip",
       "is no archive by its first bytes; fetch it again, or unpack it first, and name the folder"},
      {"empty.zip", "is empty; fetch it again"},
      {"page.onnx", "is a web page and not the file"},
      {"pack.tar.xz", "is packed as xz, which is not read; unpack it first, and name the folder"},
      {"pipe", "is neither a folder nor a file"},
      {"nowhere", "there is nothing at"}};
  for (const auto& [from, why] : words) {
    CAPTURE(from);
    const Fault fault = shop.fault("source", {from});
    CHECK(fault.is(Cause::kInvalidValue, "FOLDER_INVALID"));
    CHECK(fault.says(why));
    CHECK(fault.says("--from takes a folder, an archive"));
  }
  CHECK_FALSE(fs::exists(shop.places.installed));
  if (::geteuid() == 0) return;  // who may do everything
  shop.write("closed.zip", "PK\3\4");
  fs::permissions(shop.folder() / "closed.zip", fs::perms::none);
  CHECK(shop.fault("source", {"closed.zip"}).is(Cause::kPermissionDenied, "FILE_NOT_READABLE"));
  fs::create_directories(shop.folder() / "closed");
  fs::permissions(shop.folder() / "closed", fs::perms::none);
  CHECK(shop.fault("source", {"closed"}).says("closed cannot be read"));
  fs::permissions(shop.folder() / "closed", fs::perms::owner_all);
}

TEST_CASE("offline nobody is asked: addresses are left out, files at file addresses are read", "[sources]") {
  MadePack packed;
  packed.embedder.urls = {kSite + "e"};
  Depot shop(packed);
  shop.write("some/d", "detector");
  shop.write("some/l", "liveness");
  shop.servers.files[kSite + "e"] = "embedder";
  shop.offline = true;
  const Fault fault = shop.fault("source", {"some"});
  CHECK(fault.is(Cause::kModelMissing, "MODEL_FILE_MISSING"));
  CHECK(fault.says("--offline asks no address; the manifest has https://made.invalid/e"));
  CHECK(shop.fault("source", {kSite + "pack.zip"}).is(Cause::kInvalidValue, "OFFLINE"));
  CHECK(shop.servers.asked.empty());
  shop.pack.embedder.urls.push_back("file:///e");
  shop.make("source", shop.pack, false);
  shop.servers.files["file:///e"] = "embedder";
  CHECK(shop.came({"some"}).at("e") == "file:///e");
  CHECK(shop.servers.asked == std::vector<std::string>{"file:///e"});
}

TEST_CASE("packs that share the files below a folder walk it once, and read a file once", "[sources]") {
  Depot shop;
  shop.make("models/one", {.name = "one"}, false);
  shop.make("models/two", {.name = "two"}, false);
  shop.write("models/far/below/any", "detector");
  shop.places.models = shop.folder() / "models";
  shop.places.below = std::make_shared<FilesBelow>(shop.places.models);
  const Pack one = find_pack(shop.places, "one");
  const auto found = find_network(one, one.detector.network);
  CHECK(found == shop.folder() / "models/far/below/any");

  // Neither the folder nor the file is looked at again: what has changed since is not seen.
  shop.write("models/far/below/e.bin", "embedder");
  shop.write("models/far/below/any", "detectoR");
  const Pack two = find_pack(shop.places, "two");
  CHECK(find_network(two, two.detector.network) == found);
  CHECK_FALSE(find_network(two, two.embedder.network));
  CHECK(service::show_pack(shop.places, "two").files.at(0).path == found);
  // What is used is checked all the same.
  CHECK(fault_of([&] {
          read_network(two, two.detector.network);
        }).is(Cause::kModelMissing, "MODEL_FILE_CHECKSUM"));
}

TEST_CASE("the folder of --models has the same layouts: a file is found below it by its checksum",
          "[sources]") {
  Depot shop;
  shop.make("models/made", shop.pack, false);
  shop.write("models/nested/once/renamed", "detector");
  shop.write("models/nested/e", "embedder");
  shop.write("models/nested/wrong/l", "livenes?");
  shop.write("models/l", "too long a file");
  shop.places.models = shop.folder() / "models";
  const Pack pack = find_pack(shop.places, "made");
  CHECK(find_network(pack, pack.detector.network) == shop.folder() / "models/nested/once/renamed");
  CHECK(read_network(pack, pack.embedder.network).size() == 8);
  CHECK(find_network(pack, pack.liveness->networks.front().network) == shop.folder() / "models/l");
  shop.write("models/nested/deep/any", "liveness");
  const Pack again = find_pack(shop.places, "made");
  CHECK(find_network(again, again.liveness->networks.front().network) ==
        shop.folder() / "models/nested/deep/any");
}

}  // namespace facesearch::test

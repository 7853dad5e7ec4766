// SPDX-License-Identifier: MIT
// The module of libarchive on archives that make_archives.py makes.
#include "facesearch/fetch/archive.hpp"

#include <fcntl.h>

#include <cstdlib>
#include <map>

#include <fmt/format.h>

#include "facesearch/core/file.hpp"
#include "fetch/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

struct MemberRead {
  std::string name;
  std::optional<std::uint64_t> bytes;
  std::string content;
  std::string fault;
};

struct MembersRead {
  std::vector<std::string> seen;
  std::vector<MemberRead> taken;
};

std::string shown(Obstacle obstacle) {
  const std::map<Obstacle, std::string> all{{Obstacle::kNone, ""},
                                            {Obstacle::kLink, ": a link"},
                                            {Obstacle::kFolder, ": a folder"},
                                            {Obstacle::kNoFile, ": no file"},
                                            {Obstacle::kEncrypted, ": encrypted"}};
  return all.at(obstacle);
}

/// Takes every member and keeps what it is given.
class Members final : public ArchiveSink, public MembersRead {
 public:
  Choice begin(const ArchiveMember& member) override {
    if (seen.size() == enough) return Choice::kEnough;
    seen.push_back(member.name + shown(member.obstacle));
    if (member.obstacle != Obstacle::kNone || passes_over) return Choice::kPassOver;
    taken.push_back({member.name, member.bytes, "", ""});
    return Choice::kTake;
  }
  bool take(std::string_view bytes) override {
    taken.back().content += bytes;
    return taken.back().content.size() < stop_at;
  }
  void end(const std::string& fault) override { taken.back().fault = fault; }

  std::size_t enough = 1'000'000;
  std::size_t stop_at = 1U << 30U;
  bool passes_over = false;
};

struct Archives {
  Archives() {
    const std::string make = fmt::format("/usr/bin/python3 '{}/tests/unit/fetch/make_archives.py' '{}'",
                                         FACESEARCH_SOURCE_DIR, places.folder.string());
    REQUIRE(std::system(make.c_str()) == 0);  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
  }

  void read_into(ArchiveSink& sink, const std::string& name, const ArchiveLimits& limits = {}) const {
    const FileDescriptor file(open_file((places.folder / name).c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(file.get() >= 0);
    load_archive_reader(FACESEARCH_BINARY_DIR "/lib/facesearch")(file.get(), "at/" + name, limits, sink);
  }

  MembersRead members(const std::string& name, const ArchiveLimits& limits = {}) const {
    Members all;
    read_into(all, name, limits);
    return all;
  }

  std::string fault(const std::string& name, const std::string& reason, const ArchiveLimits& limits = {},
                    bool passes_over = false) const {
    CAPTURE(name);
    Members all;
    all.passes_over = passes_over;
    const Error error = error_of([&] { read_into(all, name, limits); });
    CHECK(error.cause() == Cause::kModelMissing);
    CHECK(error.reason() == reason);
    CHECK_THAT(error.detail(), Catch::Contains("at/" + name));
    return error.detail();
  }

  const Places places;
  const std::string one = made_one();

  static std::string made_one() {
    std::string bytes;
    for (int i = 0; bytes.size() < 3000; ++i) {
      const Sha256 digest = sha256(std::to_string(i));
      bytes.append(digest.begin(), digest.end());
    }
    bytes.resize(3000);
    return bytes;
  }
};

const ArchiveLimits kSmall{20, 1U << 24U, 200, 1U << 20U};

}  // namespace

TEST_CASE("every form of archive gives its members, and a compressed file itself", "[archive]") {
  const Archives archives;
  for (const std::string name : {"good.tar", "good.tar.gz", "good.tar.bz2", "good.zip", "stored.whl"}) {
    CAPTURE(name);
    const MembersRead all = archives.members(name);
    REQUIRE(all.taken.size() == 2);
    CHECK(all.taken[0].name == "in/one.dat");
    CHECK(all.taken[0].bytes == 3000);
    CHECK(all.taken[0].content == archives.one);
    CHECK(all.taken[1].content == archives.one.substr(0, 100));
    CHECK(all.taken[1].fault.empty());
  }
  for (const std::string name : {"one.dat.bz2", "one.dat.gz"}) {
    CAPTURE(name);
    const MembersRead all = archives.members(name);
    REQUIRE(all.taken.size() == 1);
    CHECK(all.taken[0].name == "one.dat");
    CHECK_FALSE(all.taken[0].bytes);
    CHECK(all.taken[0].content == archives.one);
  }
}

TEST_CASE(
    "a compressed file that begins with zeros is that file, and an empty tar by its name has no members",
    "[archive]") {
  const Archives archives;
  for (const std::string name : {"zeros.dat.bz2", "zeros.dat.gz"}) {
    CAPTURE(name);
    const MembersRead all = archives.members(name);
    REQUIRE(all.taken.size() == 1);
    CHECK(all.taken[0].name == "zeros.dat");
    CHECK(all.taken[0].content == std::string(2048, '\0') + archives.one);
  }
  CHECK(archives.members("none.tar.gz").seen.empty());
}

TEST_CASE("a damaged head is damage, whatever libarchive would make of what follows", "[archive]") {
  const Archives archives;
  for (const std::string name : {"head.tar", "head.tar.gz"}) {
    for (const bool passes_over : {false, true}) {
      const std::string why = archives.fault(name, "ARCHIVE_INVALID", {}, passes_over);
      CHECK_THAT(why, Catch::Contains("damaged or cut short"));
      CHECK_THAT(why, !Catch::Contains("INTERNAL"));
    }
  }
}

TEST_CASE("a name is a text, and only a regular member that is not encrypted has bytes", "[archive]") {
  const Archives archives;
  using Names = std::vector<std::string>;
  for (const std::string name : {"paths.tar", "paths.zip"})
    CHECK(archives.members(name).seen == Names{"/etc/passwd", "../../up.dat", "a/../../b"});
  CHECK(archives.members("kinds.tar").seen == Names{"soft: a link", "two.dat", "hard: a link",
                                                    "device: no file", "block: no file", "pipe: no file",
                                                    "folder/: a folder"});
  CHECK(archives.members("link.zip").seen == Names{"soft: a link"});
  CHECK(archives.members("encrypted.zip").seen == Names{"in/one.dat: encrypted", "two.dat: encrypted"});
  CHECK(archives.members("duplicates.tar").seen == Names{"two.dat", "two.dat"});
  CHECK(archives.members("nested.zip").seen == Names{"good.tar.gz", "good.tar"});
}

TEST_CASE("a reader stops where enough is read, of a member and of the archive", "[archive]") {
  const Archives archives;
  for (const std::string name : {"good.tar.gz", "good.zip", "good.tar"}) {
    CAPTURE(name);
    Members some;
    some.stop_at = 1;
    archives.read_into(some, name);
    CHECK(some.taken.size() == 2);
    Members first;
    first.enough = 1;
    archives.read_into(first, name);
    CHECK(first.seen.size() == 1);
  }
}

TEST_CASE("what is cut short or no archive is an error, one damaged member of a zip is its own",
          "[archive]") {
  const Archives archives;
  for (const std::string name : {"cut-good.tar", "cut-good.tar.gz", "cut-good.tar.bz2", "cut-good.zip",
                                 "cut-stored.whl", "cut-one.dat.bz2"})
    CHECK_THAT(archives.fault(name, "ARCHIVE_INVALID"), Catch::Contains("damaged or cut short"));
  CHECK_THAT(archives.fault("text.txt", "ARCHIVE_INVALID"), Catch::Contains("none of zip, tar"));
  CHECK_THAT(archives.fault("twice.tar.gz", "ARCHIVE_INVALID"), Catch::Contains("compressed twice"));
  archives.fault("empty.zip", "ARCHIVE_INVALID");  // libarchive knows no zip without a member
  archives.fault("huge.tar", "ARCHIVE_INVALID");
  archives.fault("name.tar", "ARCHIVE_INVALID");
  const MembersRead damaged = archives.members("crc.zip");
  REQUIRE(damaged.taken.size() == 2);
  CHECK_FALSE(damaged.taken[0].fault.empty());
  CHECK(damaged.taken[1].fault.empty());
  CHECK(damaged.taken[1].content == archives.one);
}

TEST_CASE("members, bytes and their ratio to the file have limits, for passed-over members too",
          "[archive]") {
  const Archives archives;
  for (const std::string name : {"ones.bz2", "ones.tar.gz"}) {
    for (const bool passes_over : {false, true})
      CHECK_THAT(archives.fault(name, "ARCHIVE_TOO_LARGE", kSmall, passes_over),
                 Catch::Contains("200 times"));
  }
  CHECK_THAT(archives.fault("ones.zip", "ARCHIVE_TOO_LARGE", kSmall), Catch::Contains("200 times"));
  ArchiveLimits bytes = kSmall;
  bytes.max_bytes = 1U << 20U;
  bytes.free_bytes = 1U << 30U;
  CHECK_THAT(archives.fault("ones.bz2", "ARCHIVE_TOO_LARGE", bytes), Catch::Contains("1048576 bytes"));
  CHECK_THAT(archives.fault("many.tar.gz", "ARCHIVE_TOO_LARGE", kSmall), Catch::Contains("20 members"));
  for (const std::string name : {"directory.zip", "directory64.zip"})
    CHECK_THAT(archives.fault(name, "ARCHIVE_TOO_LARGE"), Catch::Contains("its directory"));
  CHECK(archives.members("ones.bz2").taken.at(0).content.size() == 8U << 20U);  // a small one is no bomb
}

TEST_CASE("archives are known by their first bytes and by the ends of names", "[archive]") {
  CHECK(archive_form("PK\3\4 and more") == ArchiveForm::kZip);
  CHECK(archive_form("PK") == ArchiveForm::kNone);
  CHECK(archive_form("BZh0") == ArchiveForm::kNone);
  CHECK(archive_form("BZh9") == ArchiveForm::kBzip2);
  CHECK(archive_form(std::string(257, 'x') + "ustar") == ArchiveForm::kTar);
  CHECK(archive_form("") == ArchiveForm::kNone);
  for (const char* name : {"a.zip", "A.WHL", "a.tar", "a.tgz", "a.tar.gz", "a.dat.bz2"})
    CHECK(is_archive_name(name));
  for (const char* name : {"a.dat", "zip", ".zip", "a.zip/", "a.zip.part"})
    CHECK_FALSE(is_archive_name(name));
  CHECK(uncompressed_name("a.dat.bz2") == "a.dat");
  CHECK(uncompressed_name("a.dat") == "a.dat");
}

TEST_CASE("without the module of archives its path is told", "[archive]") {
  const Error error = error_of([] { (void)load_archive_reader("/nowhere"); });
  CHECK(error.reason() == "RUNTIME_MISSING");
  CHECK_THAT(error.detail(), Catch::Contains("/nowhere/facesearch-archive.so"));
}

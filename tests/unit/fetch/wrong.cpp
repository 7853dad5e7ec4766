// SPDX-License-Identifier: MIT
// Bytes that are not those wanted, and a file system that refuses.
#include <sys/resource.h>

#include <csignal>

#include "fetch/fake_transport.hpp"
#include "fetch/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;
namespace fs = std::filesystem;

namespace {

const std::string kPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1000\n";
const std::string kPage = "\xEF\xBB\xBF \r\n<!DocType HTML><p>Sign in</p>";

/// What is refused, with what came of it: one answer, nothing in place, nothing left.
Error refused(const Sends& sent, const WantedFile& file, std::uint64_t max_bytes = 1U << 20U) {
  const Places places;
  const FakeTransport transport({sent});
  FetchOptions options = quick();
  options.max_bytes = max_bytes;
  std::uint64_t written = 0;
  options.progress = [&](std::uint64_t done, std::optional<std::uint64_t> /*total*/) { written = done; };
  Error error = error_of([&] { fetch_file(transport, file, places.path, places.partial, options); });
  CHECK(error.cause() == Cause::kModelMissing);
  CHECK(places.empty());
  CHECK(written <= file.bytes.value_or(max_bytes));
  return error;
}

WantedFile of_size(std::uint64_t bytes) {
  return {{kUrl}, bytes, std::nullopt};
}

WantedFile of_sum() {
  return {{kUrl}, std::nullopt, sum_of(kBytes)};
}

}  // namespace

TEST_CASE("another size is refused before a byte is written", "[fetch]") {
  const Error error = refused(Sends{made_bytes(5000)}, wanted(kBytes, {kUrl}));
  CHECK(error.reason() == "MODEL_FILE_SIZE");
  CHECK_THAT(error.detail(), Catch::EndsWith(": it has 5000 bytes, and not 1000"));
  CHECK(refused(Sends{"x"}, of_size(1000)).reason() == "MODEL_FILE_SIZE");
}

TEST_CASE("a body without end is stopped at the size", "[fetch]") {
  const Error error = refused(Sends{made_bytes(5000)}.without_total(), of_size(1000));
  CHECK(error.reason() == "MODEL_FILE_SIZE");
  CHECK_THAT(error.detail(), Catch::EndsWith(": it has more than 1000 bytes"));
  CHECK_THAT(refused(Sends{made_bytes(5000)}.without_total(), of_sum(), 700).detail(),
             Catch::EndsWith(": it has more than 700 bytes"));
}

TEST_CASE("nothing is fetched that is over the limit", "[fetch]") {
  CHECK_THAT(refused(Sends{kBytes}, of_sum(), 999).detail(),
             Catch::EndsWith(": it has 1000 bytes; at most 999 are fetched"));
  const Places places;
  FetchOptions options = quick();
  options.max_bytes = 999;
  const Error error = error_of(
      [&] { fetch_file(FakeTransport({}), wanted(kBytes, {kUrl}), places.path, places.partial, options); });
  CHECK(error.reason() == "MODEL_FILE_SIZE");
  CHECK(places.empty());
  options.max_bytes = 1000;
  fetch_file(FakeTransport({Sends{kBytes}}), wanted(kBytes, {kUrl}), places.path, places.partial, options);
  CHECK(read(places.path) == kBytes);
}

TEST_CASE("an empty body is no file", "[fetch]") {
  for (const Sends& sent : {Sends{""}, Sends{""}.without_total()}) {
    for (const WantedFile& file : {wanted(kBytes, {kUrl}), of_sum(), WantedFile{{kUrl}, {}, {}}}) {
      const Error error = refused(sent, file);
      CHECK(error.reason() == "MODEL_FILE_SIZE");
      CHECK_THAT(error.detail(), Catch::EndsWith(": it is empty"));
    }
  }
}

TEST_CASE("another sum is refused", "[fetch]") {
  std::string other = kBytes;
  other.back() = '?';
  for (const WantedFile& file : {wanted(kBytes, {kUrl}), of_sum()}) {
    const Error error = refused(Sends{other}, file);
    CHECK(error.reason() == "MODEL_FILE_CHECKSUM");
    CHECK_THAT(error.detail(),
               Catch::EndsWith(": its SHA-256 is " + sum_of(other) + ", and not " + sum_of(kBytes)));
  }
}

TEST_CASE("a Git LFS pointer is told, whatever is known of the file", "[fetch]") {
  const WantedFile same_size = of_size(kPointer.size());
  for (const Sends& sent : {Sends{kPointer}, Sends{kPointer}.without_total()}) {
    for (const WantedFile& file : {wanted(kBytes, {kUrl}), of_size(1000), of_size(50), of_sum(), same_size,
                                   WantedFile{{kUrl}, {}, {}}}) {
      const Error error = refused(sent, file);
      CHECK(error.reason() == "LFS_POINTER");
      CHECK_THAT(error.detail(), Catch::Contains("git lfs pull"));
    }
  }
}

TEST_CASE("a web page is told where it is not what is wanted", "[fetch]") {
  const std::string long_page = "<HTML>" + std::string(3000, ' ');
  for (const std::string& page : {kPage, long_page}) {
    for (const Sends& sent : {Sends{page}, Sends{page}.without_total()}) {
      const Error size = refused(sent, of_size(1000));
      CHECK(size.reason() == "MODEL_FILE_SIZE");
      CHECK_THAT(size.detail(), Catch::Contains("the answer is a web page and not the file: it has "));
      const Error sum = refused(sent, of_sum());
      CHECK(sum.reason() == "MODEL_FILE_CHECKSUM");
      CHECK_THAT(sum.detail(), Catch::Contains("the answer is a web page and not the file: its SHA-256 is "));
    }
  }
  const Places places;
  fetch_file(FakeTransport({Sends{kPage}}), wanted(kPage, {kUrl}), places.path, places.partial, quick());
  CHECK(read(places.path) == kPage);
}

TEST_CASE("a wrong answer does not spoil what another address began", "[fetch]") {
  const Places places;
  const WantedFile file = wanted(kBytes, {kUrl, "https://b.invalid/net", "https://c.invalid/net"});
  const FakeTransport transport({Sends{kBytes}.cut_at(400), ends(TransferEnd::kFailed, "gone"),
                                 Sends{kPointer}.from_the_start(), Sends{kBytes}});
  fetch_file(transport, file, places.path, places.partial, quick());
  CHECK(read(places.path) == kBytes);
  CHECK(transport.unused() == 0);
}

TEST_CASE("a full disk leaves nothing", "[fetch]") {
  const Places places;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{500, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  std::string reason;
  try {
    fetch_file(FakeTransport({Sends{kBytes}}), wanted(kBytes, {kUrl}), places.path, places.partial, quick());
  } catch (const Error& error) {
    reason = error.reason();
  }
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(reason == "NO_SPACE");
  CHECK(places.empty());
}

TEST_CASE("a place that cannot be written is told, and nothing is asked for", "[fetch]") {
  const Places places;
  const fs::path nowhere = places.folder / "missing" / "net.part";
  const auto fetch_to = [&](const fs::path& path, const fs::path& partial, const FakeTransport& transport) {
    return error_of([&] { fetch_file(transport, wanted(kBytes, {kUrl}), path, partial, quick()); });
  };
  CHECK(fetch_to(places.path, nowhere, FakeTransport({})).cause() == Cause::kFileSystem);
  fs::create_symlink(places.folder / "elsewhere", places.partial);
  CHECK(fetch_to(places.path, places.partial, FakeTransport({})).cause() == Cause::kFileSystem);
  fs::remove(places.partial);
  fs::create_directories(places.path / "full");
  CHECK(fetch_to(places.path, places.partial, FakeTransport({Sends{kBytes}})).cause() == Cause::kFileSystem);
  CHECK_FALSE(fs::exists(places.partial));
}

TEST_CASE("two downloads do not share a partial file", "[fetch]") {
  const Places places;
  const WantedFile file = wanted(kBytes, {kUrl});
  FetchOptions options = quick();
  int others = 0;
  options.progress = [&](std::uint64_t done, std::optional<std::uint64_t> /*total*/) {
    if (done != 300) return;
    const Error error =
        error_of([&] { fetch_file(FakeTransport({}), file, places.path, places.partial, quick()); });
    CHECK(error.cause() == Cause::kModelMissing);
    CHECK(error.reason() == "DOWNLOAD_RUNNING");
    CHECK(places.only_partial(kBytes.substr(0, 300)));
    ++others;
  };
  fetch_file(FakeTransport({Sends{kBytes}}), file, places.path, places.partial, options);
  CHECK(others == 1);
  CHECK(read(places.path) == kBytes);
}

TEST_CASE("what the caller's functions throw ends it, and what came stays", "[fetch]") {
  const Places places;
  FetchOptions options = quick();
  options.progress = [](std::uint64_t done, std::optional<std::uint64_t> /*total*/) {
    if (done == 300) throw std::runtime_error("enough");
  };
  const FakeTransport transport({Sends{kBytes}});
  CHECK_THROWS_WITH(fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, options),
                    "enough");
  CHECK(places.only_partial(kBytes.substr(0, 300)));
}

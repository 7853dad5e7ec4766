// SPDX-License-Identifier: MIT
// Tries, pauses, going on and starting over, of a transport that does as it is told.
#include "fetch/fake_transport.hpp"
#include "fetch/fixtures.hpp"

using namespace facesearch;
using namespace facesearch::test;
using std::chrono::milliseconds;
using Offsets = std::vector<std::uint64_t>;
namespace fs = std::filesystem;

namespace {

const Sends kSent{kBytes};

WantedFile unchecked() {
  return {{kUrl}, std::nullopt, std::nullopt};
}

}  // namespace

TEST_CASE("a file comes whole and is put in place", "[fetch]") {
  const Places places;
  const FakeTransport transport({kSent});
  std::vector<std::uint64_t> progress;
  FetchOptions options = quick();
  options.rights = fs::perms{0640};
  options.progress = [&](std::uint64_t done, std::optional<std::uint64_t> total) {
    CHECK(total == kBytes.size());
    progress.push_back(done);
  };
  const auto got = fetch_file(transport, wanted(kBytes, {"https://me:pw@a.invalid/net?token=x"}), places.path,
                              places.partial, options);
  CHECK(got.bytes == kBytes.size());
  CHECK(got.sha256 == sum_of(kBytes));
  CHECK(got.address == "https://a.invalid/net");
  CHECK(read(places.path) == kBytes);
  CHECK(fs::status(places.path).permissions() == fs::perms{0640});
  CHECK_FALSE(fs::exists(places.partial));
  CHECK(progress.size() == 10);
  CHECK(progress.back() == kBytes.size());
  CHECK(transport.asked.at(0).url == "https://me:pw@a.invalid/net?token=x");
  CHECK(transport.asked.at(0).stall == std::chrono::seconds(30));
}

TEST_CASE("what was there is replaced, in one step", "[fetch]") {
  const Places places;
  write(places.path, "old");
  const FakeTransport cut({ends(TransferEnd::kFailed, "no")});
  CHECK_THROWS_AS(fetch_file(cut, wanted(kBytes, {kUrl}), places.path, places.partial, quick()), Error);
  CHECK(read(places.path) == "old");
  fetch_file(FakeTransport({kSent}), wanted(kBytes, {kUrl}), places.path, places.partial, quick());
  CHECK(read(places.path) == kBytes);
}

TEST_CASE("a cut download goes on where it stopped", "[fetch]") {
  const Places places;
  const FakeTransport transport({kSent.cut_at(300), kSent.cut_at(301), kSent});
  fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, quick());
  CHECK(transport.offsets() == Offsets{0, 300, 301});
  CHECK(transport.asked.at(1).version.empty());  // the checksum tells
  CHECK(read(places.path) == kBytes);
}

TEST_CASE("pauses double, and tries end", "[fetch]") {
  const Places places;
  const auto busy = ends(TransferEnd::kCut, "the server answers with status 503");
  const FakeTransport transport({busy, busy, busy, busy, busy});
  std::vector<int> pauses;
  FetchOptions options = quick();
  options.trying_again = [&](const std::string& why, milliseconds pause) {
    CHECK(why == "the server answers with status 503");
    pauses.push_back(static_cast<int>(pause.count()));
  };
  const Error error =
      error_of([&] { fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, options); });
  CHECK(pauses == std::vector{1, 2, 4, 8});
  CHECK(error.cause() == Cause::kModelMissing);
  CHECK(error.reason() == "DOWNLOAD_FAILED");
  CHECK(error.detail() ==
        "net.onnx cannot be fetched; https://a.invalid/net: the server answers with status 503 (tries: 5)");
  CHECK(places.empty());
}

TEST_CASE("a try that brings much is not counted", "[fetch]") {
  const Places places;
  constexpr std::size_t kMebibyte = 1U << 20U;
  const std::string bytes = made_bytes(4 * kMebibyte);
  const Sends sent{bytes};
  FetchOptions options = quick();
  options.tries = 2;
  const FakeTransport transport(
      {sent.cut_at(kMebibyte), sent.cut_at(2 * kMebibyte), sent.cut_at(3 * kMebibyte), sent});
  fetch_file(transport, wanted(bytes, {kUrl}), places.path, places.partial, options);
  CHECK(read(places.path) == bytes);
  // A mebibyte that came before does not count again.
  const FakeTransport stuck(
      {sent.from_the_start().cut_at(kMebibyte), sent.from_the_start().cut_at(kMebibyte)});
  CHECK(error_of([&] {
          fetch_file(stuck, wanted(bytes, {kUrl}), places.path, places.partial, options);
        }).reason() == "DOWNLOAD_FAILED");
  CHECK(stuck.unused() == 0);
}

TEST_CASE("what cannot help is not tried again", "[fetch]") {
  const Places places;
  for (const TransferEnd end :
       {TransferEnd::kFailed, TransferEnd::kUnreachable, TransferEnd::kRangeRefused}) {
    const FakeTransport transport({ends(end, "no\x1b[31m")});
    const Error error = error_of(
        [&] { fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, quick()); });
    CHECK(error.detail() == "net.onnx cannot be fetched; https://a.invalid/net: no\\x1b[31m");
    CHECK(places.empty());
  }
}

TEST_CASE("a line that was cut may be gone for a while", "[fetch]") {
  const Places places;
  const FakeTransport transport({kSent.cut_at(10), ends(TransferEnd::kUnreachable, "no network"), kSent});
  fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, quick());
  CHECK(transport.offsets() == Offsets{0, 10, 10});
}

TEST_CASE("a later call goes on where the sum is known", "[fetch]") {
  const Places places;
  FetchOptions once = quick();
  once.tries = 1;
  const FakeTransport cut({kSent.cut_at(400)});
  CHECK(error_of([&] {
          fetch_file(cut, wanted(kBytes, {kUrl}), places.path, places.partial, once);
        }).reason() == "DOWNLOAD_FAILED");
  CHECK(places.only_partial(kBytes.substr(0, 400)));
  CHECK(fs::status(places.partial).permissions() == fs::perms{0600});
  const FakeTransport rest({kSent});
  CHECK(fetch_file(rest, wanted(kBytes, {kUrl}), places.path, places.partial, once).sha256 == sum_of(kBytes));
  CHECK(rest.offsets() == Offsets{400});
  CHECK(read(places.path) == kBytes);
}

TEST_CASE("a later call starts over where the sum is not known", "[fetch]") {
  const Places places;
  FetchOptions once = quick();
  once.tries = 1;
  WantedFile sized = unchecked();
  sized.bytes = kBytes.size();
  const FakeTransport cut({kSent.cut_at(400)});
  CHECK_THROWS_AS(fetch_file(cut, sized, places.path, places.partial, once), Error);
  CHECK(places.empty());
  write(places.partial, kBytes.substr(0, 400));  // as a killed process leaves it
  const FakeTransport all({kSent});
  fetch_file(all, sized, places.path, places.partial, once);
  CHECK(all.offsets() == Offsets{0});
  CHECK(read(places.path) == kBytes);
}

TEST_CASE("a partial that is whole needs no request", "[fetch]") {
  const Places places;
  for (const bool sized : {true, false}) {
    write(places.partial, kBytes);
    WantedFile file = wanted(kBytes, {kUrl});
    if (!sized) file.bytes.reset();
    const auto got = fetch_file(FakeTransport({}), file, places.path, places.partial, quick());
    CHECK(got.address.empty());
    CHECK(got.bytes == kBytes.size());
    CHECK(read(places.path) == kBytes);
    CHECK_FALSE(fs::exists(places.partial));
    fs::remove(places.path);
  }
}

TEST_CASE("a partial that cannot be a part is thrown away", "[fetch]") {
  const Places places;
  for (const std::string& left : {kBytes + "x", std::string(kBytes.size(), 'x')}) {
    write(places.partial, left);
    const FakeTransport transport({kSent});
    fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, quick());
    CHECK(transport.offsets() == Offsets{0});
    CHECK(read(places.path) == kBytes);
  }
}

TEST_CASE("a partial of another file is found out by the sum, and fetched once more", "[fetch]") {
  const Places places;
  write(places.partial, std::string(400, 'x'));
  const FakeTransport transport({kSent, kSent});
  fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, quick());
  CHECK(transport.offsets() == Offsets{400, 0});
  CHECK(read(places.path) == kBytes);

  write(places.partial, std::string(400, 'x'));
  const Sends wrong{std::string(kBytes.size(), 'y')};
  const FakeTransport both({wrong, wrong});
  CHECK(error_of([&] {
          fetch_file(both, wanted(kBytes, {kUrl}), places.path, places.partial, quick());
        }).reason() == "MODEL_FILE_CHECKSUM");
  CHECK(both.offsets() == Offsets{400, 0});
  CHECK_FALSE(fs::exists(places.partial));
  CHECK(read(places.path) == kBytes);  // the one from before
}

TEST_CASE("a server that ignores the range starts over", "[fetch]") {
  const Places places;
  const FakeTransport transport({kSent.cut_at(400), kSent.from_the_start().cut_at(300), kSent});
  fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, quick());
  CHECK(transport.offsets() == Offsets{0, 400, 300});
  CHECK(read(places.path) == kBytes);
}

TEST_CASE("a refused range starts over, once", "[fetch]") {
  const Places places;
  const auto refused = ends(TransferEnd::kRangeRefused, "the server answers with status 416");
  const FakeTransport transport({kSent.cut_at(400), refused, kSent});
  fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, quick());
  CHECK(transport.offsets() == Offsets{0, 400, 0});
  CHECK(read(places.path) == kBytes);
  fs::remove(places.path);
  const FakeTransport twice({kSent.cut_at(400), refused, kSent.cut_at(400), refused});
  CHECK_THAT(error_of([&] {
               fetch_file(twice, wanted(kBytes, {kUrl}), places.path, places.partial, quick());
             }).detail(),
             Catch::EndsWith(": the server answers with status 416"));
  CHECK_FALSE(fs::exists(places.path));
}

TEST_CASE("without a sum the version is asked for, and the size has to stay", "[fetch]") {
  const Places places;
  const Sends tagged = kSent.of_version("\"v1\"");
  const FakeTransport transport({tagged.cut_at(400), tagged});
  CHECK(fetch_file(transport, unchecked(), places.path, places.partial, quick()).sha256 == sum_of(kBytes));
  CHECK(transport.asked.at(0).version.empty());
  CHECK(transport.asked.at(1).version == "\"v1\"");
  CHECK(transport.offsets() == Offsets{0, 400});

  const Sends other{made_bytes(900)};
  const FakeTransport changed({kSent.cut_at(400), other, other});
  fetch_file(changed, unchecked(), places.path, places.partial, quick());
  CHECK(changed.offsets() == Offsets{0, 400, 0});
  CHECK(read(places.path) == made_bytes(900));
}

TEST_CASE("a connection that ends early without having said how much would come was cut", "[fetch]") {
  const Places places;
  Sends early = kSent.without_total();
  early.until = 600;
  const FakeTransport transport({early, kSent.without_total()});
  fetch_file(transport, wanted(kBytes, {kUrl}), places.path, places.partial, quick());
  CHECK(transport.offsets() == Offsets{0, 600});
  CHECK(read(places.path) == kBytes);
}

TEST_CASE("the next address is tried, and all are told", "[fetch]") {
  const Places places;
  const std::vector<std::string> urls{"https://u:pw@a.invalid/net?sig=s3cret", "ftp://b.invalid/net",
                                      "http://c.invalid/net"};
  const FakeTransport good({kSent.cut_at(400), ends(TransferEnd::kFailed, "gone"), kSent});
  CHECK(fetch_file(good, wanted(kBytes, urls), places.path, places.partial, quick()).address == urls.at(2));
  CHECK(good.offsets() == Offsets{0, 400, 400});  // the sum tells whether both have the same
  CHECK(good.asked.at(2).url == urls.at(2));
  CHECK(read(places.path) == kBytes);
  fs::remove(places.path);

  const FakeTransport bad({ends(TransferEnd::kFailed, "status 404"), Sends{"short"}});
  const Error error =
      error_of([&] { fetch_file(bad, wanted(kBytes, urls), places.path, places.partial, quick()); });
  CHECK(error.reason() == "MODEL_FILE_SIZE");
  CHECK(
      error.detail() ==
      "net.onnx cannot be fetched; https://a.invalid/net: status 404; ftp://b.invalid/net: only http, https "
      "and file addresses are fetched; http://c.invalid/net: it has 5 bytes, and not 1000");
  CHECK(places.empty());
  CHECK(error_of([&] {
          fetch_file(FakeTransport({}), wanted(kBytes, {}), places.path, places.partial, quick());
        }).detail() == "net.onnx cannot be fetched; no address of it is known");
}

TEST_CASE("without a sum two addresses are never mixed", "[fetch]") {
  const Places places;
  WantedFile file = unchecked();
  file.urls.emplace_back("https://b.invalid/net");
  const Sends other{made_bytes(500)};
  const FakeTransport transport(
      {kSent.of_version("\"1\"").cut_at(400), ends(TransferEnd::kFailed, "gone"), other});
  fetch_file(transport, file, places.path, places.partial, quick());
  CHECK(transport.offsets() == Offsets{0, 400, 0});
  CHECK(transport.asked.at(2).version.empty());
  CHECK(read(places.path) == made_bytes(500));
}

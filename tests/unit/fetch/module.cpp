// SPDX-License-Identifier: MIT
// The module of libcurl against a server on loopback (server.py).
#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <set>
#include <thread>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "facesearch/fetch/transport_module.hpp"
#include "fetch/fixtures.hpp"
#include "fetch/server.hpp"

using namespace facesearch;
using namespace facesearch::test;
using std::chrono::milliseconds;
using Lines = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

/// What becomes of the options that the module sets: curl_easy_setopt below stands before libcurl's.
struct CurlOptions {
  std::set<int> seen;
  int refused = 0;
  bool any_certificate = false;
} curl_options;

}  // namespace

extern "C" int curl_easy_setopt(void* easy, int option, ...) {
  constexpr int kUnknownOption = 48;
  constexpr int kUrl = 10'002;
  constexpr int kVerifyPeer = 64;
  constexpr int kVerifyHost = 81;
  std::va_list values;
  va_start(values, option);
  void* const value = va_arg(values, void*);  // a long comes in the same register
  va_end(values);
  curl_options.seen.insert(option);
  if (option == curl_options.refused) return kUnknownOption;
  static void* const libcurl = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_NOLOAD);
  static const auto set = reinterpret_cast<int (*)(void*, int, ...)>(::dlsym(libcurl, "curl_easy_setopt"));
  if (option == kUrl && curl_options.any_certificate) {
    set(easy, kVerifyPeer, 0L);
    set(easy, kVerifyHost, 0L);
  }
  return set(easy, option, value);
}

namespace {

const fs::path kModules = FACESEARCH_BINARY_DIR "/lib/facesearch";

struct World {
  World() { write(root / "net", bytes); }

  FetchedFile fetch(const WantedFile& file, const FetchOptions& options = quick()) {
    return fetch_file(load_transport(kModules), file, places.path, places.partial, options);
  }

  FetchedFile fetch(const std::string& path) { return fetch(wanted(bytes, {server.url(path)})); }

  /// The error of a download that fails: nothing is in place.
  Error refused(const WantedFile& file, const FetchOptions& options = quick()) {
    Error error = error_of([&] { fetch(file, options); });
    CHECK(error.cause() == Cause::kModelMissing);
    CHECK_FALSE(fs::exists(places.path));
    return error;
  }

  /// And nothing is left.
  Error refused(const std::string& path) {
    Error error = refused(wanted(bytes, {server.url(path)}));
    CHECK(places.empty());
    return error;
  }

  /// The file came, and these were the requests.
  void comes(const std::string& path, const Lines& requests) {
    CAPTURE(path);
    CHECK(fetch(path).sha256 == sum_of(bytes));
    CHECK(server.asked() == requests);
    CHECK(read(places.path) == bytes);
    CHECK_FALSE(fs::exists(places.partial));
    fs::remove(places.path);
  }

  const Places places;
  const Places files;
  const fs::path root = files.folder / "root";
  const std::string bytes = made_bytes(200'000);
  Server server{root};
};

/// A certificate that nobody signed.
void write_certificate(const fs::path& certificate, const fs::path& key_file) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
  constexpr long kHour = 3600;
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -kHour);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), kHour);
  X509_set_pubkey(made.get(), key.get());
  const auto* name = reinterpret_cast<const unsigned char*>("127.0.0.1");
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, name, -1, -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
  REQUIRE(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
  const auto save = [](const fs::path& path, auto&& put) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    CHECK(put(file) == 1);
    std::fclose(file);
  };
  save(certificate, [&](std::FILE* file) { return PEM_write_X509(file, made.get()); });
  save(key_file, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace

TEST_CASE("a module that cannot be loaded is told by its path", "[module]") {
  const Places places;
  const Error error = error_of([&] { load_transport(places.folder); });
  CHECK(error.reason() == "RUNTIME_MISSING");
  CHECK_THAT(error.detail(),
             Catch::Contains((places.folder / "facesearch-curl.so that fetches files").string()));
}

TEST_CASE("files come, however they are sent", "[module]") {
  World world;
  world.comes("net", {"200 /net"});
  world.comes("chunked/net", {"200 /chunked/net"});
  world.comes("no-length/net", {"200 /no-length/net"});
  world.comes("longer/7/net", {"200 /longer/7/net"});
  world.comes("trickle/20000/5/net", {"200 /trickle/20000/5/net"});
  world.comes("net?token=secret", {"200 /net?token=secret"});
}

TEST_CASE("what is cut is asked for from where it stopped", "[module]") {
  World world;
  world.comes("cut/70000/net", {"200 /cut/70000/net", "206 /cut/70000/net bytes=70000-"});
  world.comes("chunked/cut/70000/net",
              {"200 /chunked/cut/70000/net", "206 /chunked/cut/70000/net bytes=70000-"});
  world.comes("no-length/cut/70000/net",
              {"200 /no-length/cut/70000/net", "206 /no-length/cut/70000/net bytes=70000-"});
  world.comes("cut-always/90000/net", {"200 /cut-always/90000/net", "206 /cut-always/90000/net bytes=90000-",
                                       "206 /cut-always/90000/net bytes=180000-"});
  world.comes("reset/70000/net", {"200 /reset/70000/net", "206 /reset/70000/net bytes=70000-"});
  world.comes("cut/0/net", {"200 /cut/0/net", "200 /cut/0/net"});
}

TEST_CASE("ranges that are not honoured start over", "[module]") {
  World world;
  world.comes("no-range/cut/70000/net",
              {"200 /no-range/cut/70000/net", "200 /no-range/cut/70000/net bytes=70000-"});
  world.comes("refuse-range/cut/70000/net",
              {"200 /refuse-range/cut/70000/net", "416 /refuse-range/cut/70000/net bytes=70000-",
               "200 /refuse-range/cut/70000/net"});
  world.comes("shifted/cut/70000/net",
              {"200 /shifted/cut/70000/net", "206 /shifted/cut/70000/net bytes=70000-",
               "200 /shifted/cut/70000/net"});
}

TEST_CASE("without a sum a range is of the version that began", "[module]") {
  World world;
  const auto of = [&](const std::string& path) {
    return WantedFile{{world.server.url(path)}, std::nullopt, std::nullopt};
  };
  world.fetch(of("cut/70000/net"));
  CHECK(read(world.places.path) == world.bytes);
  const std::string tag = '"' + sum_of(world.bytes).substr(0, 8) + '"';
  CHECK(world.server.asked() == Lines{"200 /cut/70000/net", "206 /cut/70000/net bytes=70000- if " + tag});
  world.fetch(of("changing/cut/70000/net"));
  CHECK(read(world.places.path) == std::string(world.bytes.size(), '\1'));  // all of the second version
  const Lines asked = world.server.asked();
  REQUIRE(asked.size() == 2);
  CHECK_THAT(asked.at(1), Catch::StartsWith("200 /changing/cut/70000/net bytes=70000- if "));
}

TEST_CASE("a killed process is gone on from", "[module]") {
  World world;
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      world.fetch("stall/70000/net");
    } catch (...) {
    }
    ::_exit(1);
  }
  for (int i = 0; i < 400 && read(world.places.partial).size() < 70'000; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(world.places.only_partial(world.bytes.substr(0, 70'000)));
  CHECK(world.server.asked() == Lines{"200 /stall/70000/net"});
  world.comes("net", {"206 /net bytes=70000-"});
}

TEST_CASE("a server that says nothing more is left", "[module]") {
  World world;
  FetchOptions options = quick();
  options.stall = std::chrono::seconds(1);
  std::string why;
  options.trying_again = [&](const std::string& words, milliseconds /*pause*/) { why = words; };
  world.fetch(wanted(world.bytes, {world.server.url("stall/70000/net")}), options);
  CHECK(why == "nothing came for 1 s");
  CHECK(read(world.places.path) == world.bytes);
  CHECK(world.server.asked() == Lines{"200 /stall/70000/net", "206 /stall/70000/net bytes=70000-"});
}

TEST_CASE("statuses are told, and tried again where that can help", "[module]") {
  World world;
  world.comes("fail/2/503/net", {"503 /fail/2/503/net", "503 /fail/2/503/net", "200 /fail/2/503/net"});
  world.comes("fail/1/429/net", {"429 /fail/1/429/net", "200 /fail/1/429/net"});
  world.comes("fail/1/408/net", {"408 /fail/1/408/net", "200 /fail/1/408/net"});
  for (const std::string code : {"403", "404", "204", "300", "416"}) {
    const Error error = world.refused("status/" + code + "/net?token=secret");
    CHECK(error.reason() == "DOWNLOAD_FAILED");
    CHECK(error.detail() == "net.onnx cannot be fetched; " + world.server.url("status/" + code + "/net") +
                                ": the server answers with status " + code);
    CHECK(world.server.asked().size() == 1);
  }
  const Error error = world.refused("status/500/net");
  CHECK_THAT(error.detail(), Catch::EndsWith("the server answers with status 500 (tries: 5)"));
  CHECK(world.server.asked().size() == 5);
}

TEST_CASE("redirects are followed ten times, and over the network alone", "[module]") {
  World world;
  world.comes("redirect/2/net", {"302 /redirect/2/net", "302 /redirect/1/net", "200 /redirect/0/net"});
  world.comes("redirect/1/cut/70000/net",
              {"302 /redirect/1/cut/70000/net", "200 /redirect/0/cut/70000/net",
               "302 /redirect/1/cut/70000/net bytes=70000-", "206 /redirect/0/cut/70000/net bytes=70000-"});
  CHECK(world.fetch("redirect/10/net").sha256 == sum_of(world.bytes));
  fs::remove(world.places.path);
  world.server.asked();
  CHECK_THAT(world.refused("redirect/11/net").detail(), Catch::EndsWith(": it redirects more than 10 times"));
  CHECK(world.server.asked().size() == 11);
  CHECK_THAT(world.refused("loop/net").detail(), Catch::EndsWith(": it redirects more than 10 times"));
  CHECK(world.server.asked().size() == 11);
  CHECK_THAT(world.refused("to/file/net").detail(),
             Catch::EndsWith(": it redirects to file://" + (world.root / "net").string() +
                             ", which is not followed"));
  CHECK_THAT(world.refused("to/ftp/net").detail(),
             Catch::EndsWith(": it redirects to ftp://127.0.0.1:" + std::to_string(world.server.port()) +
                             "/net, which is not followed"));
  CHECK(world.server.asked() == Lines{"302 /to/file/net", "302 /to/ftp/net"});
}

TEST_CASE("an https address never redirects to http, not even by a detour", "[module]") {
  World world;
  const fs::path certificate = world.files.folder / "certificate.pem";
  const fs::path key = world.files.folder / "key.pem";
  write_certificate(certificate, key);
  write(world.files.folder / "tls" / "net", world.bytes);
  Server tls(world.files.folder / "tls", "--tls '" + certificate.string() + "' '" + key.string() + "'");
  curl_options.any_certificate = true;
  const std::string plain = "http/" + std::to_string(world.server.port());
  const std::string secure = "https/" + std::to_string(tls.port());
  const std::string at_tls = "https://127.0.0.1:" + std::to_string(tls.port());
  const auto refused = [&](const std::string& address) {
    const Error error = world.refused(wanted(world.bytes, {address}));
    CHECK_THAT(error.detail(),
               Catch::EndsWith(": it redirects to " + world.server.url("net") + ", which is not followed"));
  };
  world.fetch(wanted(world.bytes, {at_tls + "/to-port/" + secure + "/net"}));
  fs::remove(world.places.path);
  world.fetch(wanted(world.bytes, {world.server.url("to-port/" + secure + "/net")}));
  fs::remove(world.places.path);
  CHECK(world.server.asked().size() == 1);
  refused(at_tls + "/to-port/" + plain + "/net");
  refused(world.server.url("to-port/" + secure + "/to-port/" + plain + "/net"));
  CHECK(world.server.asked().size() == 1);  // the first address of the detour
  curl_options.any_certificate = false;
}

TEST_CASE("an option that libcurl refuses ends the transfer before anything is asked", "[module]") {
  World world;
  const auto begin = [&] { write(world.places.partial, world.bytes.substr(0, 70'000)); };
  curl_options.seen.clear();
  begin();
  world.comes("net", {"206 /net bytes=70000-"});
  const std::set<int> options = curl_options.seen;
  CHECK(options.size() >= 15);
  for (const int option : options) {
    CAPTURE(option);
    curl_options.refused = option;
    begin();
    CHECK_THAT(world.refused(wanted(world.bytes, {world.server.url("net")})).detail(),
               Catch::Contains(": libcurl refuses its option "));
    CHECK(world.server.asked().empty());
  }
  curl_options.refused = 10'318;
  CHECK_THAT(world.refused(wanted(world.bytes, {world.server.url("net")})).detail(),
             Catch::Contains(" PROTOCOLS_STR: "));
  curl_options.refused = 0;
}

TEST_CASE("what is not the file is refused", "[module]") {
  World world;
  CHECK(world.refused("wrong/net").reason() == "MODEL_FILE_CHECKSUM");
  CHECK(world.refused("size/1000/net").reason() == "MODEL_FILE_SIZE");
  CHECK(world.refused("size/300000/net").reason() == "MODEL_FILE_SIZE");
  CHECK(world.refused("chunked/size/300000/net").reason() == "MODEL_FILE_SIZE");
  CHECK(world.refused("no-length/longer/1/net").reason() == "MODEL_FILE_SIZE");
  CHECK(world.refused("empty/net").reason() == "MODEL_FILE_SIZE");
  CHECK(world.refused("no-length/empty/net").reason() == "MODEL_FILE_SIZE");
  CHECK(world.refused("lfs/net").reason() == "LFS_POINTER");
  CHECK(world.refused("chunked/lfs/net").reason() == "LFS_POINTER");
  CHECK_THAT(world.refused("html/net").detail(), Catch::Contains("web page"));
  CHECK(world.server.asked().size() == 10);  // none was tried again
}

TEST_CASE("a request says who asks, and nothing about the user", "[module]") {
  World world;
  const std::string address =
      "http://me:secret@127.0.0.1:" + std::to_string(world.server.port()) + "/headers/net";
  world.fetch(WantedFile{{address}, std::nullopt, std::nullopt});
  const std::string headers = read(world.places.path);
  CHECK_THAT(headers, Catch::Contains("User-Agent: facesearch/0."));
  CHECK_THAT(headers, Catch::Contains("Authorization: Basic bWU6c2VjcmV0"));
  CHECK_THAT(headers,
             !Catch::Contains("Cookie") && !Catch::Contains("Referer") && !Catch::Contains("Encoding"));
}

TEST_CASE("nobody there is told at once, without what is secret", "[module]") {
  World world;
  int port = 0;
  {
    const Server gone(world.root);
    port = gone.port();
  }
  const std::string host = "127.0.0.1:" + std::to_string(port);
  const Error error = world.refused(wanted(world.bytes, {"http://me:secret@" + host + "/net?token=secret"}));
  CHECK(error.reason() == "DOWNLOAD_FAILED");
  CHECK_THAT(error.detail(),
             Catch::StartsWith("net.onnx cannot be fetched; http://" + host + "/net: Failed to connect to "));
  CHECK_THAT(error.detail(), !Catch::Contains("secret") && !Catch::Contains("tries"));
}

TEST_CASE("a proxy of the environment is used", "[module]") {
  World world;
  const auto via = [&](const std::string& proxy) {
    REQUIRE(::setenv("http_proxy", proxy.c_str(), 1) == 0);
    REQUIRE(::unsetenv("no_proxy") == 0);
    REQUIRE(::unsetenv("NO_PROXY") == 0);
    std::string told;
    try {
      world.fetch(wanted(world.bytes, {"http://models.invalid/cut/70000/net"}));
    } catch (const Error& error) {
      told = error.detail();
    }
    REQUIRE(::unsetenv("http_proxy") == 0);
    return told;
  };
  CHECK(via(world.server.url("")).empty());
  CHECK(read(world.places.path) == world.bytes);
  CHECK(world.server.asked() == Lines{"200 http://models.invalid/cut/70000/net",
                                      "206 http://models.invalid/cut/70000/net bytes=70000-"});
  for (const char* proxy : {"odd://secret.invalid:1", "me:secret@["}) {
    const std::string told = via(proxy);
    CHECK_THAT(told, Catch::StartsWith("net.onnx cannot be fetched; http://models.invalid/cut/70000/net: "));
    CHECK_THAT(told, !Catch::Contains("secret"));
  }
}

TEST_CASE("a certificate that nobody signed is refused", "[module]") {
  World world;
  const fs::path certificate = world.files.folder / "certificate.pem";
  const fs::path key = world.files.folder / "key.pem";
  write_certificate(certificate, key);
  write(world.files.folder / "tls" / "net", world.bytes);
  Server server(world.files.folder / "tls", "--tls '" + certificate.string() + "' '" + key.string() + "'");
  const std::string address = "https://127.0.0.1:" + std::to_string(server.port()) + "/net";
  const Error error = world.refused(wanted(world.bytes, {address}));
  CHECK(error.reason() == "DOWNLOAD_FAILED");
  CHECK_THAT(error.detail(), Catch::Contains("certificate"));
  CHECK_THAT(error.detail(), !Catch::Contains("tries"));
  CHECK(server.asked().empty());
}

TEST_CASE("a file address is read, gone on with, and refused where it is no file", "[module]") {
  World world;
  const std::string address = "file://" + (world.root / "net").string();
  CHECK(world.fetch(wanted(world.bytes, {address})).address == address);
  CHECK(read(world.places.path) == world.bytes);
  fs::remove(world.places.path);

  write(world.places.partial, world.bytes.substr(0, 70'000));
  std::vector<std::uint64_t> seen;
  FetchOptions options = quick();
  options.progress = [&](std::uint64_t done, std::optional<std::uint64_t> /*total*/) {
    seen.push_back(done);
  };
  world.fetch(wanted(world.bytes, {address}), options);
  CHECK(read(world.places.path) == world.bytes);
  CHECK(seen.front() > 70'000);
  fs::remove(world.places.path);

  write(world.root / "empty", "");
  CHECK(world.refused(wanted(world.bytes, {"file://" + (world.root / "empty").string()})).reason() ==
        "MODEL_FILE_SIZE");
  const std::string missing = "file://" + (world.root / "missing").string();
  CHECK(world.refused(wanted(world.bytes, {missing})).reason() == "DOWNLOAD_FAILED");
  CHECK(world.places.empty());
  const std::string pipe = (world.root / "a pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const Lines others{world.root.string(), "/dev/zero", (world.root / "a%20pipe").string()};
  for (const std::string& other : others) {
    CHECK_THAT(world.refused(wanted(world.bytes, {"file://" + other})).detail(),
               Catch::EndsWith(": it is not a regular file"));
  }
  CHECK(world.places.empty());
}

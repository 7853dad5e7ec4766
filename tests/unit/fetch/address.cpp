// SPDX-License-Identifier: MIT
#include "facesearch/fetch/address.hpp"

#include "catch.hpp"

using namespace facesearch;

TEST_CASE("three schemes are known, in any case of letters", "[address]") {
  CHECK(scheme_of("http://a/b") == Scheme::kHttp);
  CHECK(scheme_of("HTTPS://a/b") == Scheme::kHttps);
  CHECK(scheme_of("file:///a") == Scheme::kFile);
  for (const char* other :
       {"ftp://a/b", "a/b", "", "://", "httpsx://a", "file:/a", " http://a", "scp://http://a"}) {
    CHECK(scheme_of(other) == Scheme::kNone);
  }
}

TEST_CASE("an address is shown without what is secret", "[address]") {
  CHECK(public_address("https://a.example:8080/x/y.onnx") == "https://a.example:8080/x/y.onnx");
  CHECK(public_address("https://me:secret@a.example/x?token=secret#secret") == "https://a.example/x");
  CHECK(public_address("https://me:se@cret@a.example/x@1") == "https://a.example/x@1");
  CHECK(public_address("https://token@[::1]:80/x") == "https://[::1]:80/x");
  CHECK(public_address("https://a.example?token=secret") == "https://a.example");
  CHECK(public_address("https://me:sec/ret@a.example/x") == "https://...");
  CHECK(public_address("https://me:sec?ret@a.example/x") == "https://...");
  CHECK(public_address("file:///a/b") == "file:///a/b");
  CHECK(public_address("me:secret@a.example/x") == "an address without a scheme");
  CHECK(public_address("http://a/\x1b[31m\n") == "http://a/\\x1b[31m\\n");
}

// SPDX-License-Identifier: MIT
#include "facesearch/core/digest.hpp"

#include <array>

#include "catch.hpp"

// FIPS 180-4, the examples of its appendix.
TEST_CASE("SHA-256 gives the published digests", "[digest]") {
  CHECK(facesearch::hex(facesearch::sha256("")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(facesearch::hex(facesearch::sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("SHA-256 of parts is that of the whole", "[digest]") {
  facesearch::RunningSha256 running;
  CHECK(running.value() == facesearch::sha256(""));
  std::string whole;
  for (const std::size_t size : {1U, 63U, 64U, 65U, 0U, 1000U}) {
    const std::string part(size, static_cast<char>('a' + size % 26));
    running.add(part);
    whole += part;
    CHECK(running.value() == facesearch::sha256(whole));
  }
  running.restart();
  running.add("abc");
  CHECK(running.value() == facesearch::sha256("abc"));
}

TEST_CASE("random bytes fill the whole buffer and differ", "[digest]") {
  std::array<std::uint8_t, 64> a{}, b{};
  facesearch::random_bytes(a);
  facesearch::random_bytes(b);
  CHECK(a != b);
  CHECK(std::array<std::uint8_t, 64>{} != a);
}

TEST_CASE("hexadecimal digits are read as they are written, and nothing else is", "[digest]") {
  std::array<std::uint8_t, 4> bytes{};
  CHECK(facesearch::from_hex("00ff7f1a", bytes));
  CHECK(bytes == std::array<std::uint8_t, 4>{0, 255, 127, 26});
  for (const char* text :
       {"", "00ff7f1", "00ff7f1a0", "00ff7f1a00", "00FF7f1a", "00ff7f1g", " 0ff7f1a", "0x000000"}) {
    CHECK_FALSE(facesearch::from_hex(text, bytes));
  }
  CHECK(facesearch::from_hex("", {}));
}

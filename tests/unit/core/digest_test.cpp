// SPDX-License-Identifier: MIT
#include "facesearch/core/digest.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <vector>

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

// RFC 4231, test cases 2 and 6: a short key, and one that is longer than a block.
TEST_CASE("HMAC-SHA256 gives the published values, whole and in parts", "[digest]") {
  const std::string message = "what do ya want for nothing?";
  const std::string large = "Test Using Larger Than Block-Size Key - Hash Key First";
  const auto bytes_of = [](const std::string& text) {
    return std::vector<std::uint8_t>(text.begin(), text.end());
  };
  const std::vector<std::uint8_t> long_key(131, 0xaa);
  const std::string expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  const std::string of_large = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
  CHECK(facesearch::hex(facesearch::hmac_sha256(bytes_of("Jefe"), bytes_of(message))) == expected);
  CHECK(facesearch::hex(facesearch::hmac_sha256(long_key, bytes_of(large))) == of_large);
  for (std::size_t cut = 0; cut <= message.size(); ++cut) {
    facesearch::RunningSha256 running(bytes_of("Jefe"));
    running.add(message.substr(0, cut));
    running.value();  // asking in between changes nothing
    running.add(message.substr(cut));
    CHECK(facesearch::hex(running.value()) == expected);
  }
  facesearch::RunningSha256 running(long_key);
  running.add("something else");
  running.restart();
  running.add(large);
  CHECK(facesearch::hex(running.value()) == of_large);
}

// As an int 4 GiB + 16 bytes are 16. Only the first 64 KiB of them may be written: a child that goes on to
// fill the rest, as it must, is ended by the first page that it may not write.
TEST_CASE("random bytes fill a buffer whose size is no int", "[digest]") {
  constexpr std::size_t kOpen = 64U << 10;
  constexpr std::size_t kSize = (std::size_t{1} << 32) + 16;
  void* const all = ::mmap(nullptr, kSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(all != MAP_FAILED);
  REQUIRE(::mprotect(all, kOpen, PROT_READ | PROT_WRITE) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGSEGV, SIG_DFL);
    facesearch::random_bytes({static_cast<std::uint8_t*>(all), kSize});
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSEGV);
  ::munmap(all, kSize);
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

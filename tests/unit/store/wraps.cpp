// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "facesearch/core/digest.hpp"
#include "facesearch/store/crypto/master_keys.hpp"
#include "store/master_key_fixtures.hpp"

using namespace facesearch;
using namespace facesearch::storage;
using namespace facesearch::test;

namespace {

const std::vector<std::uint8_t> kOf{1, 2, 3};

Error wrap_error(const std::string& text, MasterKeys& masters, std::span<const std::uint8_t> of = kOf) {
  return error_of([&] { read_wrap(text, masters, of); });
}

}  // namespace

TEST_CASE("a data key comes out of its wrap as it went in", "[keys]") {
  KeyPlace place;
  place.keys().make();
  MasterKeys masters = place.keys();
  const Secret key = Secret::random();
  const std::string text = write_wrap(key, masters.present(), kOf);
  CHECK(read_wrap(text, masters, kOf) == key);
  CHECK(text.find(hex(key.bytes())) == std::string::npos);
  CHECK(text != write_wrap(key, masters.present(), kOf));
  CHECK_THAT(text,
             Catch::StartsWith(fmt::format(R"({{"format":2,"master":"{}","nonce":")", masters.present().id)));

  const Error of_another = wrap_error(text, masters, std::vector<std::uint8_t>{1, 2, 4});
  CHECK(of_another.cause() == Cause::kStoreDamaged);
  CHECK(of_another.reason() == "KEY_FILE_INVALID");
  KeyPlace other;
  other.keys().make();
  MasterKeys strangers = other.keys();
  CHECK(refusal([&] { read_wrap(text, strangers, kOf); }) == "MASTER_KEY_WRONG");
  MasterKeys nowhere(std::nullopt, place.store);
  CHECK(refusal([&] { read_wrap(text, nowhere, kOf); }) == "NO_MASTER_KEY");
}

TEST_CASE("a wrap goes under the present key when it is told to", "[keys]") {
  KeyPlace place;
  place.keys().make();
  MasterKeys masters = place.keys();
  const Secret key = Secret::random();
  const std::string text = write_wrap(key, masters.present(), kOf);
  CHECK(rewrap(text, masters, kOf) == text);
  masters.begin_rotation();
  CHECK(read_wrap(text, masters, kOf) == key);
  const std::string after = rewrap(text, masters, kOf);
  CHECK(after != text);
  CHECK(rewrap(after, masters, kOf) == after);
  masters.end_rotation();
  MasterKeys later = place.keys();
  CHECK(read_wrap(after, later, kOf) == key);
  CHECK(refusal([&] { read_wrap(text, later, kOf); }) == "MASTER_KEY_WRONG");
  CHECK(refusal([&] { rewrap(text, later, kOf); }) == "MASTER_KEY_WRONG");
}

TEST_CASE("what is no wrap is refused", "[keys]") {
  KeyPlace place;
  place.keys().make();
  MasterKeys masters = place.keys();
  const std::string id = masters.present().id;
  const std::string nonce(24, '0');
  const std::string bytes(64, '0');
  const std::string tag(32, '0');
  const auto wrap = [](int format, const std::string& master, const std::string& a, const std::string& b,
                       const std::string& c) {
    return fmt::format(R"({{"format":{},"master":"{}","nonce":"{}","wrapped":"{}","tag":"{}"}})", format,
                       master, a, b, c);
  };
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string("{\"format\":2}"),
        std::string(10'000, '['), wrap(2, id, nonce, bytes, tag), wrap(1, id, nonce, bytes, tag),
        wrap(2, "", nonce, bytes, tag), wrap(2, id + "0", nonce, bytes, tag), wrap(2, id, "0", bytes, tag),
        wrap(2, id, nonce, bytes + "00", tag), wrap(2, id, nonce, bytes, "gg" + tag.substr(2))}) {
    const Error error = wrap_error(text, masters);
    CAPTURE(text.substr(0, 200));
    CHECK(error.cause() == Cause::kStoreDamaged);
    CHECK(error.reason() == "KEY_FILE_INVALID");
  }
}

TEST_CASE("no flipped bit makes a wrap another key", "[keys]") {
  KeyPlace place;
  place.keys().make();
  MasterKeys masters = place.keys();
  const Secret key = Secret::random();
  const std::string text = write_wrap(key, masters.present(), kOf);
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string damaged = text;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    try {
      const Secret read = read_wrap(damaged, masters, kOf);
      CHECK(read == key);
    } catch (const Error& error) {
      CHECK((error.reason() == "KEY_FILE_INVALID" || error.reason() == "MASTER_KEY_WRONG"));
    }
  }
}

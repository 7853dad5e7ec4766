// SPDX-License-Identifier: MIT
#include "facesearch/contract/requests/base64.hpp"

#include <cstdint>
#include <ctime>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "contract/thrown.hpp"

namespace facesearch::contract {
namespace {

using Bytes = std::vector<std::uint8_t>;

const std::string kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

std::string encode(const Bytes& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (i + k < bytes.size() ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63U];
    }
  }
  return text;
}

// The lines of a text one after the other, without the blanks at their ends; none where one is inside.
std::optional<std::string> joined(const std::string& text) {
  std::string all;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    std::string line = text.substr(begin, end - begin);
    line.erase(0, line.find_first_not_of(' '));
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.find(' ') != std::string::npos) return std::nullopt;
    all += line;
    begin = end + 1;
  }
  return all;
}

// RFC 4648, word for word, one bit at a time; none where the text is not canonical.
std::optional<Bytes> slow_decode(const std::string& text) {
  const auto whole = joined(text);
  if (!whole) return std::nullopt;
  const std::string& digits = *whole;
  if (digits.size() % 4 != 0) return std::nullopt;
  std::vector<bool> bits;
  std::size_t end = digits.size();
  while (end > 0 && digits[end - 1] == '=') --end;
  const std::size_t padding = digits.size() - end;
  if (padding > 2) return std::nullopt;
  for (std::size_t i = 0; i < end; ++i) {
    const std::size_t value = kDigits.find(digits[i]);
    if (value == std::string::npos) return std::nullopt;
    for (int bit = 5; bit >= 0; --bit) bits.push_back((value >> bit & 1U) != 0);
  }
  Bytes bytes;
  std::size_t i = 0;
  for (; i + 8 <= bits.size(); i += 8) {
    unsigned byte = 0;
    for (std::size_t k = 0; k < 8; ++k) byte = byte << 1U | (bits[i + k] ? 1U : 0U);
    bytes.push_back(static_cast<std::uint8_t>(byte));
  }
  for (; i < bits.size(); ++i) {
    if (bits[i]) return std::nullopt;
  }
  return bytes;
}

std::optional<Bytes> try_decode(const std::string& text) {
  try {
    return decode_picture_text(text);
  } catch (const Error& error) {
    CHECK(error.cause() == Cause::kImageInvalid);
    CHECK(error.reason() == "INVALID_BASE64");
    CHECK_FALSE(error.detail().empty());
    return std::nullopt;
  }
}

}  // namespace

TEST_CASE("base64 reads the vectors of RFC 4648") {
  CHECK(decode_picture_text("") == Bytes{});
  CHECK(decode_picture_text("Zg==") == bytes_of("f"));
  CHECK(decode_picture_text("Zm8=") == bytes_of("fo"));
  CHECK(decode_picture_text("Zm9v") == bytes_of("foo"));
  CHECK(decode_picture_text("Zm9vYg==") == bytes_of("foob"));
  CHECK(decode_picture_text("Zm9vYmE=") == bytes_of("fooba"));
  CHECK(decode_picture_text("Zm9vYmFy") == bytes_of("foobar"));
  CHECK(decode_picture_text("+/+/") == Bytes{0xFB, 0xFF, 0xBF});
}

TEST_CASE("base64 may be wrapped as base64(1) wraps it, and carry a data URI prefix") {
  CHECK(decode_picture_text("Zm9v\r\nYmFy\n") == bytes_of("foobar"));
  CHECK(decode_picture_text(" Zm8 \n =\n") == bytes_of("fo"));
  CHECK(decode_picture_text("data:image/jpeg;base64,Zm9v") == bytes_of("foo"));
  CHECK(decode_picture_text("\n DATA:Image/PNG;charset=x;BASE64,\nZm9v\n") == bytes_of("foo"));
  CHECK(decode_picture_text("data:image/webp;base64,").empty());
  // What browsers write for a file whose type they do not know.
  CHECK(decode_picture_text("data:application/octet-stream;base64,Zm9v") == bytes_of("foo"));
  CHECK(decode_picture_text("data:;base64,Zm9v") == bytes_of("foo"));
}

TEST_CASE("base64 refuses what is not canonical, and says where without repeating it") {
  const auto detail = [](const std::string& text) {
    return thrown([&] { (void)decode_picture_text(text); }).detail();
  };
  CHECK(detail("Zm9v*mFy") == "faceImage is not base64: character 5 is not one of its 64 digits");
  CHECK(detail("Zm==Zm9v") == "faceImage is not base64: character 5 comes after the padding");
  CHECK(detail("Zm9v_w==") ==
        "faceImage is base64url, not base64: character 5 is - or _. Send + for - and / for _");
  CHECK(detail("Zm9v mFy") ==
        "faceImage is not base64: character 5 is a blank between digits. A form makes one of each +: send "
        "%2B for it");
  CHECK(detail("Zg") ==
        "faceImage is cut short, or its padding is missing: 2 digits and no padding characters");
  CHECK(detail("Z") == "faceImage is cut short or badly padded: 1 digits and 0 padding characters");
  CHECK(detail("Zg=") == "faceImage is cut short or badly padded: 2 digits and 1 padding characters");
  CHECK(detail("Z===") == "faceImage is cut short or badly padded: 1 digits and 3 padding characters");
  CHECK(detail("====") == "faceImage is cut short or badly padded: 0 digits and 4 padding characters");
  CHECK(detail("Zh==") == "faceImage is not base64: the bits before its padding are not zero");
  CHECK(detail("Zm9=") == "faceImage is not base64: the bits before its padding are not zero");
  CHECK(detail("data:image/jpeg,Zm9v") == "faceImage starts like a data URI but has no ;base64, part");
  CHECK(detail("data:image/jpeg;base64") == "faceImage starts like a data URI but has no ;base64, part");
  CHECK(detail("data:image/,Zm9v") == "faceImage starts like a data URI but has no ;base64, part");

  for (const std::string text : {"Zm9v\t", "-_-_", "Zm9v,Zm9v", "data:text/plain,Zm9v",
                                 "Zm9v\xC3\xA9==", "-----BEGIN-----", "Zm9v----", "Zm9v%3D"}) {
    CHECK_FALSE(try_decode(text).has_value());
  }
  CHECK_FALSE(try_decode(std::string("Zm9\0", 4)).has_value());
  CHECK_FALSE(try_decode(std::string("Zm9v\0\0\0\0", 8)).has_value());
}

TEST_CASE("base64 agrees with a slow reference") {
  std::mt19937 random(4648);
  const std::string alphabet = kDigits + kDigits + "==== \n\r-_*\xFF";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    if (round % 2 == 0) {
      Bytes bytes(random() % 40);
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
      text = encode(bytes);
      REQUIRE(encode_base64(bytes) == text);
      REQUIRE(try_decode(text) == bytes);
    }
    for (std::size_t change = random() % 4; change > 0; --change) {
      text.insert(random() % (text.size() + 1), 1, alphabet[random() % alphabet.size()]);
    }
    INFO(text);
    REQUIRE(try_decode(text) == slow_decode(text));
  }
}

TEST_CASE("base64 of a whole request's size is read across chunks, in linear time") {
  std::string text;
  text.reserve(64U << 20);
  while (text.size() + 77 <= 64U << 20) {
    text += "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\n";
  }
  const std::size_t lines = text.size() / 77;
  const std::clock_t start = std::clock();  // of the processor: a busy machine fails nothing
  const Bytes bytes = decode_picture_text(std::move(text));
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  CHECK(bytes.size() == lines * 57);
  CHECK(bytes.back() == '4');
  CHECK(bytes[57 * (lines / 2)] == 'A');
  CHECK(seconds < 30);  // a wrong order of growth takes minutes
}

}  // namespace facesearch::contract

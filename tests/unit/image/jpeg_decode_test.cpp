// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "image/pictures.hpp"

using facesearch::decode;
using facesearch::Error;
using facesearch::Image;
using pictures::Bytes;
using pictures::jpeg;
using pictures::JpegKind;
using pictures::kSmall;
using pictures::Samples;

namespace {

int largest_difference(const Bytes& a, const Bytes& b) {
  REQUIRE(a.size() == b.size());
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(int{a[i]} - int{b[i]}));
  }
  return largest;
}

// `light` is 255 where there is no ink.
Bytes rgb_of_light(const Bytes& light) {
  Bytes rgb;
  for (std::size_t i = 0; i < light.size(); i += 4) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      rgb.push_back(static_cast<std::uint8_t>(std::lround(light[i + channel] * light[i + 3] / 255.0)));
    }
  }
  return rgb;
}

std::string detail_of(const Bytes& bytes) {
  try {
    decode(bytes, kSmall, {});
  } catch (const Error& error) {
    CHECK(error.reason() == "IMAGE_UNDECODABLE");
    return error.detail();
  }
  return "none";
}

// The segment that begins with this marker.
std::ptrdiff_t find_marker(const Bytes& bytes, std::uint8_t marker, std::ptrdiff_t from = 0) {
  const Bytes pattern = {0xFF, marker};
  const auto found = std::search(bytes.begin() + from, bytes.end(), pattern.begin(), pattern.end());
  REQUIRE(found != bytes.end());
  return found - bytes.begin();
}

}  // namespace

TEST_CASE("JPEG of three components gives back its colours") {
  const Samples samples = pictures::smooth(50, 37, 3);
  for (const JpegKind kind :
       {JpegKind::kYcc444, JpegKind::kYcc420, JpegKind::kRgb, JpegKind::kProgressive, JpegKind::kScans}) {
    const Image image = decode(jpeg(samples, kind), kSmall, {});
    CHECK(image.width == 50);
    CHECK(image.height == 37);
    CAPTURE(static_cast<int>(kind));
    CHECK(largest_difference(image.pixels, samples.values) <= (kind == JpegKind::kYcc420 ? 6 : 3));
  }
}

TEST_CASE("grey JPEG is repeated in the three channels") {
  const Samples samples = pictures::smooth(20, 11, 1);
  Bytes expected;
  for (const std::uint8_t value : samples.values) {
    for (int channel = 0; channel < 3; ++channel) {
      expected.push_back(value);
    }
  }
  const Image image = decode(jpeg(samples, JpegKind::kGrey), kSmall, {});
  CHECK(largest_difference(image.pixels, expected) <= 2);
}

TEST_CASE("CMYK and YCCK are read as Adobe stores them, and as ink without Adobe's marker") {
  const Samples samples = pictures::smooth(24, 17, 4);
  const Bytes adobe = rgb_of_light(samples.values);
  CHECK(largest_difference(decode(jpeg(samples, JpegKind::kCmyk), kSmall, {}).pixels, adobe) <= 3);
  CHECK(largest_difference(decode(jpeg(samples, JpegKind::kYcck), kSmall, {}).pixels, adobe) <= 4);
  Bytes light = samples.values;
  for (std::uint8_t& value : light) {
    value = static_cast<std::uint8_t>(255 - value);
  }
  const Image plain = decode(jpeg(samples, JpegKind::kPlainCmyk), kSmall, {});
  CHECK(largest_difference(plain.pixels, rgb_of_light(light)) <= 3);
}

TEST_CASE("padding between segments and bytes behind the end are harmless") {
  Bytes bytes = jpeg(pictures::smooth(16, 16, 3), JpegKind::kYcc444);
  const Bytes expected = decode(bytes, kSmall, {}).pixels;
  const Bytes padding = {1, 2, 3};
  bytes.insert(bytes.begin() + find_marker(bytes, 0xDB), padding.begin(), padding.end());
  bytes.resize(bytes.size() + 100, 0x55);
  CHECK(decode(bytes, kSmall, {}).pixels == expected);
}

TEST_CASE("a JPEG without its end marker is whole, with another program's data in its place, too") {
  for (const JpegKind kind : {JpegKind::kYcc444, JpegKind::kYcc420, JpegKind::kProgressive, JpegKind::kScans,
                              JpegKind::kGrey, JpegKind::kCmyk}) {
    const int channels = kind == JpegKind::kGrey ? 1 : kind == JpegKind::kCmyk ? 4 : 3;
    Bytes bytes = jpeg(pictures::noise(33, 17, channels), kind);
    const Bytes expected = decode(bytes, kSmall, {}).pixels;
    bytes.erase(bytes.end() - 2, bytes.end());
    CAPTURE(static_cast<int>(kind));
    CHECK(decode(bytes, kSmall, {}).pixels == expected);
    Bytes trailer{0, 0, 1, 10, 8, 0, 0, 0, 'M', 'C', 'C', 0xFF, 0x24, 1, 2, 0xFF, 0xE3, 9};
    trailer.resize(100, 0x5A);
    bytes.insert(bytes.end(), trailer.begin(), trailer.end());
    CHECK(decode(bytes, kSmall, {}).pixels == expected);
  }
}

TEST_CASE("the beginning of a JPEG is refused, or is the whole picture") {
  for (const JpegKind kind :
       {JpegKind::kYcc444, JpegKind::kYcc420, JpegKind::kProgressive, JpegKind::kScans, JpegKind::kGrey}) {
    const Bytes bytes = jpeg(pictures::noise(23, 17, kind == JpegKind::kGrey ? 1 : 3), kind);
    const Bytes expected = decode(bytes, kSmall, {}).pixels;
    std::size_t taken = 0;
    for (auto size = static_cast<std::size_t>(find_marker(bytes, 0xDA)); size < bytes.size(); ++size) {
      CAPTURE(static_cast<int>(kind), size, bytes.size());
      const Bytes begun(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      if (detail_of(begun) != "none") continue;
      ++taken;
      REQUIRE(decode(begun, kSmall, {}).pixels == expected);
    }
    CHECK(taken >= 1);  // without EOI, and where no bit of the last byte counts
    CHECK(taken <= 4);
  }
}

TEST_CASE("a JPEG with thousands of scans is refused") {
  const Bytes bytes = jpeg(pictures::smooth(16, 16, 3), JpegKind::kScans);
  const std::ptrdiff_t first = find_marker(bytes, 0xDA);
  const std::ptrdiff_t second = find_marker(bytes, 0xC4, first);
  for (const int repeats : {100, 5000}) {
    Bytes bomb(bytes.begin(), bytes.begin() + first);
    for (int i = 0; i < repeats; ++i) {
      bomb.insert(bomb.end(), bytes.begin() + first, bytes.begin() + second);
    }
    bomb.insert(bomb.end(), bytes.begin() + second, bytes.end());
    CHECK(
        detail_of(bomb) ==
        (repeats == 100 ? "none" : "the JPEG picture cannot be decoded: it has too many scans for its size"));
  }
}

TEST_CASE("a hundred thousand APP1 segments take no time and no memory") {
  Bytes bytes = jpeg(pictures::smooth(16, 8, 3), JpegKind::kYcc444, pictures::exif(6, true));
  Bytes segments;
  for (int i = 0; i < 100'000; ++i) {
    segments.insert(segments.end(), {0xFF, 0xE1, 0, 2});
  }
  bytes.insert(bytes.begin() + 2, segments.begin(), segments.end());
  CHECK(decode(bytes, kSmall, {}).width == 8);
}

TEST_CASE("an APP1 segment that claims more than the file has, or less than its length, is refused") {
  CHECK(detail_of({0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF, 'E', 'x', 'i', 'f'}) != "none");
  CHECK(detail_of({0xFF, 0xD8, 0xFF, 0xE1, 0, 1, 'E', 'x', 'i', 'f'}) != "none");
  CHECK(detail_of({0xFF, 0xD8, 0xFF, 0xE1, 0}) != "none");
}

TEST_CASE("kinds of JPEG that are not decoded are refused by their names") {
  const auto frame_at = [](const Bytes& bytes) { return find_marker(bytes, 0xC0); };
  const Bytes plain = jpeg(pictures::smooth(16, 8, 3), JpegKind::kYcc444, pictures::exif(6, true));
  const auto refusal_of = [&](int marker, std::uint8_t bits) {
    Bytes bytes = plain;
    const auto frame = bytes.begin() + frame_at(plain);
    frame[1] = static_cast<std::uint8_t>(marker);
    frame[4] = bits;
    try {
      decode(bytes, kSmall, {});
    } catch (const Error& error) {
      return error.reason() + ": " + error.detail();
    }
    return std::string("none");
  };
  const auto named = [](const std::string& name) {
    return "IMAGE_FORMAT_UNKNOWN: it is " + name +
           "; supported are 8-bit baseline and progressive ones; save it as such a one, or as PNG";
  };
  CHECK(refusal_of(0xC0, 8) == "none");
  CHECK(refusal_of(0xC1, 8) == "none");
  for (const int marker : {0xC0, 0xC1, 0xC2}) CHECK(refusal_of(marker, 12) == named("a 12-bit JPEG"));
  CHECK(refusal_of(0xC3, 8) == named("a lossless JPEG"));
  CHECK(refusal_of(0xC3, 16) == named("a lossless JPEG"));
  for (const int marker : {0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF})
    CHECK(refusal_of(marker, 8) == named("a hierarchical JPEG"));
  for (const int marker : {0xC9, 0xCA, 0xCB})
    CHECK(refusal_of(marker, 8) == named("a JPEG with arithmetic coding"));
  CHECK(refusal_of(0xF7, 8) == named("a JPEG-LS picture"));
  // Before the sides: such a picture may have any.
  Bytes cut(plain.begin(), plain.begin() + frame_at(plain) + 5);
  cut[cut.size() - 1] = 12;
  CHECK_THROWS_WITH(decode(cut, kSmall, {}), Catch::Contains("it is a 12-bit JPEG"));
}

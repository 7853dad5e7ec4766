// SPDX-License-Identifier: MIT
// JPEGs of more pixels than the limit, which are decoded reduced.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "image/pictures.hpp"

using facesearch::decode_reduced;
using facesearch::Error;
using facesearch::ImageLimits;
using facesearch::Picture;
using pictures::Bytes;
using pictures::JpegKind;

namespace {

constexpr int kWide = 12'000;
constexpr int kHigh = 5'000;  // 60 megapixels

// Grey: dark, with a light square of 2,000 pixels at (8,000, 1,000).
Bytes large_jpeg(const Bytes& exif = {}, JpegKind kind = JpegKind::kGrey, int width = kWide) {
  pictures::Samples samples{width, kHigh, 1, {}};
  samples.values.assign(static_cast<std::size_t>(width) * kHigh, 40);
  for (int y = 1'000; y < 3'000; ++y) {
    const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(y) * width + 8'000;
    std::fill_n(samples.values.begin() + start, 2'000, std::uint8_t{200});
  }
  return pictures::jpeg(samples, kind, exif);
}

// Writes other sides into the header of a frame.
void set_sides(Bytes& bytes, std::uint8_t frame, int width, int height) {
  const Bytes marker = {0xFF, frame};
  const auto found = std::search(bytes.begin(), bytes.end(), marker.begin(), marker.end());
  REQUIRE(found != bytes.end());
  found[5] = static_cast<std::uint8_t>(height >> 8);
  found[6] = static_cast<std::uint8_t>(height & 0xFF);
  found[7] = static_cast<std::uint8_t>(width >> 8);
  found[8] = static_cast<std::uint8_t>(width & 0xFF);
}

std::string reason_of(const Bytes& bytes, const ImageLimits& limits) {
  try {
    decode_reduced(bytes, limits, {});
  } catch (const Error& error) {
    return error.reason() + ": " + error.detail();
  }
  return "none";
}

}  // namespace

TEST_CASE("a JPEG above the limit of pixels is decoded reduced, and keeps its sides") {
  const Picture picture = decode_reduced(large_jpeg(), {}, {});
  CHECK(picture.reduction.factor == 2);
  CHECK(picture.reduction.width == kWide);
  CHECK(picture.reduction.height == kHigh);
  CHECK(picture.image.width == kWide / 2);
  CHECK(picture.image.height == kHigh / 2);
  CHECK(picture.image.at(3'990, 1'000)[0] < 50);
  CHECK(picture.image.at(4'010, 1'000)[0] > 190);
  CHECK(picture.image.at(4'990, 1'490)[1] > 190);
  CHECK(picture.image.at(5'010, 1'510)[2] < 50);
}

TEST_CASE("the sides of a reduced picture are those of the upright one") {
  const Picture picture =
      decode_reduced(large_jpeg(pictures::exif(6, true)), {}, {});  // to be turned clockwise
  CHECK(picture.reduction.width == kHigh);
  CHECK(picture.reduction.height == kWide);
  CHECK(picture.image.width == kHigh / 2);
  CHECK(picture.image.height == kWide / 2);
  CHECK(picture.image.at(kHigh / 2 - 1'000, 4'500)[0] > 190);
}

TEST_CASE("a reduced picture has at most 16,777,216 pixels, and the eighths that fit") {
  const Picture picture = decode_reduced(large_jpeg({}, JpegKind::kGrey, 16'384), {}, {});  // 81.9 megapixels
  CHECK(picture.reduction.factor == 8.0 / 3);
  CHECK(picture.image.width == 6'144);
  CHECK(picture.image.height == 1'875);
}

TEST_CASE("a picture within the limit is not reduced") {
  const Picture picture =
      decode_reduced(pictures::jpeg(pictures::smooth(70, 41, 3), JpegKind::kYcc420), {}, {});
  CHECK(picture.reduction.factor == 1);
  CHECK(picture.reduction.width == 70);
  CHECK(picture.reduction.height == 41);
  CHECK(picture.image.width == 70);
}

TEST_CASE(
    "a limit that was lowered refuses, and so do the sides, other formats and large progressive JPEGs") {
  const Bytes jpeg = large_jpeg();
  const std::string many = "IMAGE_TOO_MANY_PIXELS: the picture has ";
  CHECK(reason_of(jpeg, {20U << 20U, 49'999'999, 16'384}) ==
        many + "60,000,000 pixels (12,000 by 5,000), the limit is 49,999,999");
  CHECK(reason_of(jpeg, {20U << 20U, 50'000'000, 11'999}).starts_with("IMAGE_SIDE_TOO_LONG: "));
  CHECK_THROWS_AS(facesearch::decode(jpeg, {}, {}), Error);
  CHECK(reason_of(large_jpeg({}, JpegKind::kGreyProgressive), {}) == "none");  // 120 MB of coefficients
  Bytes progressive = pictures::jpeg(pictures::smooth(16, 8, 3), JpegKind::kProgressive);
  set_sides(progressive, 0xC2, 16'000, 5'000);  // 480 MB
  CHECK(
      reason_of(progressive, {}) ==
      many +
          "80,000,000 pixels (16,000 by 5,000), the limit is 50,000,000 for a progressive JPEG of this kind, "
          "which is decoded as a whole; save it as a baseline JPEG");
  Bytes png = pictures::png(16, 8, pictures::noise(16, 8, 3).values);
  constexpr std::array<std::uint8_t, 8> kSides = {0, 0, 0x2E, 0xE0, 0, 0, 0x13, 0x88};  // 12,000 by 5,000
  std::copy(kSides.begin(), kSides.end(), png.begin() + 16);
  CHECK(reason_of(png, {}) == many + "60,000,000 pixels (12,000 by 5,000), the limit is 50,000,000");
}

TEST_CASE("a large JPEG that is cut off is refused") {
  const Bytes whole = large_jpeg();
  for (std::size_t part = 1; part < 8; ++part) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() * part / 8));
    CHECK(reason_of(cut, {}).starts_with("IMAGE_UNDECODABLE: "));
  }
}

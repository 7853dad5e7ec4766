// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "image/heif_pictures.hpp"

using facesearch::Cause;
using facesearch::Error;
using facesearch::format_of;
using facesearch::Image;
using facesearch::ImageLimits;
using pictures::Bytes;
using pictures::heif;
using pictures::kModules;
using pictures::kSmall;

namespace {

struct Colour {
  int red, green, blue;
};
constexpr Colour kRed{200, 40, 40};
constexpr Colour kGreen{40, 200, 40};
constexpr Colour kBlue{40, 40, 200};
constexpr Colour kYellow{220, 220, 60};
constexpr Colour kWhite{255, 255, 255};

Colour half_on_white(const Colour& colour) {
  return {(colour.red + 255) / 2, (colour.green + 255) / 2, (colour.blue + 255) / 2};
}

void check_colour(const Image& image, int x, int y, const Colour& colour, int tolerance = 6) {
  CAPTURE(x, y);
  const std::uint8_t* pixel = image.at(x, y);
  CHECK(std::abs(pixel[0] - colour.red) <= tolerance);
  CHECK(std::abs(pixel[1] - colour.green) <= tolerance);
  CHECK(std::abs(pixel[2] - colour.blue) <= tolerance);
}

// The middles of the four quarters, from above left to below right.
void check_quarters(const Image& image, const std::array<Colour, 4>& colours) {
  for (int i = 0; i < 4; ++i) {
    const int x = image.width / 4 + (i % 2) * image.width / 2;
    const int y = image.height / 4 + (i / 2) * image.height / 2;
    check_colour(image, x, y, colours.at(static_cast<std::size_t>(i)));
  }
}

Image decoded(const Bytes& bytes, const ImageLimits& limits = kSmall) {
  return facesearch::decode(bytes, limits, kModules);
}

std::string why_refused(const Bytes& bytes, const ImageLimits& limits = kSmall,
                        const std::filesystem::path& modules = kModules) {
  try {
    facesearch::decode(bytes, limits, modules);
  } catch (const Error& error) {
    CHECK((error.cause() == Cause::kImageTooLarge || error.cause() == Cause::kImageUnsupported));
    return error.reason() + ": " + error.detail();
  }
  return "none";
}

std::size_t place_of(const Bytes& bytes, const std::string& name) {
  const auto found = std::search(bytes.begin(), bytes.end(), name.begin(), name.end());
  REQUIRE(found != bytes.end());
  return static_cast<std::size_t>(found - bytes.begin());
}

Bytes with_brands(Bytes bytes, const std::string& major, const std::string& compatible) {
  constexpr std::size_t kMajor = 8;
  constexpr std::size_t kCompatible = 16;
  std::ranges::copy(major, bytes.begin() + kMajor);
  for (std::size_t at = kCompatible; at < bytes[3]; at += 4) {
    std::ranges::copy(compatible, bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return bytes;
}

}  // namespace

TEST_CASE("HEIC and AVIF of 8 and 10 bits are decoded") {
  for (const char* name : {"pattern.heic", "pattern10.heic", "pattern.avif", "pattern10.avif"}) {
    CAPTURE(name);
    const Image image = decoded(heif(name));
    CHECK(image.width == 48);
    CHECK(image.height == 32);
    check_quarters(image, {kRed, kGreen, kBlue, kYellow});
  }
}

TEST_CASE("alpha is composed onto white, also where the colours are multiplied with it") {
  for (const char* name : {"alpha.heic", "alpha.avif", "premultiplied.heic"}) {
    CAPTURE(name);
    check_quarters(decoded(heif(name)), {kRed, half_on_white(kGreen), half_on_white(kBlue), kWhite});
  }
}

TEST_CASE("the tiles of a grid make one picture") {
  const Image image = decoded(heif("grid.heic"));
  CHECK(image.width == 100);
  CHECK(image.height == 90);
  check_colour(image, 63, 63, kRed);
  check_colour(image, 64, 63, kGreen);
  check_colour(image, 63, 64, kBlue);
  check_colour(image, 99, 89, kYellow);
}

TEST_CASE("a picture is turned and mirrored by its boxes, and not by EXIF data beside them") {
  const Bytes file = heif("turned.heic");
  const std::size_t turn = place_of(file, "irot") + 4;
  const std::size_t mirror = place_of(file, "imir") + 4;
  Bytes only_mirrored = file;
  only_mirrored[turn] = 0;
  only_mirrored[mirror] = 1;
  const Image stored = facesearch::mirrored(decoded(only_mirrored));
  CHECK(stored.width == 128);
  check_quarters(stored, {kRed, kGreen, kBlue, kYellow});
  for (int quarters = 0; quarters < 4; ++quarters) {  // against the clock
    for (int axis = 0; axis < 2; ++axis) {            // 0: above becomes below; 1: left becomes right
      CAPTURE(quarters, axis);
      Bytes bytes = file;
      bytes[turn] = static_cast<std::uint8_t>(quarters);
      bytes[mirror] = static_cast<std::uint8_t>(axis);
      const Image turned = facesearch::turned(stored, (4 - quarters) % 4);
      const Image mirrored = facesearch::mirrored(axis == 1 ? turned : facesearch::turned(turned, 2));
      const Image image = decoded(bytes);
      REQUIRE(image.width == mirrored.width);
      REQUIRE(image.height == mirrored.height);
      const auto [x, y] = std::pair{image.width / 4, image.height / 4};
      for (const auto& [px, py] : {std::pair{x, y}, {3 * x, y}, {x, 3 * y}, {3 * x, 3 * y}}) {
        const std::uint8_t* pixel = mirrored.at(px, py);
        check_colour(image, px, py, {pixel[0], pixel[1], pixel[2]});
      }
    }
  }
}

TEST_CASE("the brands of the first box say whether a file is HEIC or AVIF") {
  const Bytes heic = heif("pattern.heic");
  const Bytes avif = heif("pattern.avif");
  for (const char* brand : {"heic", "heix", "heim", "heis", "hevc", "hevx"}) {
    CHECK(format_of(with_brands(heic, brand, "mif1")) == "HEIC");
  }
  for (const char* brand : {"avif", "avis"}) CHECK(format_of(with_brands(avif, brand, "mif1")) == "AVIF");
  for (const char* brand : {"mif1", "msf1"}) {
    CHECK(format_of(with_brands(heic, brand, "heic")) == "HEIC");
    CHECK(format_of(with_brands(heic, brand, "hevc")) == "HEIC");
    CHECK(format_of(with_brands(avif, brand, "avif")) == "AVIF");
    CHECK(format_of(with_brands(avif, brand, "miaf")) == "HEIC");  // nothing is known: a HEIF picture
    CHECK(format_of(Bytes(heic.begin(), heic.begin() + 12)) == "HEIC");
  }
  CHECK(format_of(with_brands(heic, "isom", "heic")).empty());
  CHECK(format_of(Bytes(heic.begin(), heic.begin() + 11)).empty());
  // The pixels are decoded as they are coded, whatever the brand says.
  check_quarters(decoded(with_brands(avif, "mif1", "mif1")), {kRed, kGreen, kBlue, kYellow});
  check_quarters(decoded(with_brands(heic, "msf1", "heic")), {kRed, kGreen, kBlue, kYellow});
}

TEST_CASE("sides and pixels of HEIC and AVIF are limited by the header") {
  for (const char* name : {"pattern.heic", "pattern.avif"}) {
    CAPTURE(name);
    Bytes bytes = heif(name);
    CHECK(why_refused(bytes, {1U << 20U, 1536, 48}) == "none");
    CHECK(why_refused(bytes, {1U << 20U, 1536, 47}) ==
          "IMAGE_SIDE_TOO_LONG: the picture is 48 by 32 pixels, the limit of a side is 47");
    CHECK(why_refused(bytes, {1U << 20U, 1535, 48}) ==
          "IMAGE_TOO_MANY_PIXELS: the picture has 1,536 pixels (48 by 32), the limit is 1,535");
    const std::string sides = "ispe";
    for (auto at = bytes.begin(); at != bytes.end();) {  // each of them: the picture is another's, cropped
      at = std::search(at, bytes.end(), sides.begin(), sides.end());
      if (at == bytes.end()) break;
      at += 8;
      std::ranges::copy(std::string("\0\0\xEA\x60\0\0\xEA\x60", 8), at);  // 60,000 twice
    }
    // Whatever follows, and also where the data is cut off.
    const std::string expected =
        "IMAGE_SIDE_TOO_LONG: the picture is 60,000 by 60,000 pixels, the limit of a side is 16,384";
    CHECK(why_refused(bytes, {}) == expected);
    bytes.resize(bytes.size() - 8);
    CHECK(why_refused(bytes, {}) == expected);
  }
}

TEST_CASE("a HEIC or AVIF that is small to look at and large to decode is refused before it is decoded") {
  const ImageLimits limits{1U << 20U, 10'000, 4096};
  const std::string many =
      "picture cannot be decoded: its parts have many more pixels than a picture may have";
  CHECK(why_refused(heif("claims.heic"), limits) == "IMAGE_UNDECODABLE: the HEIC " + many);
  CHECK(why_refused(heif("claims.avif"), limits) == "IMAGE_UNDECODABLE: the AVIF " + many);
  CHECK(why_refused(heif("many.heic"), limits) ==
        "IMAGE_UNDECODABLE: the HEIC picture cannot be decoded: its pictures share their data");
}

TEST_CASE("a HEIF file whose pixels are coded otherwise is refused by that name") {
  Bytes bytes = heif("pattern.heic");
  std::ranges::copy(std::string("j2k1"),
                    bytes.begin() + static_cast<std::ptrdiff_t>(place_of(bytes, "hvc1")));
  CHECK(
      why_refused(bytes) ==
      "IMAGE_UNDECODABLE: the HEIC picture cannot be decoded: its pixels are coded as 'j2k1'; supported are "
      "hvc1 (HEVC) and av01 (AV1)");
}

TEST_CASE("a sequence without a still picture is refused") {
  Bytes bytes = with_brands(heif("pattern.heic"), "msf1", "hevc");
  std::ranges::copy(std::string("moov"),
                    bytes.begin() + static_cast<std::ptrdiff_t>(place_of(bytes, "meta")));
  CHECK(why_refused(bytes).starts_with(
      "IMAGE_UNDECODABLE: the HEIC picture cannot be decoded: it has no still picture"));
}

TEST_CASE(
    "where the module is missing a HEIC or AVIF is refused by its name, and other pictures are decoded") {
  const std::filesystem::path nowhere = "/nowhere/at/all";
  CHECK(why_refused(heif("pattern.heic"), kSmall, nowhere)
            .starts_with("IMAGE_DECODER_MISSING: it is a HEIC picture, but the module "
                         "/nowhere/at/all/facesearch-heif.so that decodes HEIC and AVIF cannot be loaded ("));
  CHECK(why_refused(heif("pattern.avif"), kSmall, nowhere)
            .starts_with("IMAGE_DECODER_MISSING: it is an AVIF picture, but the module "));
  CHECK(why_refused(pictures::png(16, 8, pictures::noise(16, 8, 3).values), kSmall, nowhere) == "none");
}

TEST_CASE("a HEIC or AVIF cut off at any 64th is refused") {
  for (const char* name : {"person01-2.heic", "person01-2.avif", "grid.heic", "alpha.heic", "alpha.avif"}) {
    const Bytes whole = heif(name);
    for (std::size_t part = 0; part < 64; ++part) {
      CAPTURE(name, part);
      const std::size_t size = whole.size() * part / 64;
      const std::string said =
          why_refused(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
      CHECK((said.starts_with("IMAGE_UNDECODABLE: ") || size < 12));
      CHECK(said.starts_with("IMAGE_"));
    }
  }
}

// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "facesearch/image/exif.hpp"
#include "image/pictures.hpp"

using facesearch::decode;
using facesearch::exif_orientation;
using facesearch::Image;
using pictures::Bytes;
using pictures::kSmall;

namespace {

void check_oriented(const Bytes& plain, const Bytes& tagged, int orientation) {
  const Image expected = pictures::oriented_reference(decode(plain, kSmall, {}), orientation);
  const Image actual = decode(tagged, kSmall, {});
  CAPTURE(orientation);
  CHECK(actual.width == expected.width);
  CHECK(actual.height == expected.height);
  CHECK(actual.pixels == expected.pixels);
}

}  // namespace

TEST_CASE("all orientations are turned upright in all formats") {
  const auto kind = pictures::JpegKind::kYcc444;
  // Odd sides, sides of one pixel, and sides over one tile of the turning loop.
  for (const auto& [width, height] : {std::pair{7, 5}, {1, 9}, {6, 1}, {70, 41}}) {
    const pictures::Samples samples = pictures::noise(width, height, 3);
    for (int orientation = 1; orientation <= 8; ++orientation) {
      for (const bool little : {false, true}) {
        const Bytes exif = pictures::exif(orientation, little);
        check_oriented(pictures::jpeg(samples, kind), pictures::jpeg(samples, kind, exif), orientation);
        check_oriented(pictures::png(width, height, samples.values),
                       pictures::png(width, height, samples.values, {.exif = exif}), orientation);
        check_oriented(pictures::webp(samples), pictures::webp(samples, false, exif), orientation);
      }
    }
  }
}

TEST_CASE("a picture is turned by quarter turns, clockwise") {
  const Image stored{2, 1, {1, 2, 3, 4, 5, 6}};
  CHECK(facesearch::turned(stored, 0).pixels == stored.pixels);
  const Image right = facesearch::turned(stored, 1);
  CHECK(right.width == 1);
  CHECK(right.height == 2);
  CHECK(right.pixels == Bytes{1, 2, 3, 4, 5, 6});
  CHECK(facesearch::turned(stored, 2).pixels == Bytes{4, 5, 6, 1, 2, 3});
  CHECK(facesearch::turned(stored, 3).pixels == Bytes{4, 5, 6, 1, 2, 3});
  CHECK(facesearch::turned(Image{}, 1).pixels.empty());
  CHECK(facesearch::mirrored(stored).pixels == Bytes{4, 5, 6, 1, 2, 3});
  const Image wide{3, 2, {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6}};
  CHECK(facesearch::mirrored(wide).pixels == Bytes{3, 3, 3, 2, 2, 2, 1, 1, 1, 6, 6, 6, 5, 5, 5, 4, 4, 4});
  CHECK(facesearch::mirrored(Image{}).pixels.empty());
}

TEST_CASE("the first EXIF segment of a JPEG counts, and other APP1 segments are passed over") {
  const Bytes exif = pictures::exif(6, true);
  Bytes bytes = pictures::jpeg(pictures::smooth(16, 8, 3), pictures::JpegKind::kYcc444, exif);
  const Bytes xmp = {0xFF, 0xE1, 0, 8, 'h', 't', 't', 'p', ':', '/'};
  bytes.insert(bytes.begin() + 2, xmp.begin(), xmp.end());
  CHECK(decode(bytes, kSmall, {}).width == 8);
  const Bytes first = pictures::exif(1, true);
  Bytes segment = {0xFF, 0xE1, 0, static_cast<std::uint8_t>(8 + first.size()), 'E', 'x', 'i', 'f', 0, 0};
  segment.insert(segment.end(), first.begin(), first.end());
  bytes.insert(bytes.begin() + 2, segment.begin(), segment.end());
  CHECK(decode(bytes, kSmall, {}).width == 16);
}

TEST_CASE("the orientation is read whatever integer type it has") {
  for (const unsigned type : {1U, 3U, 4U, 6U, 8U, 9U}) {
    for (const bool little_endian : {true, false}) {
      CAPTURE(type, little_endian);
      for (int orientation = 1; orientation <= 8; ++orientation) {
        CHECK(exif_orientation(pictures::exif(orientation, little_endian, type)) == orientation);
      }
      CHECK(exif_orientation(pictures::exif(9, little_endian, type)) == 1);
    }
  }
  for (const unsigned type : {0U, 2U, 5U, 7U, 10U, 11U, 12U, 999U}) {
    CHECK(exif_orientation(pictures::exif(6, true, type)) == 1);
  }
}

TEST_CASE("EXIF data may have its prefix, and damaged data means upright") {
  const Bytes whole = pictures::exif(6, false);
  CHECK(exif_orientation(whole) == 6);
  Bytes prefixed = {'E', 'x', 'i', 'f', 0, 0};
  prefixed.insert(prefixed.end(), whole.begin(), whole.end());
  CHECK(exif_orientation(prefixed) == 6);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const int orientation = exif_orientation({whole.data(), size});
    CHECK((orientation == 1 || orientation == 6));
    CHECK((size >= 32 || orientation == 1));
  }
  CHECK(exif_orientation(pictures::exif(0, true)) == 1);
  CHECK(exif_orientation(pictures::exif(9, true)) == 1);
  Bytes other_order = whole;
  other_order[1] = 'I';
  CHECK(exif_orientation(other_order) == 1);
  Bytes other_magic = whole;
  other_magic[3] = 43;
  CHECK(exif_orientation(other_magic) == 1);
  Bytes far_directory = whole;
  far_directory[4] = 0xFF;
  CHECK(exif_orientation(far_directory) == 1);
  Bytes byte_type = whole;
  byte_type[25] = 1;
  CHECK(exif_orientation(byte_type) == 1);
}

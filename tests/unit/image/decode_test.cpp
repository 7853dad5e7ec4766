// SPDX-License-Identifier: MIT
#include <string>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "image/pictures.hpp"

using facesearch::Cause;
using facesearch::decode;
using facesearch::Error;
using facesearch::format_of;
using facesearch::ImageLimits;
using pictures::Bytes;

namespace {

std::string refusal(const Bytes& bytes, const ImageLimits& limits = {}) {
  try {
    decode(bytes, limits, {});
  } catch (const Error& error) {
    const bool large = error.cause() == Cause::kImageTooLarge;
    CHECK((large || error.cause() == Cause::kImageUnsupported));
    return (large ? "large " : "unsupported ") + error.reason() + ": " + error.detail();
  }
  return "none";
}

void put_big_endian(Bytes& bytes, std::size_t offset, unsigned value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) {
    bytes.at(offset + i) = static_cast<std::uint8_t>(value >> 8U * (size - 1 - i));
  }
}

// Where the height of a JPEG's frame header is.
std::size_t jpeg_sides(const Bytes& bytes) {
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] == 0xFF && (bytes[i + 1] == 0xC0 || bytes[i + 1] == 0xC2)) {
      return i + 5;
    }
  }
  FAIL("no frame header");
  return 0;
}

Bytes small_jpeg() {
  return pictures::jpeg(pictures::smooth(16, 8, 3), pictures::JpegKind::kYcc420);
}
Bytes small_png() {
  return pictures::png(16, 8, pictures::noise(16, 8, 3).values);
}
Bytes small_webp() {
  return pictures::webp(pictures::noise(16, 8, 3));
}

}  // namespace

TEST_CASE("the format is what the first bytes say") {
  CHECK(format_of(small_jpeg()) == "JPEG");
  CHECK(format_of(small_png()) == "PNG");
  CHECK(format_of(small_webp()) == "WebP");
  CHECK(format_of(Bytes{}).empty());
  CHECK(format_of(Bytes{0xFF, 0xD8}).empty());
  CHECK(format_of(Bytes{'R', 'I', 'F', 'F', 4, 0, 0, 0, 'W', 'A', 'V', 'E'}).empty());
  CHECK(format_of(Bytes{'G', 'I', 'F', '8', '9', 'a'}).empty());
}

TEST_CASE("the formats are listed, and files told by their extensions") {
  CHECK(facesearch::format_names() == "JPEG, PNG, WebP, HEIC, AVIF");
  CHECK(facesearch::picture_extensions() ==
        ".jpg, .jpeg, .jpe, .jfif, .png, .webp, .heic, .heif, .hif, .avif");
  for (const char* extension :
       {".jpg", ".JPEG", ".jpe", ".JFIF", ".png", ".WebP", ".HEIC", ".heif", ".hif", ".AVIF"})
    CHECK(facesearch::is_picture_extension(extension));
  for (const char* extension : {"", ".", "jpg", ".jp", ".jpgx", ".gif"}) {
    CAPTURE(extension);
    CHECK_FALSE(facesearch::is_picture_extension(extension));
  }
}

TEST_CASE("empty and unknown bytes are refused") {
  CHECK(refusal({}) == "unsupported IMAGE_EMPTY: the picture has no bytes");
  CHECK(refusal({'x', 'y'}) ==
        "unsupported IMAGE_FORMAT_UNKNOWN: the first bytes match no supported format (JPEG, PNG, WebP, "
        "HEIC, AVIF)");
}

TEST_CASE("a file of another known format is refused by its name") {
  using namespace std::string_literals;
  for (const auto& [begin, name] : {
           std::pair{"\0\0\0\x18"s + "ftypmp42", "a video"s},
           {"\0\0\0\x14"s + "ftypqt  ", "a video"s},
           {"\0\0\0\x08"s + "wide\0\0\x10\0mdat"s, "a video"s},
           {"\0\0\0\x6c"s + "moov"s, "a video"s},
           {"\x1A\x45\xDF\xA3"s, "a video"s},
           {"\0\0\0\x18"s + "ftypcrx \0\0\0\1"s, "a Canon raw picture (CR3)"s},
           {"II*\0\x10\0\0\0CR\2\0"s, "a Canon raw picture (CR2)"s},
           {"II*\0\x08\0\0\0\2\0\xFE\0\4\0\1\0\0\0\0\0\0\0\x12\xC6\1\0\4\0\0\0\1\4\0\0"s,
            "a raw picture (DNG)"s},
           {"MM\0*\0\0\0\x08\0\1\xC6\x12\0\1\0\0\0\4\1\4\0\0"s, "a raw picture (DNG)"s},
           {"II*\0\x08\0\0\0\1\0\xFE\0\4\0\1\0\0\0\0\0\0\0"s, "a TIFF or raw picture"s},
           {"II+\0\x08\0\0\0"s, "a BigTIFF picture"s},
           {"MM\0+\0\x08\0\0"s, "a BigTIFF picture"s},
           {"IIRO\x08\0\0\0"s, "a raw picture (ORF)"s},
           {"IIU\0\x08\0\0\0"s, "a raw picture (RW2)"s},
           {"FUJIFILMCCD-RAW 0201"s, "a raw picture (RAF)"s},
           {"\0\0\1\0\1\0\x20\x20"s, "an icon (ICO)"s},
           {"8BPS\0\1"s, "a Photoshop document"s},
           {"\xFF\x0A\xFA"s, "a JPEG XL picture"s},
           {"\0\0\0\x0cjP  \r\n\x87\n"s, "a JPEG 2000 picture"s},
           {"\xFF\x4F\xFF\x51"s, "a JPEG 2000 picture"s},
           {"PK\3\4"s, "a ZIP archive"s},
           {"<svg xmlns"s, "an SVG picture"s},
           {"<!DOCTYPE html>"s, "a web page"s},
           {"<html>"s, "a web page"s},
           {"GIF89a"s, "a GIF picture"s},
           {"BM"s + "1234", "a BMP picture"s},
           {"II*\0"s, "a TIFF or raw picture"s},
           {"MM\0*"s, "a TIFF or raw picture"s},
           {"\0\0\0\x0cJXL \r\n"s, "a JPEG XL picture"s},
           {"%PDF-1.7"s, "a PDF document"s},
           {"version https://git-lfs.github.com/spec/v1"s,
            "a Git LFS pointer; fetch the picture itself with git lfs pull"s},
       }) {
    CHECK(refusal(Bytes(begin.begin(), begin.end())) ==
          "unsupported IMAGE_FORMAT_UNKNOWN: it is " + name + "; supported are JPEG, PNG, WebP, HEIC, AVIF");
  }
}

TEST_CASE("too many bytes are refused before the format is looked at") {
  ImageLimits limits;
  CHECK(refusal(Bytes(25'165'824, 0), limits) ==
        "large IMAGE_TOO_MANY_BYTES: the picture has 25,165,824 bytes, the limit is 20,971,520");
  const Bytes bytes = small_png();
  limits.max_bytes = bytes.size();
  CHECK(refusal(bytes, limits) == "none");
  limits.max_bytes = bytes.size() - 1;
  CHECK(refusal(bytes, limits).rfind("large IMAGE_TOO_MANY_BYTES", 0) == 0);
}

TEST_CASE("sides and pixels are limited in each format") {
  for (const Bytes& bytes : {small_jpeg(), small_png(), small_webp()}) {
    ImageLimits limits;
    limits.max_side = 16;
    limits.max_pixels = 128;
    CHECK(refusal(bytes, limits) == "none");
    limits.max_pixels = 127;
    CHECK(refusal(bytes, limits) ==
          "large IMAGE_TOO_MANY_PIXELS: the picture has 128 pixels (16 by 8), the limit is 127");
    limits.max_side = 15;
    CHECK(refusal(bytes, limits) ==
          "large IMAGE_SIDE_TOO_LONG: the picture is 16 by 8 pixels, the limit of a side is 15");
  }
}

TEST_CASE("a header that claims a huge picture is refused for its sides, however little follows") {
  const std::string expected =
      "large IMAGE_SIDE_TOO_LONG: the picture is 60,000 by 60,000 pixels, the limit of a side is 16,384";
  Bytes jpeg = small_jpeg();
  const std::size_t sides = jpeg_sides(jpeg);
  put_big_endian(jpeg, sides, 60'000, 2);
  put_big_endian(jpeg, sides + 2, 60'000, 2);
  CHECK(refusal(jpeg) == expected);
  jpeg.resize(sides + 14);
  CHECK(refusal(jpeg) == expected);

  Bytes png = small_png();
  put_big_endian(png, 16, 60'000, 4);
  put_big_endian(png, 20, 60'000, 4);
  CHECK(refusal(png) == expected);
  png.resize(24);
  CHECK(refusal(png) == expected);
  put_big_endian(png, 16, 0xFFFFFFFF, 4);
  CHECK(refusal(png).rfind("large IMAGE_SIDE_TOO_LONG", 0) == 0);

  Bytes webp = pictures::webp(pictures::noise(16, 8, 3), false, pictures::exif(1, true));
  for (const std::size_t offset : {24U, 27U}) {
    webp.at(offset) = 59'999 & 0xFF;
    webp.at(offset + 1) = 59'999 >> 8;
  }
  CHECK(refusal(webp) == expected);
  webp.at(26) = webp.at(29) = 0xFF;
  CHECK(refusal(webp).rfind("large IMAGE_SIDE_TOO_LONG", 0) == 0);
}

TEST_CASE("a claim of 65,535 pixels a side, more than libjpeg takes, is too large and not damaged") {
  Bytes jpeg = small_jpeg();
  put_big_endian(jpeg, jpeg_sides(jpeg), 65'535, 2);
  CHECK(refusal(jpeg).rfind("large IMAGE_SIDE_TOO_LONG", 0) == 0);
}

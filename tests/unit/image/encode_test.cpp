// SPDX-License-Identifier: MIT
#include "facesearch/image/encode.hpp"

#include <cstdlib>

#include "catch.hpp"
#include "facesearch/image/decode.hpp"
#include "pictures.hpp"

using namespace facesearch;

namespace {

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

Image image_of(const pictures::Samples& samples) {
  return {samples.width, samples.height, samples.values};
}

}  // namespace

TEST_CASE("a PNG that is written is the picture, to the pixel", "[encode]") {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 40}, {37, 1}, {64, 33}}) {
    const Image image = image_of(pictures::noise(width, height, 3));
    const auto file = bytes_of(encode_png(image));
    CHECK(format_of(file) == "PNG");
    const Image read = decode(file, pictures::kSmall, {});
    CHECK(read.width == width);
    CHECK(read.height == height);
    CHECK(read.pixels == image.pixels);
  }
}

TEST_CASE("a JPEG that is written is nearly the picture", "[encode]") {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 40}, {37, 1}, {64, 33}}) {
    const Image image = image_of(pictures::smooth(width, height, 3));
    const auto file = bytes_of(encode_jpeg(image));
    CHECK(format_of(file) == "JPEG");
    const Image read = decode(file, pictures::kSmall, {});
    REQUIRE(read.pixels.size() == image.pixels.size());
    CHECK(read.width == width);
    int most = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      most = std::max(most, std::abs(int{read.pixels[i]} - int{image.pixels[i]}));
    }
    CHECK(most <= 24);
  }
}

TEST_CASE("a picture that a library refuses is an error, not the end", "[encode]") {
  const Image none{0, 0, {}};
  CHECK_THROWS_AS(encode_jpeg(none), Error);
  CHECK_THROWS_AS(encode_png(none), Error);
}

TEST_CASE("the ending of a name decides the format", "[encode]") {
  for (const char* jpeg : {".jpg", ".jpeg", ".JPG", ".Jpeg"}) CHECK(encoder_for(jpeg) == encode_jpeg);
  CHECK(encoder_for(".PNG") == encode_png);
  for (const char* other : {"", ".", "png", ".webp", ".gif", ".jpg ", ".jpe"})
    CHECK(encoder_for(other) == nullptr);
}

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "image/pictures.hpp"

using facesearch::decode;
using facesearch::Image;
using pictures::Bytes;
using pictures::kSmall;
using pictures::Samples;
using pictures::webp;

namespace {

Bytes on_white(const Samples& samples) {
  Bytes rgb;
  for (std::size_t i = 0; i < samples.values.size(); i += 4) {
    const double alpha = samples.values[i + 3] / 255.0;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const double value = samples.values[i + channel] * alpha + 255 * (1 - alpha);
      rgb.push_back(static_cast<std::uint8_t>(std::lround(value)));
    }
  }
  return rgb;
}

}  // namespace

TEST_CASE("lossless WebP gives back its pixels, composed onto white") {
  const Samples opaque = pictures::noise(31, 18, 3);
  const Image image = decode(webp(opaque), kSmall, {});
  CHECK(image.width == 31);
  CHECK(image.height == 18);
  CHECK(image.pixels == opaque.values);
  const Samples alpha = pictures::noise(31, 18, 4);
  CHECK(decode(webp(alpha), kSmall, {}).pixels == on_white(alpha));
}

TEST_CASE("lossy WebP gives back its colours, with and without alpha") {
  for (const int channels : {3, 4}) {
    const Samples samples = pictures::smooth(48, 32, channels);
    const Bytes expected = channels == 4 ? on_white(samples) : samples.values;
    const Image image = decode(webp(samples, true), kSmall, {});
    REQUIRE(image.pixels.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(std::abs(int{image.pixels[i]} - int{expected[i]}) <= 12);
    }
  }
}

TEST_CASE("an animated WebP gives its first frame, on white where that is smaller than the canvas") {
  const Samples first = pictures::noise(9, 7, 4);
  const Samples second = pictures::noise(20, 16, 4, 2);
  const Image image = decode(pictures::webp_animation(20, 16, first, 4, 6, second), kSmall, {});
  REQUIRE(image.width == 20);
  REQUIRE(image.height == 16);
  Bytes expected(std::size_t{20} * 16 * 3, 255);
  const Bytes pixels = on_white(first);
  for (std::size_t y = 0; y < 7; ++y) {
    std::copy_n(pixels.begin() + static_cast<std::ptrdiff_t>(y * 27), 27,
                expected.begin() + static_cast<std::ptrdiff_t>(((y + 6) * 20 + 4) * 3));
  }
  CHECK(image.pixels == expected);
}

TEST_CASE("a WebP frame that leaves its canvas is refused") {
  const Samples first = pictures::noise(9, 7, 4);
  const Samples second = pictures::noise(20, 16, 4, 2);
  CHECK_THROWS_AS(decode(pictures::webp_animation(20, 16, first, 12, 6, second), kSmall, {}),
                  facesearch::Error);
}

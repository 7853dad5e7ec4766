// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "image/heif_pictures.hpp"
#include "image/tight_memory.hpp"

using pictures::Bytes;

namespace {

constexpr facesearch::ImageLimits kLongRows{1U << 24U, 1U << 24U, 1U << 20U};

void check_decoding(const Bytes& bytes) {
  tight::check(std::size_t{48} << 20U, std::size_t{1} << 18U,
               [&] { decode(bytes, kLongRows, pictures::kModules); });
}

}  // namespace

TEST_CASE("where memory is lacking no picture is called damaged") {
  // Long rows, or many pixels: what a decoder needs is then as much as the picture.
  SECTION("PNG") {
    const Bytes row = pictures::noise(1'000'000, 1, 8).values;
    check_decoding(pictures::png(1'000'000, 1, row, {.color = 6, .depth = 16}));
  }
  SECTION("WebP") {
    check_decoding(pictures::webp(pictures::noise(1000, 700, 3)));
  }
  SECTION("HEIC") {
    decode(pictures::heif("pattern.heic"), kLongRows, pictures::kModules);  // loads the module
    check_decoding(pictures::heif("person01-2.heic"));
  }
  SECTION("AVIF") {
    decode(pictures::heif("pattern.avif"), kLongRows, pictures::kModules);
    check_decoding(pictures::heif("person01-2.avif"));
  }
  SECTION("JPEG") {
    check_decoding(pictures::jpeg(pictures::smooth(1000, 700, 3), pictures::JpegKind::kProgressive));
  }
}

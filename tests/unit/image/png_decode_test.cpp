// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "catch.hpp"
#include "facesearch/core/error.hpp"
#include "image/pictures.hpp"

using facesearch::decode;
using facesearch::Image;
using pictures::Bytes;
using pictures::kSmall;
using pictures::png;
using pictures::PngOptions;

namespace {

constexpr int kGrey = 0;
constexpr int kRgb = 2;
constexpr int kPalette = 3;
constexpr int kGreyAlpha = 4;
constexpr int kRgba = 6;
constexpr int kWidth = 13;
constexpr int kHeight = 9;

int channels_of(int color) {
  switch (color) {
    case kRgb:
      return 3;
    case kGreyAlpha:
      return 2;
    case kRgba:
      return 4;
    default:
      return 1;
  }
}

// Rows packed as PNG packs them, of seeded bits.
Bytes rows_of(int color, int depth) {
  const int bits = channels_of(color) * depth;
  return pictures::noise((kWidth * bits + 7) / 8, kHeight, 1, static_cast<unsigned>(color * 100 + depth))
      .values;
}

// One sample of packed rows, as it is stored.
unsigned sample(const Bytes& rows, int color, int depth, int x, int y, int channel) {
  const int channels = channels_of(color);
  const int stride = (kWidth * channels * depth + 7) / 8;
  unsigned value = 0;
  for (int bit = 0; bit < depth; ++bit) {
    const int place = (x * channels + channel) * depth + bit;
    const int index = y * stride + place / 8;
    const unsigned byte = rows.at(static_cast<std::size_t>(index));
    value = value << 1U | (byte >> static_cast<unsigned>(7 - place % 8) & 1U);
  }
  return value;
}

// One pixel as numbers from 0 to 1, composed onto white.
std::array<double, 3> reference(const Bytes& rows, const PngOptions& options, int x, int y) {
  const auto raw = [&](int channel) { return sample(rows, options.color, options.depth, x, y, channel); };
  const double full = (1U << static_cast<unsigned>(options.depth)) - 1;
  std::array<double, 3> rgb{};
  double alpha = 1;
  if (options.color == kPalette) {
    const std::size_t index = raw(0);
    for (std::size_t i = 0; i < 3; ++i) {
      rgb.at(i) = options.palette.at(3 * index + i) / 255.0;
    }
    alpha = index < options.alphas.size() ? options.alphas.at(index) / 255.0 : 1;
  } else {
    const bool color = (options.color & 2) != 0;
    bool hidden = !options.hidden.empty();
    for (int i = 0; i < 3; ++i) {
      const unsigned value = raw(color ? i : 0);
      rgb.at(static_cast<std::size_t>(i)) = value / full;
      hidden = hidden && value == options.hidden.at(color ? static_cast<std::size_t>(i) : 0);
    }
    alpha = hidden ? 0 : (options.color & 4) != 0 ? raw(color ? 3 : 1) / full : 1;
  }
  for (double& value : rgb) {
    value = value * alpha + 1 - alpha;
  }
  return rgb;
}

void check_decoded(const Bytes& rows, PngOptions options) {
  for (const bool interlaced : {false, true}) {
    options.interlaced = interlaced;
    const Image image = decode(png(kWidth, kHeight, rows, options), kSmall, {});
    REQUIRE(image.width == kWidth);
    REQUIRE(image.height == kHeight);
    double worst = 0;
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const std::array<double, 3> expected = reference(rows, options, x, y);
        for (std::size_t i = 0; i < 3; ++i) {
          worst = std::max(worst, std::abs(expected.at(i) * 255 - image.at(x, y)[i]));
        }
      }
    }
    CAPTURE(options.color, options.depth, interlaced);
    // Correct rounding; of 16 bits, colour and alpha are rounded to 8 first, and their product once more.
    CHECK(worst <= (options.depth == 16 ? 1.5 : 0.5 + 1e-9));
  }
}

}  // namespace

TEST_CASE("PNG of every colour type and depth is decoded, plain and interlaced") {
  for (const int color : {kGrey, kRgb, kGreyAlpha, kRgba}) {
    for (const int depth : {1, 2, 4, 8, 16}) {
      if (depth >= 8 || color == kGrey) {
        check_decoded(rows_of(color, depth), {.color = color, .depth = depth});
      }
    }
  }
}

TEST_CASE("PNG palettes are looked up and composed onto white") {
  for (const int depth : {1, 2, 4, 8}) {
    const Bytes palette = pictures::noise(1 << depth, 1, 3).values;
    const Bytes rows = rows_of(kPalette, depth);
    check_decoded(rows, {.color = kPalette, .depth = depth, .palette = palette});
    const Bytes alphas = pictures::noise((1 << depth) / 2 + 1, 1, 1, 7).values;
    check_decoded(rows, {.color = kPalette, .depth = depth, .palette = palette, .alphas = alphas});
  }
}

TEST_CASE("PNG's transparent colour becomes white") {
  for (const int color : {kGrey, kRgb}) {
    for (const int depth : {1, 2, 4, 8, 16}) {
      if (depth < 8 && color != kGrey) {
        continue;
      }
      const Bytes rows = rows_of(color, depth);
      std::vector<std::uint16_t> hidden;
      hidden.reserve(3);
      for (int i = 0; i < channels_of(color); ++i) {
        hidden.push_back(static_cast<std::uint16_t>(sample(rows, color, depth, 3, 2, i)));
      }
      const PngOptions options{.color = color, .depth = depth, .hidden = hidden};
      check_decoded(rows, options);
      const Image image = decode(png(kWidth, kHeight, rows, options), kSmall, {});
      CHECK(std::all_of(image.at(3, 2), image.at(3, 2) + 3, [](std::uint8_t v) { return v == 255; }));
    }
  }
}

TEST_CASE("PNG's orientation is read behind the pixels too") {
  const Bytes rows = rows_of(kRgb, 8);
  const Bytes plain = png(kWidth, kHeight, rows);
  const Bytes tagged = png(kWidth, kHeight, rows, {.exif = pictures::exif(8, false)});
  const Bytes name = {'e', 'X', 'I', 'f'};
  const auto chunk = std::search(tagged.begin(), tagged.end(), name.begin(), name.end()) - 4;
  const Bytes exif(chunk, chunk + 12 + chunk[3]);
  Bytes moved = plain;
  moved.insert(moved.end() - 12, exif.begin(), exif.end());
  CHECK(decode(moved, kSmall, {}).pixels == decode(tagged, kSmall, {}).pixels);
  CHECK(decode(moved, kSmall, {}).width == kHeight);
  Bytes twice = moved;
  twice.insert(twice.end() - 12, exif.begin(), exif.end());
  CHECK(decode(twice, kSmall, {}).width == kHeight);
  const Bytes huge = {0x7F, 0xFF, 0xFF, 0xFF, 'e', 'X', 'I', 'f', 'I', 'I', 42, 0};
  Bytes behind = plain;
  behind.insert(behind.end(), exif.begin(), exif.end());
  CHECK(decode(behind, kSmall, {}).width == kWidth);
  // What a chunk claims to have is not allocated.
  Bytes claim = plain;
  claim.insert(claim.end(), huge.begin(), huge.end());
  CHECK(decode(claim, kSmall, {}).width == kWidth);
  Bytes early = plain;
  early.insert(early.begin() + 33, huge.begin(), huge.end());
  CHECK_THROWS_AS(decode(early, kSmall, {}), facesearch::Error);
}

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "facesearch/image/decode.hpp"

/// Pictures for the tests, written by the formats' own encoders, and slow obvious references.
namespace pictures {

using Bytes = std::vector<std::uint8_t>;

/// Samples in rows without padding; `channels` of them a pixel.
struct Samples {
  int width = 0;
  int height = 0;
  int channels = 3;
  Bytes values;
};

/// Seeded samples that hold no two equal neighbours for long; `smooth` ones survive JPEG.
Samples noise(int width, int height, int channels, unsigned seed = 1);
Samples smooth(int width, int height, int channels);

/// EXIF data (from the TIFF header on) that holds the orientation and another tag before it. `type`:
/// TIFF's type of the orientation.
Bytes exif(int orientation, bool little_endian, unsigned type = 3);

/// The picture as EXIF's table says: which side of the scene the stored row 0 and column 0 are.
facesearch::Image oriented_reference(const facesearch::Image& stored, int orientation);

enum class JpegKind : std::uint8_t {
  kYcc420,
  kYcc444,
  kRgb,
  kGrey,
  kCmyk,
  kPlainCmyk,
  kYcck,
  kProgressive,
  kGreyProgressive,
  kScans
};
Bytes jpeg(const Samples& samples, JpegKind kind, const Bytes& exif = {});

/// `samples` as libpng takes them (packed below 8 bits, big-endian at 16); `alphas` is the palette's tRNS,
/// `hidden` the grey or RGB sample of tRNS.
struct PngOptions {
  int color = 2;
  int depth = 8;
  bool interlaced = false;
  Bytes palette{};
  Bytes alphas{};
  std::vector<std::uint16_t> hidden{};
  Bytes exif{};
};
Bytes png(int width, int height, const Bytes& rows, const PngOptions& options = {});

/// Lossless for 3 or 4 channels; `lossy` at quality 95. With EXIF data it is an extended file.
Bytes webp(const Samples& samples, bool lossy = false, const Bytes& exif = {});
/// Two frames on a canvas, the first at (x, y), both even.
Bytes webp_animation(int canvas_width, int canvas_height, const Samples& first, int x, int y,
                     const Samples& second);

/// No limit that a small picture meets.
inline constexpr facesearch::ImageLimits kSmall{1U << 20U, 1U << 20U, 4096};

}  // namespace pictures

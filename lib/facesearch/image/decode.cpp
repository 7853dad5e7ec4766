// SPDX-License-Identifier: MIT
#include "facesearch/image/decode.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/image/exif.hpp"
#include "facesearch/image/formats.hpp"

namespace facesearch {
namespace {

std::string grouped(std::uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) {
    digits.insert(i - 3, 1, ',');
  }
  return digits;
}

template <std::size_t N>
bool holds(std::span<const std::uint8_t> bytes, std::size_t offset,
           const std::array<std::uint8_t, N>& magic) {
  return bytes.size() >= offset + N &&
         std::equal(magic.begin(), magic.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

StoredPicture decode_stored(ImageFormat format, std::span<const std::uint8_t> bytes,
                            const ImageLimits& limits) {
  switch (format) {
    case ImageFormat::kJpeg:
      return decode_jpeg(bytes, limits);
    case ImageFormat::kPng:
      return decode_png(bytes, limits);
    default:
      return decode_webp(bytes, limits);
  }
}

}  // namespace

std::optional<ImageFormat> format_of(std::span<const std::uint8_t> bytes) noexcept {
  constexpr std::array<std::uint8_t, 3> kJpegMagic = {0xFF, 0xD8, 0xFF};
  constexpr std::array<std::uint8_t, 8> kPngMagic = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  constexpr std::array<std::uint8_t, 4> kRiffMagic = {'R', 'I', 'F', 'F'};
  constexpr std::array<std::uint8_t, 4> kWebpMagic = {'W', 'E', 'B', 'P'};
  if (holds(bytes, 0, kJpegMagic)) {
    return ImageFormat::kJpeg;
  }
  if (holds(bytes, 0, kPngMagic)) {
    return ImageFormat::kPng;
  }
  if (holds(bytes, 0, kRiffMagic) && holds(bytes, 8, kWebpMagic)) {
    return ImageFormat::kWebp;
  }
  return std::nullopt;
}

Image decode(std::span<const std::uint8_t> bytes, const ImageLimits& limits) {
  if (bytes.empty()) {
    throw Error(Cause::kImageUnsupported, "IMAGE_EMPTY", "the picture has no bytes");
  }
  if (bytes.size() > limits.max_bytes) {
    throw Error(Cause::kImageTooLarge, "IMAGE_TOO_MANY_BYTES",
                fmt::format("the picture has {} bytes, the limit is {}", grouped(bytes.size()),
                            grouped(limits.max_bytes)));
  }
  const std::optional<ImageFormat> format = format_of(bytes);
  if (!format) {
    throw Error(Cause::kImageUnsupported, "IMAGE_FORMAT_UNKNOWN",
                "the first bytes are not those of a JPEG, PNG or WebP picture");
  }
  StoredPicture stored = decode_stored(*format, bytes, limits);
  return upright(std::move(stored.image), stored.orientation);
}

void check_sides(std::uint64_t width, std::uint64_t height, const ImageLimits& limits) {
  const std::uint64_t longest = std::max(width, height);
  if (longest > limits.max_side) {
    throw Error(Cause::kImageTooLarge, "IMAGE_SIDE_TOO_LONG",
                fmt::format("the picture is {} by {} pixels, the limit of a side is {}", grouped(width),
                            grouped(height), grouped(limits.max_side)));
  }
  if (width * height > limits.max_pixels) {
    throw Error(Cause::kImageTooLarge, "IMAGE_TOO_MANY_PIXELS",
                fmt::format("the picture has {} pixels ({} by {}), the limit is {}", grouped(width * height),
                            grouped(width), grouped(height), grouped(limits.max_pixels)));
  }
}

void throw_undecodable(const char* format, const std::string& why) {
  throw Error(Cause::kImageUnsupported, "IMAGE_UNDECODABLE",
              fmt::format("the {} picture cannot be decoded: {}", format, why));
}

Image white_image(std::uint32_t width, std::uint32_t height) {
  const std::size_t size = std::size_t{3} * width * height;
  return {static_cast<int>(width), static_cast<int>(height), std::vector<std::uint8_t>(size, 0xFF)};
}

void compose_on_white(const std::uint8_t* rgba, std::size_t count, std::uint8_t* rgb) noexcept {
  for (std::size_t pixel = 0; pixel < count; ++pixel, rgba += 4, rgb += 3) {
    const unsigned alpha = rgba[3];
    for (std::size_t i = 0; i < 3; ++i) {
      rgb[i] = static_cast<std::uint8_t>((rgba[i] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
}

}  // namespace facesearch

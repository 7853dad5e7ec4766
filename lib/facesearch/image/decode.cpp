// SPDX-License-Identifier: MIT
// Decodes a picture: limits, format by its first bytes, the format's decoder, EXIF orientation. What the
// decoders share (formats.hpp) is here, too.
#include "facesearch/image/decode.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"
#include "facesearch/image/exif.hpp"
#include "facesearch/image/formats.hpp"
#include "facesearch/image/heif_module.hpp"
#include "facesearch/image/other_formats.hpp"

namespace facesearch {
namespace {

std::string grouped(std::uint64_t value) {
  std::string digits = fmt::format("{}", value);
  for (std::size_t i = digits.size(); i > 3; i -= 3) {
    digits.insert(i - 3, 1, ',');
  }
  return digits;
}

using Bytes = std::span<const std::uint8_t>;

struct Work {
  const ImageLimits& limits;
  const std::filesystem::path& modules;
  Large large = Large::kRefuse;
};

struct Format {
  std::string_view name;
  std::array<std::string_view, 4> extensions;  // in lower case; the last ones may be empty
  bool (*begins)(Bytes file);
  StoredPicture (*decode)(Bytes file, const Work& work);
};

// A decoder that is part of the program.
template <StoredPicture (*Decode)(Bytes file, const ImageLimits& limits)>
StoredPicture built_in(Bytes file, const Work& work) {
  return Decode(file, work.limits);
}

StoredPicture by_module(Bytes file, const Work& work) {
  return decode_heif(file, work.limits, work.modules);
}

// The table of formats: a new one is a file with its decoder and a row here.
constexpr std::array kFormats{
    Format{"JPEG",
           {".jpg", ".jpeg", ".jpe", ".jfif"},
           [](Bytes file) { return holds(file, 0, "\xFF\xD8\xFF"); },
           [](Bytes file, const Work& work) { return decode_jpeg(file, work.limits, work.large); }},
    Format{"PNG",
           {".png"},
           [](Bytes file) { return holds(file, 0, "\x89PNG\r\n\x1A\n"); },
           built_in<decode_png>},
    Format{"WebP",
           {".webp"},
           [](Bytes file) { return holds(file, 0, "RIFF") && holds(file, 8, "WEBP"); },
           built_in<decode_webp>},
    Format{"HEIC",
           {".heic", ".heif", ".hif"},
           [](Bytes file) { return heif_format(file) == "HEIC"; },
           by_module},
    Format{"AVIF", {".avif"}, [](Bytes file) { return heif_format(file) == "AVIF"; }, by_module},
};

const Format* find_format(Bytes file) {
  const auto* found =
      std::ranges::find_if(kFormats, [=](const Format& format) { return format.begins(file); });
  return found == kFormats.end() ? nullptr : found;
}

std::string why_unknown(Bytes file) {
  const std::string_view other = other_format(file);
  if (other.empty()) return fmt::format("the first bytes match no supported format ({})", format_names());
  return fmt::format("it is {}; supported are {}", other, format_names());
}

StoredPicture decode_stored(Bytes bytes, const Work& work) {
  if (bytes.empty()) {
    throw Error(Cause::kImageUnsupported, "IMAGE_EMPTY", "the picture has no bytes");
  }
  if (bytes.size() > work.limits.max_bytes) {
    throw Error(Cause::kImageTooLarge, "IMAGE_TOO_MANY_BYTES",
                fmt::format("the picture has {} bytes, the limit is {}", grouped(bytes.size()),
                            grouped(work.limits.max_bytes)));
  }
  const Format* format = find_format(bytes);
  if (format == nullptr) {
    throw Error(Cause::kImageUnsupported, "IMAGE_FORMAT_UNKNOWN", why_unknown(bytes));
  }
  return format->decode(bytes, work);
}

void append(std::string& list, std::string_view item) {
  if (!list.empty() && !item.empty()) list += ", ";
  list += item;
}

}  // namespace

std::string_view format_of(std::span<const std::uint8_t> bytes) {
  const Format* format = find_format(bytes);
  return format == nullptr ? "" : format->name;
}

std::string format_names() {
  std::string names;
  for (const Format& format : kFormats) append(names, format.name);
  return names;
}

std::string picture_extensions() {
  std::string list;
  for (const Format& format : kFormats) {
    for (const std::string_view extension : format.extensions) append(list, extension);
  }
  return list;
}

bool is_picture_extension(std::string_view extension) {
  std::string lower(extension);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return !lower.empty() && std::ranges::any_of(kFormats, [&](const Format& format) {
    return std::ranges::find(format.extensions, lower) != format.extensions.end();
  });
}

Image decode(std::span<const std::uint8_t> bytes, const ImageLimits& limits,
             const std::filesystem::path& modules) {
  StoredPicture stored = decode_stored(bytes, {limits, modules});
  return upright(std::move(stored.image), stored.orientation);
}

Picture decode_reduced(std::span<const std::uint8_t> bytes, const ImageLimits& limits,
                       const std::filesystem::path& modules) {
  constexpr ImageLimits kMost{};
  const Large large = limits.max_pixels >= kMost.max_pixels ? Large::kReduce : Large::kRefuse;
  StoredPicture stored = decode_stored(bytes, {limits, modules, large});
  Reduction reduction = stored.reduction;
  if (reduction.width == 0) reduction = {stored.image.width, stored.image.height};
  constexpr int kFirstSideways = 5;  // of EXIF's orientations
  if (stored.orientation >= kFirstSideways) std::swap(reduction.width, reduction.height);
  return {upright(std::move(stored.image), stored.orientation), reduction};
}

void check_longest(std::uint64_t width, std::uint64_t height, const ImageLimits& limits) {
  if (std::max(width, height) <= limits.max_side) return;
  throw Error(Cause::kImageTooLarge, "IMAGE_SIDE_TOO_LONG",
              fmt::format("the picture is {} by {} pixels, the limit of a side is {}", grouped(width),
                          grouped(height), grouped(limits.max_side)));
}

void check_sides(std::uint64_t width, std::uint64_t height, const ImageLimits& limits, std::string_view why) {
  check_longest(width, height, limits);
  if (width * height <= limits.max_pixels) return;
  throw Error(Cause::kImageTooLarge, "IMAGE_TOO_MANY_PIXELS",
              fmt::format("the picture has {} pixels ({} by {}), the limit is {}{}", grouped(width * height),
                          grouped(width), grouped(height), grouped(limits.max_pixels), why));
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

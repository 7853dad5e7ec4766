// SPDX-License-Identifier: MIT
// What a file may be that is no picture for us, to name it: a user knows best what to do with a name.
#include "facesearch/image/other_formats.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace facesearch {
namespace {

struct OtherFormat {
  std::size_t offset;
  std::string_view magic;
  std::string_view name;
};

// The first row that fits counts. ISO media files name their brand after "ftyp"; those of other brands, and
// QuickTime's without one, are videos.
constexpr std::array kOtherFormats{
    OtherFormat{4, "ftypcrx ", "a Canon raw picture (CR3)"},
    OtherFormat{4, "ftypjxl ", "a JPEG XL picture"},
    OtherFormat{4, "ftypjp2 ", "a JPEG 2000 picture"},
    OtherFormat{4, "ftyp", "a video"},
    OtherFormat{4, "moov", "a video"},
    OtherFormat{4, "mdat", "a video"},
    OtherFormat{4, "wide", "a video"},
    OtherFormat{0, "\x1A\x45\xDF\xA3", "a video"},
    OtherFormat{0, "GIF8", "a GIF picture"},
    OtherFormat{0, "BM", "a BMP picture"},
    OtherFormat{8, {"CR\x02\0", 4}, "a Canon raw picture (CR2)"},
    OtherFormat{0, {"II*\0", 4}, "a TIFF or raw picture"},
    OtherFormat{0, {"MM\0*", 4}, "a TIFF or raw picture"},
    OtherFormat{0, {"II+\0", 4}, "a BigTIFF picture"},
    OtherFormat{0, {"MM\0+", 4}, "a BigTIFF picture"},
    OtherFormat{0, "IIRO", "a raw picture (ORF)"},
    OtherFormat{0, "IIRS", "a raw picture (ORF)"},
    OtherFormat{0, {"IIU\0", 4}, "a raw picture (RW2)"},
    OtherFormat{0, "FUJIFILMCCD-RAW", "a raw picture (RAF)"},
    OtherFormat{0, {"\0\0\x01\0", 4}, "an icon (ICO)"},
    OtherFormat{0, "\xFF\x0A", "a JPEG XL picture"},
    OtherFormat{4, "JXL ", "a JPEG XL picture"},
    OtherFormat{4, "jP  ", "a JPEG 2000 picture"},
    OtherFormat{0, "\xFF\x4F\xFF\x51", "a JPEG 2000 picture"},
    OtherFormat{0, "8BPS", "a Photoshop document"},
    OtherFormat{0, "%PDF", "a PDF document"},
    OtherFormat{0, "PK\x03\x04", "a ZIP archive"},
    OtherFormat{0, "<svg", "an SVG picture"},
    OtherFormat{0, "<!DOCTYPE html", "a web page"},
    OtherFormat{0, "<html", "a web page"},
    OtherFormat{0, "version https://git-lfs",
                "a Git LFS pointer; fetch the picture itself with git lfs pull"},
};

// A DNG is a TIFF file that has the tag DNGVersion in its first directory.
bool is_dng(std::span<const std::uint8_t> file) {
  constexpr std::uint64_t kVersionTag = 0xC612;
  constexpr std::size_t kTagBytes = 12;
  const bool little = holds(file, 0, {"II*\0", 4});
  if (!little && !holds(file, 0, {"MM\0*", 4})) return false;
  const auto number = [&](std::uint64_t offset, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size && offset + size <= file.size(); ++i) {
      value = value << 8U | file[offset + (little ? size - 1 - i : i)];
    }
    return value;
  };
  const std::uint64_t directory = number(4, 4);
  const std::uint64_t entries = number(directory, 2);
  for (std::uint64_t i = 0; i < entries; ++i) {
    if (number(directory + 2 + i * kTagBytes, 2) == kVersionTag) return true;
  }
  return false;
}

}  // namespace

bool holds(std::span<const std::uint8_t> file, std::size_t offset, std::string_view bytes) {
  return file.size() >= offset + bytes.size() &&
         std::equal(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char want, std::uint8_t have) { return static_cast<std::uint8_t>(want) == have; });
}

std::string_view other_format(std::span<const std::uint8_t> file) {
  if (is_dng(file)) return "a raw picture (DNG)";
  const auto* other = std::ranges::find_if(
      kOtherFormats, [=](const OtherFormat& format) { return holds(file, format.offset, format.magic); });
  return other == kOtherFormats.end() ? "" : other->name;
}

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#include "facesearch/image/exif.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace facesearch {
namespace {

constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::size_t kEntryBytes = 12;

// Bytes of TIFF's integer types; 0 for any other. Orientation is a SHORT, but some programs write it as
// another.
std::size_t bytes_of_type(std::uint32_t type) noexcept {
  switch (type) {
    case 1:  // BYTE
    case 6:  // SBYTE
      return 1;
    case 3:  // SHORT
    case 8:  // SSHORT
      return 2;
    case 4:  // LONG
    case 9:  // SLONG
      return 4;
    default:
      return 0;
  }
}

/// Numbers in the byte order of a TIFF header; every read is inside the data or 0.
struct Tiff {
  std::span<const std::uint8_t> bytes;
  bool little = false;

  std::uint32_t number(std::size_t offset, std::size_t size) const noexcept {
    if (offset > bytes.size() || size > bytes.size() - offset) {
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8U | bytes[offset + (little ? size - 1 - i : i)];
    }
    return value;
  }
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> exif) noexcept {
  constexpr std::array<std::uint8_t, 6> kPrefix = {'E', 'x', 'i', 'f', 0, 0};
  if (exif.size() >= kPrefix.size() && std::equal(kPrefix.begin(), kPrefix.end(), exif.begin())) {
    exif = exif.subspan(kPrefix.size());
  }
  if (exif.size() < 8 || exif[0] != exif[1] || (exif[0] != 'I' && exif[0] != 'M')) {
    return 1;
  }
  const Tiff tiff{exif, exif[0] == 'I'};
  if (tiff.number(2, 2) != 42) {
    return 1;
  }
  const std::size_t directory = tiff.number(4, 4);
  const std::uint32_t entries = tiff.number(directory, 2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    if (tiff.number(entry, 2) == kOrientationTag) {
      const std::uint32_t value = tiff.number(entry + 8, bytes_of_type(tiff.number(entry + 2, 2)));
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
  }
  return 1;
}

Image upright(Image stored, int orientation) {
  struct Way {
    int quarter_turns;
    bool mirrored;
  };
  constexpr std::array<Way, 8> kWays = {
      {{0, false}, {0, true}, {2, false}, {2, true}, {1, true}, {1, false}, {3, true}, {3, false}}};
  const Way way = kWays.at(static_cast<std::size_t>(orientation - 1));
  if (way.quarter_turns != 0) {
    stored = turned(stored, way.quarter_turns);
  }
  if (way.mirrored) {
    stored = mirrored(std::move(stored));
  }
  return stored;
}

}  // namespace facesearch

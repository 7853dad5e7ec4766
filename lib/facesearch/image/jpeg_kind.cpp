// SPDX-License-Identifier: MIT
// Says which kind of JPEG a file is, by the marker with which its frame begins (ITU-T T.81, table B.1) and
// the bits of a sample behind it. Walks over the segments before it.
#include "facesearch/image/jpeg_kind.hpp"

#include <cstddef>
#include <string>

#include <fmt/format.h>

#include "facesearch/core/error.hpp"

namespace facesearch {
namespace {

constexpr unsigned kFill = 0xFF;

bool has_no_segment(unsigned marker) {
  return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
}

// Start of frame: C0 to CF without those of tables, and JPEG-LS's.
bool is_frame(unsigned marker) {
  return (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) ||
         marker == 0xF7;
}

// Empty for a kind that is decoded.
std::string other_kind(unsigned marker, unsigned bits) {
  switch (marker) {
    case 0xC0:
    case 0xC1:
    case 0xC2:
      return bits == 8 ? "" : fmt::format("a {}-bit JPEG", bits);
    case 0xC3:
      return "a lossless JPEG";
    case 0xC9:
    case 0xCA:
    case 0xCB:
      return "a JPEG with arithmetic coding";
    case 0xF7:
      return "a JPEG-LS picture";
    default:
      return "a hierarchical JPEG";
  }
}

}  // namespace

void require_known_jpeg(std::span<const std::uint8_t> file) {
  std::size_t at = 2;
  while (at + 1 < file.size()) {
    if (file[at] != kFill || file[at + 1] == kFill) {  // what is between segments libjpeg passes over as well
      ++at;
      continue;
    }
    const unsigned marker = file[at + 1];
    at += 2;
    if (marker == 0 || has_no_segment(marker)) continue;
    if (marker == 0xD9 || marker == 0xDA || at + 3 > file.size()) return;
    if (is_frame(marker)) {
      const std::string kind = other_kind(marker, file[at + 2]);
      if (kind.empty()) return;
      throw Error(
          Cause::kImageUnsupported, "IMAGE_FORMAT_UNKNOWN",
          fmt::format("it is {}; supported are 8-bit baseline and progressive ones; save it as such a "
                      "one, or as PNG",
                      kind));
    }
    at += std::size_t{file[at]} << 8U | file[at + 1];
  }
}

}  // namespace facesearch

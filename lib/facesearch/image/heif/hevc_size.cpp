// SPDX-License-Identifier: MIT
// Reads how much the HEVC data of a HEIF file claims to hold: libde265 allocates by that, whatever the file's
// boxes say. Any of the sequence parameter sets may be the one that a picture names, so the largest counts
// (ITU-T H.265, 7.3.2.2). A still picture is one picture that refers to no other; each one more is decoded as
// well. For each reference that is missing libde265 makes a grey picture, of no more than the set says that
// are kept.
#include <algorithm>
#include <vector>

#include "facesearch/image/heif/bits.hpp"
#include "facesearch/image/heif/coded_size.hpp"

namespace facesearch {
namespace {

using Bytes = std::span<const std::uint8_t>;

// HEVC puts a 3 after two zeros, so that no start code comes up in the data.
std::vector<std::uint8_t> without_escapes(Bytes unit) {
  constexpr std::size_t kMost = 4096;  // the sides come within the first hundred bytes
  std::vector<std::uint8_t> plain;
  std::size_t zeros = 0;
  for (const std::uint8_t byte : unit.first(std::min(unit.size(), kMost))) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    plain.push_back(byte);
  }
  return plain;
}

void skip_profile_and_level(Bits& bits, std::size_t sub_layers) {
  constexpr std::size_t kProfile = 88;
  constexpr std::size_t kLevel = 8;
  bits.skip(kProfile + kLevel);
  std::size_t present = 0;
  for (std::size_t i = 0; i < sub_layers; ++i) {
    if (bits.flag()) present += kProfile;
    if (bits.flag()) present += kLevel;
  }
  if (sub_layers > 0) bits.skip(2 * (8 - sub_layers));
  bits.skip(present);
}

struct Sequence {
  CodedSize size;
  std::uint64_t references = 0;  // that a picture may have
};

Sequence sequence(Bytes payload) {
  constexpr std::uint64_t kMostReferences = 16;
  const std::vector<std::uint8_t> plain = without_escapes(payload);
  Bits bits(plain);
  Sequence found;
  bits.skip(4);
  const std::size_t sub_layers = bits.number(3);
  bits.skip(1);
  skip_profile_and_level(bits, sub_layers);
  bits.golomb();
  if (bits.golomb() == 3) bits.skip(1);  // the colour planes apart
  found.size.width = bits.golomb();
  found.size.height = bits.golomb();
  const int more = bits.flag() ? 4 + 3 : 3;  // a crop; the depths and the bits of a picture's number
  for (int i = 0; i < more; ++i) bits.golomb();
  for (std::size_t left = bits.flag() ? sub_layers + 1 : 1; left > 0; --left) {
    found.references = std::max(found.references, std::min(kMostReferences, bits.golomb() + 1));
    bits.golomb();
    bits.golomb();
  }
  return found;
}

}  // namespace

void HevcPixels::add_unit(Bytes unit) {
  constexpr unsigned kLastSlice = 31;
  constexpr unsigned kInstant = 19;  // and the next: pictures that cannot refer to others (IDR)
  constexpr unsigned kSequenceParameterSet = 33;
  constexpr unsigned kPictureParameterSet = 34;
  constexpr std::size_t kHead = 2;
  if (unit.size() <= kHead) return;
  const unsigned type = unit[0] >> 1U & 63U;
  if (type <= kLastSlice) {
    const bool first_of_picture = (unit[kHead] & 128U) != 0;
    if (!first_of_picture) {
      ++more_slices_;
    } else {
      ++pictures_;
      if (type != kInstant && type != kInstant + 1) ++referring_pictures_;
    }
  } else if (type == kSequenceParameterSet) {
    const Sequence found = sequence(unit.subspan(kHead));
    largest_ = std::max(largest_, found.size.pixels());
    references_ = std::max(references_, found.references);
  } else if (type == kPictureParameterSet) {
    ++picture_parameter_sets_;
  }
}

void HevcPixels::add_units(Bytes units, std::size_t length_bytes) {
  while (units.size() > length_bytes) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8U | units[i];
    units = units.subspan(length_bytes);
    length = std::min(length, units.size());
    add_unit(units.first(length));
    units = units.subspan(length);
  }
}

std::uint64_t HevcPixels::total() const {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
  constexpr std::uint64_t kSetsAsOnePicture = 8;  // each has tables of the picture's blocks
  constexpr std::uint64_t kGreyAsOnePicture = 4;
  constexpr std::uint64_t kPixelsForSlice = 4096;
  const std::uint64_t as_pictures = std::max(std::uint64_t{1}, pictures_) +
                                    referring_pictures_ * (references_ / kGreyAsOnePicture) +
                                    picture_parameter_sets_ / kSetsAsOnePicture;
  if (largest_ > kMost / as_pictures) return kMost;
  return largest_ * as_pictures + more_slices_ * kPixelsForSlice;
}

}  // namespace facesearch

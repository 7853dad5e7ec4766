// SPDX-License-Identifier: MIT
// Reads how large a picture the coded data of a HEIF file claims to be. The codecs allocate by that, whatever
// the file's boxes say. Reads the sequence parameter set of HEVC (ITU-T H.265, 7.3.2.2) and the sequence
// header of AV1 (5.5) up to the sides. Bits beyond the data read as 0: what is cut off the codecs refuse.
#include "facesearch/image/heif/coded_size.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace facesearch {
namespace {

using Bytes = std::span<const std::uint8_t>;

class Bits {
 public:
  explicit Bits(Bytes bytes) : bytes_(bytes) {}

  bool flag() { return number(1) != 0; }

  std::uint64_t number(std::size_t count) {
    std::uint64_t value = 0;
    for (; count > 0; --count, ++at_) {
      const std::size_t byte = at_ / 8;
      const unsigned bit = byte < bytes_.size() ? unsigned{bytes_[byte]} >> (7 - at_ % 8) & 1U : 0U;
      value = value << 1U | bit;
    }
    return value;
  }

  void skip(std::size_t count) { at_ += count; }

  // Of a variable length: n zeros, a one, n bits (Exp-Golomb).
  std::uint64_t golomb() {
    std::size_t zeros = 0;
    while (zeros < 32 && !flag()) ++zeros;
    return (std::uint64_t{1} << zeros) - 1 + number(zeros);
  }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

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

// The operating points of a sequence header, after the flag of timing information.
void skip_operating_points(Bits& bits) {
  std::optional<std::size_t> delay_bits;
  if (bits.flag()) {  // timing information
    bits.skip(64);
    if (bits.flag()) bits.golomb();
    if (bits.flag()) {  // a decoder model
      delay_bits = bits.number(5) + 1;
      bits.skip(32 + 5 + 5);
    }
  }
  const bool display_delay = bits.flag();
  const std::uint64_t points = bits.number(5) + 1;
  for (std::uint64_t i = 0; i < points; ++i) {
    constexpr std::uint64_t kLastLevelWithoutTier = 7;
    bits.skip(12);
    if (bits.number(5) > kLastLevelWithoutTier) bits.skip(1);
    if (delay_bits && bits.flag()) bits.skip(2 * *delay_bits + 1);
    if (display_delay && bits.flag()) bits.skip(4);
  }
}

CodedSize size_of_sequence_header(Bytes payload) {
  Bits bits(payload);
  bits.skip(3 + 1);  // profile, still picture
  if (bits.flag()) {
    bits.skip(5);  // the level, of a header for still pictures
  } else {
    skip_operating_points(bits);
  }
  const std::size_t width_bits = bits.number(4) + 1;
  const std::size_t height_bits = bits.number(4) + 1;
  // A frame may have any size that fits in these bits; dav1d compares it with no maximum.
  CodedSize size;
  size.width = bits.number(width_bits) + 1;
  size.height = bits.number(height_bits) + 1;
  return size;
}

}  // namespace

CodedSize size_of_hevc_unit(Bytes unit) {
  constexpr unsigned kParameterSet = 33;
  if (unit.size() < 2 || (unit[0] >> 1U & 63U) != kParameterSet) return {};
  const std::vector<std::uint8_t> plain = without_escapes(unit.subspan(2));
  Bits bits(plain);
  bits.skip(4);
  const std::size_t sub_layers = bits.number(3);
  bits.skip(1);
  skip_profile_and_level(bits, sub_layers);
  bits.golomb();
  if (bits.golomb() == 3) bits.skip(1);  // the colour planes apart
  CodedSize size;
  size.width = bits.golomb();
  size.height = bits.golomb();
  return size;
}

CodedSize size_of_hevc(Bytes units, std::size_t length_bytes) {
  CodedSize largest;
  while (units.size() > length_bytes) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8U | units[i];
    units = units.subspan(length_bytes);
    length = std::min(length, units.size());
    largest = larger_of(largest, size_of_hevc_unit(units.first(length)));
    units = units.subspan(length);
  }
  return largest;
}

CodedSize size_of_av1(Bytes units) {
  constexpr unsigned kSequenceHeader = 1;
  CodedSize largest;
  while (!units.empty()) {
    const unsigned head = units[0];
    const bool extended = (head & 4U) != 0;
    const bool sized = (head & 2U) != 0;
    units = units.subspan(std::min<std::size_t>(units.size(), extended ? 2 : 1));
    std::uint64_t length = units.size();
    if (sized) {
      length = 0;
      for (unsigned shift = 0; shift < 56 && !units.empty(); shift += 7) {
        const std::uint8_t byte = units[0];
        units = units.subspan(1);
        length |= std::uint64_t{byte & 127U} << shift;
        if (byte < 128) break;
      }
    }
    const std::size_t size = std::min<std::uint64_t>(length, units.size());
    if ((head >> 3U & 15U) == kSequenceHeader) {
      largest = larger_of(largest, size_of_sequence_header(units.first(size)));
    }
    units = units.subspan(size);
  }
  return largest;
}

}  // namespace facesearch

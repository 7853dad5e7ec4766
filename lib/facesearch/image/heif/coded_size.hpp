// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace facesearch {

/// The sides of a picture, as a file or coded data claims them: 32 bits each at most.
struct CodedSize {
  std::uint64_t width = 0;
  std::uint64_t height = 0;

  std::uint64_t pixels() const { return width * height; }
};

/// The pixels that a codec makes of AV1 data (open bitstream units): those of all its frames, whether they
/// are shown or not, and no less than what a sequence header claims.
std::uint64_t pixels_of_av1(std::span<const std::uint8_t> units);

/// The pixels that a codec makes of HEVC data: units of the network abstraction layer, which are added in the
/// order in which they are decoded.
class HevcPixels {
 public:
  /// One unit, without its length.
  void add_unit(std::span<const std::uint8_t> unit);

  /// Units, each after its length in `length_bytes` bytes.
  void add_units(std::span<const std::uint8_t> units, std::size_t length_bytes);

  /// Of all pictures, each as large as the largest that a parameter set claims, and at least of one. What
  /// else a decoder makes for each unit counts as pixels too.
  std::uint64_t total() const;

 private:
  std::uint64_t largest_ = 0;
  std::uint64_t references_ = 0;  // of a picture
  std::uint64_t pictures_ = 0;
  std::uint64_t referring_pictures_ = 0;  // those among them that may have references
  std::uint64_t more_slices_ = 0;         // after the first of each picture
  std::uint64_t picture_parameter_sets_ = 0;
};

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace facesearch {

/// The largest picture that coded data claims; 0 × 0 where it claims none.
struct CodedSize {
  std::uint64_t width = 0;
  std::uint64_t height = 0;

  std::uint64_t pixels() const { return width * height; }
};

/// From the sequence parameter sets of HEVC data: units of the network abstraction layer, each after its
/// length in `length_bytes` bytes.
CodedSize size_of_hevc(std::span<const std::uint8_t> units, std::size_t length_bytes);

/// From one unit, without its length.
CodedSize size_of_hevc_unit(std::span<const std::uint8_t> unit);

/// From the sequence headers of AV1 data: open bitstream units.
CodedSize size_of_av1(std::span<const std::uint8_t> units);

/// The larger of both, by pixels.
inline CodedSize larger_of(const CodedSize& a, const CodedSize& b) {
  return a.pixels() >= b.pixels() ? a : b;
}

}  // namespace facesearch

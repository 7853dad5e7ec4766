// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace facesearch {

/// The bits of coded data, from front to back. Those beyond its end read as 0: what is cut off the codecs
/// refuse.
class Bits {
 public:
  explicit Bits(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

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

  /// Of a variable length: n zeros, a one, n bits (Exp-Golomb). 32 zeros are a number of their own, below
  /// 2 to the 32nd.
  std::uint64_t golomb() {
    std::size_t zeros = 0;
    while (zeros < 32 && !flag()) ++zeros;
    if (zeros == 32) return (std::uint64_t{1} << 32U) - 1;
    return (std::uint64_t{1} << zeros) - 1 + number(zeros);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace facesearch

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>

namespace facesearch::storage {

using Bytes = std::span<const std::uint8_t>;

/// Bytes at an address that is a multiple of 64, so that floats and codes can be used where they lie.
class AlignedBytes {
 public:
  static constexpr std::size_t kAlignment = 64;

  AlignedBytes() = default;
  /// All zero.
  explicit AlignedBytes(std::size_t size) { make_room(size), std::memset(data_.get(), 0, size); }
  explicit AlignedBytes(Bytes bytes) {
    make_room(bytes.size());
    if (!bytes.empty()) std::memcpy(data_.get(), bytes.data(), bytes.size());
  }

  /// Has `size` bytes from here on, whatever is in them.
  std::span<std::uint8_t> make_room(std::size_t size) {
    if (size > capacity_ || !data_) {
      data_.reset(new (std::align_val_t{kAlignment}) std::uint8_t[size > 0 ? size : 1]);
      capacity_ = size;
    }
    size_ = size;
    return span();
  }

  std::span<std::uint8_t> span() { return {data_.get(), size_}; }
  Bytes span() const { return {data_.get(), size_}; }

 private:
  struct Delete {
    void operator()(std::uint8_t* bytes) const { ::operator delete[](bytes, std::align_val_t{kAlignment}); }
  };

  std::unique_ptr<std::uint8_t[], Delete>
      data_;  // NOLINT(*-avoid-c-arrays): an aligned array has no other form
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace facesearch::storage

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>

#include "facesearch/core/secret.hpp"

namespace facesearch::storage {

using Bytes = std::span<const std::uint8_t>;

/// Bytes at an address that is a multiple of 64, so that floats and codes can be used in place. The memory is
/// overwritten when it is freed: it may hold templates that were decrypted. Readers keep a buffer from block
/// to block, so that is paid once a search and not once a block.
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

  /// Has `size` bytes from here on, of any content.
  std::span<std::uint8_t> make_room(std::size_t size) {
    if (size > capacity() || !data_) {
      const std::size_t room = size > 0 ? size : 1;
      data_ = Data(new (std::align_val_t{kAlignment}) std::uint8_t[room], WipeAndFree(room));
    }
    size_ = size;
    return span();
  }

  std::span<std::uint8_t> span() { return {data_.get(), size_}; }
  Bytes span() const { return {data_.get(), size_}; }

 private:
  struct WipeAndFree {
    WipeAndFree() : size(0) {}
    explicit WipeAndFree(std::size_t bytes) : size(bytes) {}

    void operator()(std::uint8_t* bytes) const {
      cleanse(bytes, size);
      ::operator delete[](bytes, std::align_val_t{kAlignment});
    }

    std::size_t size;
  };
  using Data =
      std::unique_ptr<std::uint8_t[], WipeAndFree>;  // NOLINT(*-avoid-c-arrays): no other form is aligned

  std::size_t capacity() const { return data_.get_deleter().size; }

  Data data_;
  std::size_t size_ = 0;
};

}  // namespace facesearch::storage

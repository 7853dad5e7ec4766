// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace facesearch::storage {

/// Overwrites bytes in a way that no compiler leaves out.
void cleanse(void* bytes, std::size_t size) noexcept;

/// Overwrites a text that holds a key or a passphrase, where its block ends. A text that grew has left
/// copies.
class CleanseAtEnd {
 public:
  explicit CleanseAtEnd(std::string& text) noexcept : text_(text) {}
  CleanseAtEnd(const CleanseAtEnd&) = delete;
  CleanseAtEnd& operator=(const CleanseAtEnd&) = delete;
  ~CleanseAtEnd() { cleanse(text_.data(), text_.size()); }

 private:
  std::string& text_;
};

/// A key of 32 bytes. They are overwritten when the object goes and where it is moved from. It is never
/// printed, and copied only by copy().
class Secret {
 public:
  static constexpr std::size_t kSize = 32;

  explicit Secret(std::span<const std::uint8_t, kSize> bytes) noexcept;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { cleanse(bytes_.data(), bytes_.size()); }

  /// A new one from the random generator. Throws Error(kInternal).
  static Secret random();

  Secret copy() const noexcept { return Secret(bytes()); }

  std::span<const std::uint8_t, kSize> bytes() const noexcept { return bytes_; }

  /// Takes the same time wherever they differ.
  bool operator==(const Secret& other) const noexcept;

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace facesearch::storage
